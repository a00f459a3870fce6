/** What a file is sent as. */
export type FileKind = 'image' | 'video' | 'audio' | 'document'

const MOST_BYTES: Readonly<Record<FileKind, number>> = {
  image: 16 * 1024 * 1024,
  video: 64 * 1024 * 1024,
  audio: 64 * 1024 * 1024,
  document: 2 * 1024 * 1024 * 1024,
}

const SHOWN_TYPES: readonly string[] = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'video/mp4', 'video/3gpp']

/** As people send it: pictures, films and sound as such where phones show them, and everything else, or larger, as a document. Pure. */
export function kindOf({ type, size }: Pick<File, 'type' | 'size'>): FileKind {
  const [main = ''] = type.split('/')
  const kind: FileKind = main === 'audio' ? 'audio' : SHOWN_TYPES.includes(type) ? (main as FileKind) : 'document'
  return size > MOST_BYTES[kind] ? 'document' : kind
}
