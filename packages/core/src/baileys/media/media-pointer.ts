import { proto } from '@whiskeysockets/baileys'
import type { UploadedFile } from '../../ports/connector.js'
import type { ExpectedFile } from './media-cipher.js'
import type { FileKind } from './media-keys.js'

/** Where the file of a message is, and what it must come to. */
export interface MediaPointer extends ExpectedFile {
  /** On any media host: it begins with `/`. */
  directPath: string
}

const KINDS: Readonly<Record<string, FileKind>> = {
  imageMessage: 'image',
  stickerMessage: 'image',
  videoMessage: 'video',
  ptvMessage: 'video',
  audioMessage: 'audio',
  documentMessage: 'document',
  stickerPackMessage: 'stickerPack',
}

/** What a message quotes has files of its own. */
const PASSED_OVER = new Set(['contextInfo', 'messageContextInfo'])
const MAX_DEPTH = 12

interface Part {
  directPath?: string | null
  url?: string | null
  mediaKey?: Uint8Array | null
  fileSha256?: Uint8Array | null
  fileEncSha256?: Uint8Array | null
  fileLength?: unknown
}

/**
 * The file of a message, also inside whatever wraps it, or above a text with buttons. The host in a message is not asked: whoever
 * writes to us could name any.
 */
export function mediaPointer(raw: Uint8Array): MediaPointer | undefined {
  const found = partIn(proto.Message.decode(raw), 0)
  if (!found) return undefined
  const { kind, part } = found
  const directPath = part.directPath || pathOf(part.url)
  // A channel's file has no key, and is known by its hash.
  const isOpen = !part.mediaKey?.length
  if (!directPath?.startsWith('/') || (isOpen && !part.fileSha256?.length)) return undefined
  const bytes = Number(part.fileLength ?? 0)
  return {
    kind,
    directPath,
    ...(isOpen ? {} : { mediaKey: part.mediaKey ?? undefined }),
    fileSha256: part.fileSha256 ?? undefined,
    fileEncSha256: part.fileEncSha256 ?? undefined,
    ...(bytes > 0 ? { bytes } : {}),
  }
}

/** A message that was made before its file was uploaded, with where the file is. */
export function withUploadedFile(raw: Uint8Array, { bytes: _, ...place }: UploadedFile): Uint8Array {
  const message = proto.Message.decode(raw)
  const found = partIn(message, 0)
  // What is not encrypted has no key, and none of an earlier one.
  if (found) Object.assign(found.part, { mediaKey: undefined, fileEncSha256: undefined }, place)
  return proto.Message.encode(message).finish()
}

function partIn(value: object, depth: number): { kind: FileKind; part: Part } | undefined {
  if (depth > MAX_DEPTH) return undefined
  const inner = Object.entries(value).filter(
    (entry): entry is [string, object] =>
      typeof entry[1] === 'object' &&
      entry[1] !== null &&
      !(entry[1] instanceof Uint8Array) &&
      !PASSED_OVER.has(entry[0]),
  )
  for (const [name, part] of inner) {
    const kind = KINDS[name]
    if (kind && 'mediaKey' in part) return { kind, part: part as Part }
  }
  for (const [, part] of inner) {
    const found = partIn(part, depth + 1)
    if (found) return found
  }
  return undefined
}

function pathOf(url: string | null | undefined): string | undefined {
  if (!url || !URL.canParse(url)) return undefined
  const { pathname, search } = new URL(url)
  return `${pathname}${search}`
}
