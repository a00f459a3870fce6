/** Phone numbers as people paste them: one a line, or with commas or semicolons between them. Each once. Pure. */
export function numbersOf(text: string): string[] {
  const numbers = text.split(/[\n,;]+/).map((number) => number.trim())
  return [...new Set(numbers.filter((number) => number !== ''))]
}
