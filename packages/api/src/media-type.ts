/** `image/png` of `Image/PNG; charset=x`, and nothing of no header. */
export function mediaTypeOf(header: string | string[] | undefined): string {
  const [mediaType = ''] = String(header ?? '').split(';')
  return mediaType.trim().toLowerCase()
}

/** Whether one of the media types or ranges (`image/*`, `*` + `/*`) that are taken covers this one. */
export function isTaken(taken: readonly string[], mediaType: string): boolean {
  return taken.some((range) => {
    if (range === '*/*') return mediaType !== ''
    return range.endsWith('/*') ? mediaType.startsWith(range.slice(0, -1)) : mediaType === range
  })
}
