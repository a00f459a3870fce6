import { proto } from '@whiskeysockets/baileys'
import { decryptMedia, encryptMedia, type MediaKind, retryCipher } from '../crypto/media-cipher.js'
import { sha256 } from '../crypto/symmetric.js'
import type { MediaShelf } from '../model/media-shelf.js'
import { BoundedMap } from '../util/bounded-map.js'
import type { Random } from '../util/random.js'
import { type BinaryNode, childBytes, childOf, node } from '../wire/node.js'
import type { PhoneFile, PhoneMessage } from './mailbox.js'
import type { MessageContent } from './message-content.js'

const MAX_FILES = 1_000

/** What a phone does when a companion asks it to upload a file again: `silent` phones are off. */
export type MediaRetryMode = 'upload' | 'not-found' | 'silent'

/** What is encrypted and how its part of a message is called. `note`: a video that shows as a circle. */
const PARTS = {
  image: { kind: 'image', field: 'imageMessage' },
  video: { kind: 'video', field: 'videoMessage' },
  note: { kind: 'video', field: 'ptvMessage' },
  audio: { kind: 'audio', field: 'audioMessage' },
  document: { kind: 'document', field: 'documentMessage' },
  sticker: { kind: 'sticker', field: 'stickerMessage' },
} as const satisfies Record<string, { kind: MediaKind; field: keyof proto.IMessage }>

export type MediaPart = keyof typeof PARTS

export const MEDIA_PARTS = Object.keys(PARTS) as MediaPart[]

/** The fields of the part beside those that the upload makes: `mimetype`, `caption`, `seconds`, `ptt` … */
export type MediaFields = proto.Message.IImageMessage &
  proto.Message.IVideoMessage &
  proto.Message.IAudioMessage &
  proto.Message.IDocumentMessage &
  proto.Message.IStickerMessage

/** The files of one phone: those that it has sent, and those of messages that it got and could really decrypt. */
export class PhoneMedia {
  retryMode: MediaRetryMode = 'upload'
  readonly #shelf: MediaShelf
  readonly #random: Random
  readonly #files = new BoundedMap<string, Buffer>(MAX_FILES)

  constructor(shelf: MediaShelf, random: Random) {
    this.#shelf = shelf
    this.#random = random
  }

  /** By the hash in a message. */
  file(hash: Uint8Array | null | undefined): Buffer | undefined {
    return this.#files.get(hexOf(hash))
  }

  /** Encrypts and uploads; answers the content of the message. */
  upload(part: MediaPart, plain: Uint8Array, fields: MediaFields = {}): MessageContent {
    const { kind, field } = PARTS[part]
    const mediaKey = this.#random.bytes(32)
    const { encrypted, fileSha256, fileEncSha256 } = encryptMedia(kind, mediaKey, plain)
    const directPath = this.#shelf.put(encrypted)
    this.#files.set(hexOf(fileSha256), Buffer.from(plain))
    const made = {
      url: `https://mmg.whatsapp.net${directPath}`,
      directPath,
      mediaKey,
      fileSha256,
      fileEncSha256,
      fileLength: plain.length,
    }
    return { [field]: { mimetype: MIME_TYPES[part], ...made, ...fields } }
  }

  /** Fetches the file of a message and keeps it; `undefined` where there is none. Throws when it cannot be read. */
  download(content: MessageContent): PhoneFile | undefined {
    const found = mediaIn(content)
    if (!found) return undefined
    const { kind, media } = found
    const { directPath, mediaKey, fileSha256, fileEncSha256, fileLength } = media
    // Only told of: what nobody has uploaded.
    if (!directPath && !mediaKey?.length) return undefined
    if (!mediaKey?.length && !fileEncSha256?.length) return this.#fetchOpen(found.media)
    if (!directPath?.startsWith('/') || !directPath.includes('?')) throw new Error('no direct path of a media host')
    const encrypted = this.#shelf.get(directPath)
    if (!encrypted) throw new Error('the media host has no such file')
    if (!mediaKey || !fileSha256 || !fileEncSha256) throw new Error('key or hashes of the file are missing')
    const hashes = { fileSha256: Buffer.from(fileSha256), fileEncSha256: Buffer.from(fileEncSha256) }
    const plain = decryptMedia(kind, mediaKey, { encrypted, ...hashes })
    if (Number(fileLength) !== plain.length) throw new Error('the file has another length')
    this.#files.set(hexOf(fileSha256), plain)
    return { sha256: sha256(plain).toString('hex'), bytes: plain.length }
  }

