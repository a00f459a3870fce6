/** `sessions` → `Session`. */
type Singular<Area extends string> = Area extends `${infer One}s` ? Capitalize<One> : Capitalize<Area>

/** Without the noun, where that is a whole word of it: `Queue` is none of `listQueuedMessages`. */
type Without<Name extends string, Noun extends string> = Name extends `${infer Verb}${Noun}${infer Rest}`
  ? Rest extends Capitalize<Rest>
    ? `${Verb}${Rest}`
    : never
  : never

/**
 * What a route is called in its area: its name without the name of the area. `createSession` of `sessions` is `create`,
 * `sessionStats` is `stats`, `listChatMessages` of `chats` is `listMessages`.
 */
export type MethodName<Area extends string, Name extends string> = [Without<Name, Capitalize<Area>>] extends [never]
  ? [Without<Name, Singular<Area>>] extends [never]
    ? Name extends `${Uncapitalize<Singular<Area>>}${infer Rest}`
      ? Uncapitalize<Rest>
      : Name
    : Without<Name, Singular<Area>>
  : Without<Name, Capitalize<Area>>

/** The same for values. */
export function methodName(area: string, name: string): string {
  const plural = capitalize(area)
  const singular = plural.replace(/s$/, '')
  for (const noun of [plural, singular]) {
    const at = name.indexOf(noun)
    const rest = name.slice(at + noun.length)
    if (at > 0 && rest === capitalize(rest)) return name.slice(0, at) + rest
  }
  const prefix = uncapitalize(singular)
  return name.startsWith(prefix) && name !== prefix ? uncapitalize(name.slice(prefix.length)) : name
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function uncapitalize(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
