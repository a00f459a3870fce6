import type { WebVersion } from '../types/web-version.js'

/** As records and people write it: `2.3000.1035194821`. */
export function formatWebVersion(version: WebVersion): string {
  return version.join('.')
}

/** `undefined` for what is none. */
export function parseWebVersion(text: string | undefined): WebVersion | undefined {
  const [, ...parts] = /^(\d{1,3})\.(\d{1,9})\.(\d{1,12})$/.exec(text ?? '') ?? []
  const [primary, secondary, tertiary] = parts.map(Number)
  return primary === undefined || secondary === undefined || tertiary === undefined
    ? undefined
    : [primary, secondary, tertiary]
}

/** Below zero when the first is the older one, 0 when they are the same. */
export function compareWebVersions(one: WebVersion, other: WebVersion): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2]
}

/** The newer of two, of which either may be unknown. */
export function newerWebVersion(one: WebVersion | undefined, other: WebVersion | undefined): WebVersion | undefined {
  if (!one || !other) return one ?? other
  return compareWebVersions(one, other) < 0 ? other : one
}
