const SIGNS: readonly [mediaType: string, at: number, sign: string][] = [
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/png', 0, '\x89PNG'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['video/mp4', 4, 'ftyp'],
  ['audio/ogg', 0, 'OggS'],
  ['audio/mpeg', 0, 'ID3'],
  ['audio/wav', 8, 'WAVE'],
  ['application/pdf', 0, '%PDF'],
]

/** What a file is by its first 16 bytes, where nobody has said it. */
export function sniffed(beginning: Buffer): string {
  const text = beginning.toString('latin1')
  return SIGNS.find(([, at, sign]) => text.startsWith(sign, at))?.[0] ?? 'application/octet-stream'
}
