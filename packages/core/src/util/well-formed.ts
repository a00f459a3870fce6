/**
 * The value with every half of a character (a lone surrogate) replaced by U+FFFD, wherever it stands in texts: some engines cannot
 * store it, and do that silently. What needs no change is the same object; bytes and functions are left alone.
 */
export function wellFormed<Value>(value: Value): Value {
  return mended(value) as Value
}

/** Every Node.js that this runs on has it; programs that are compiled for ES2023 do not know it. */
type WithCheck = string & { toWellFormed(): string }

function mended(value: unknown): unknown {
  if (typeof value === 'string') return (value as WithCheck).toWellFormed()
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) {
    const items = value.map(mended)
    return items.some((item, place) => item !== value[place]) ? items : value
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  let copy: Record<string, unknown> | undefined
  for (const [name, field] of Object.entries(value)) {
    const whole = mended(field)
    if (whole === field) continue
    copy ??= { ...value }
    copy[name] = whole
  }
  return copy ?? value
}
