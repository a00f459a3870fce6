const UNITS = { '': 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 } as const

/** Bytes of a text such as `1048576`, `500MB` or `10GB`, by 1,024 each; `undefined` when it is none. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,15})(KB|MB|GB|TB)?$/i.exec(text.trim()) ?? []
  if (digits === undefined) return undefined
  const bytes = Number(digits) * UNITS[unit.toUpperCase() as keyof typeof UNITS]
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
