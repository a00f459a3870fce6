/** `sessions` → `Session`. */
type Singular<Area extends string> = Area extends `${infer One}s` ? Capitalize<One> : Capitalize<Area>

/**
 * What a route is called in its area: its name without the name of the area. `createSession` of `sessions` is `create`,
 * `sessionStats` is `stats`, `listChatMessages` of `chats` is `listMessages`.
 */
export type MethodName<
  Area extends string,
  Name extends string,
> = Name extends `${infer Verb}${Capitalize<Area>}${infer Rest}`
  ? `${Verb}${Rest}`
  : Name extends `${infer Verb}${Singular<Area>}${infer Rest}`
    ? `${Verb}${Rest}`
    : Name extends `${Uncapitalize<Singular<Area>>}${infer Rest}`
      ? Uncapitalize<Rest>
      : Name

/** The same for values. */
export function methodName(area: string, name: string): string {
  const plural = capitalize(area)
  const singular = plural.replace(/s$/, '')
  for (const noun of [plural, singular]) {
    const at = name.indexOf(noun)
    if (at > 0) return name.slice(0, at) + name.slice(at + noun.length)
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
