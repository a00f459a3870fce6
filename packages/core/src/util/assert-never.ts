/** Something is of a kind that this version does not know: another one may have made it. */
export class UnknownKindError extends Error {}

/** Ends a switch over a union: a member without its case does not compile. */
export function assertNever(value: never): never {
  throw new UnknownKindError(`Unexpected value: ${JSON.stringify(value)}`)
}