  /** A file of a channel, which nobody has encrypted. */
  uploadOpen(part: MediaPart, plain: Uint8Array, fields: MediaFields = {}): MessageContent {
    const directPath = this.#shelf.put(plain)
    const fileSha256 = sha256(Buffer.from(plain))
    const made = { url: `https://mmg.whatsapp.net${directPath}`, directPath, fileSha256, fileLength: plain.length }
    return { [PARTS[part].field]: { mimetype: MIME_TYPES[part], ...made, ...fields } }
  }

  #fetchOpen({ directPath, fileSha256, fileLength }: FoundMedia['media']): PhoneFile {
    const plain = this.#shelf.get(directPath ?? '')
    if (!plain) throw new Error('the media host has no such file')
    if (hexOf(sha256(plain)) !== hexOf(fileSha256)) throw new Error('the file has another hash')
    if (Number(fileLength) !== plain.length) throw new Error('the file has another length')
    this.#files.set(hexOf(fileSha256), plain)
    return { sha256: hexOf(fileSha256), bytes: plain.length }
  }

  /** Forgets a file, as a phone does whose owner has deleted it. */
  forget(content: MessageContent): void {
    this.#files.delete(hexOf(mediaIn(content)?.media.fileSha256))
  }

  /** The answer to a companion that found a file gone; `undefined` for none. */
  answerRetry(message: PhoneMessage | undefined, receipt: BinaryNode): BinaryNode[] | undefined {
    if (this.retryMode === 'silent') return undefined
    const rmr = childOf(receipt, 'rmr')
    const found = message && mediaIn(message.message)
    const id = receipt.attrs.id ?? ''
    const asked = childOf(receipt, 'encrypt')
    const [sealed, iv] = [childBytes(asked, 'enc_p'), childBytes(asked, 'enc_iv')]
    const answer = (content: BinaryNode) => [content, ...(rmr ? [node('rmr', rmr.attrs)] : [])]
    if (!found?.media.mediaKey || !sealed || !iv) return answer(node('error', { code: '2' }))
    const cipher = retryCipher(found.media.mediaKey, id)
    if (proto.ServerErrorReceipt.decode(cipher.open(iv, sealed)).stanzaId !== id)
      return answer(node('error', { code: '3' }))
    const notice = this.#uploadAgain(found, id)
    const freshIv = this.#random.bytes(12)
    const bytes = cipher.seal(freshIv, proto.MediaRetryNotification.encode(notice).finish())
    return answer(node('encrypt', {}, [node('enc_p', {}, bytes), node('enc_iv', {}, freshIv)]))
  }

  #uploadAgain({ kind, media }: FoundMedia, stanzaId: string): proto.IMediaRetryNotification {
    const { ResultType } = proto.MediaRetryNotification
    const plain = this.retryMode === 'upload' ? this.file(media.fileSha256) : undefined
    if (!plain || !media.mediaKey) return { stanzaId, result: ResultType.NOT_FOUND }
    const { encrypted } = encryptMedia(kind, media.mediaKey, plain)
    return { stanzaId, directPath: this.#shelf.put(encrypted), result: ResultType.SUCCESS }
  }
}

const MIME_TYPES: Record<MediaPart, string> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  note: 'video/mp4',
  audio: 'audio/ogg; codecs=opus',
  document: 'application/pdf',
  sticker: 'image/webp',
}

interface FoundMedia {
  kind: MediaKind
  media: Pick<proto.Message.IImageMessage, 'directPath' | 'mediaKey' | 'fileSha256' | 'fileEncSha256' | 'fileLength'>
}

/** Also of a message inside another one. */
export function mediaIn(content: MessageContent): FoundMedia | undefined {
  const inner =
    content.viewOnceMessage ??
    content.viewOnceMessageV2 ??
    content.viewOnceMessageV2Extension ??
    content.documentWithCaptionMessage ??
    content.ephemeralMessage
  if (inner?.message) return mediaIn(inner.message)
  for (const { kind, field } of Object.values(PARTS)) {
    const media = content[field]
    if (media) return { kind, media }
  }
  return undefined
}

const hexOf = (hash: Uint8Array | null | undefined): string => Buffer.from(hash ?? []).toString('hex')
