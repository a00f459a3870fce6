/** The last moment that ISO 8601 writes with four digits of year: later ones would not sort as text. */
const END = Date.parse('9999-12-31T23:59:59.999Z')

/** Milliseconds since 1970 as ISO 8601; `undefined` for numbers that are no time between 1970 and 9999. */
export function isoTime(ms: number): string | undefined {
  return ms >= 0 && ms <= END ? new Date(ms).toISOString() : undefined
}
