/** Headers as people write them, one a line; or the number of the line that is none. Pure. */
export function headersOf(text: string): Record<string, string> | { wrongLine: number } {
  const headers: [string, string][] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const [, name, value] = /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined || value === undefined) return { wrongLine: at + 1 }
    headers.push([name, value])
  }
  return Object.fromEntries(headers)
}
