import type { MediaType } from '../ports/media-desk.js'

const SIGNS: readonly [mediaType: string, at: number, sign: string][] = [
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/png', 0, '\x89PNG'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['video/mp4', 4, 'ftyp'],
  ['video/webm', 0, '\x1aE\xdf\xa3'],
  ['audio/ogg', 0, 'OggS'],
  ['audio/mpeg', 0, 'ID3'],
  ['audio/mpeg', 0, '\xff\xfb'],
  ['audio/aac', 0, '\xff\xf1'],
  ['audio/amr', 0, '#!AMR'],
  ['audio/wav', 8, 'WAVE'],
  ['application/pdf', 0, '%PDF'],
]
const UNKNOWN = 'application/octet-stream'
/** What is said of a file by who does not know what it is, as curl does of most of them, and many servers. */
const SAYS_NOTHING = /^(?:application|binary)\/(?:octet-stream|x-binary|unknown)\b/i

/** What a file is by its first 16 bytes, where nobody has said it. */
export function sniffed(beginning: Buffer): string {
  const text = beginning.toString('latin1')
  return SIGNS.find(([, at, sign]) => text.startsWith(sign, at))?.[0] ?? UNKNOWN
}

/** What can be sent as a kind. Ogg and MP4 hold films and sound alike. */
const FITTING: Partial<Record<MediaType, { media: RegExp; other: RegExp }>> = {
  image: { media: /^image\//i, other: /^application\/pdf/ },
  video: { media: /^(?:video\/|audio\/ogg$)/i, other: /^(?:image\/|application\/pdf)/ },
  audio: { media: /^(?:audio\/|video\/mp4$)/i, other: /^(?:image\/|application\/pdf)/ },
}

/**
 * The media type that a file is sent with: phones show a picture, a film or sound by it. `undefined` where it is no such file: neither
 * by what is said of it nor by its first bytes, or by those alone.
 */
export function mediaTypeFor(
  type: MediaType,
  { said, found }: { said: string | undefined; found: string },
): string | undefined {
  const named = said === undefined || SAYS_NOTHING.test(said) ? undefined : said
  const fitting = FITTING[type]
  if (!fitting) return named ?? found
  if (named && fitting.media.test(named)) return fitting.other.test(found) ? undefined : named
  if (fitting.media.test(found)) return found.replace(/^\w+/, type)
  return named || found !== UNKNOWN ? undefined : UNKNOWN
}
