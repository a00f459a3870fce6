import { hkdfSync } from 'node:crypto'

/**
 * Each kind of file that WhatsApp encrypts: what its keys are derived with, the path that takes it, and how a host calls it. A
 * sticker is a picture to all of them.
 */
const KINDS = {
  image: { info: 'WhatsApp Image Keys', path: '/mms/image', mmsType: 'image' },
  video: { info: 'WhatsApp Video Keys', path: '/mms/video', mmsType: 'video' },
  audio: { info: 'WhatsApp Audio Keys', path: '/mms/audio', mmsType: 'audio' },
  document: { info: 'WhatsApp Document Keys', path: '/mms/document', mmsType: 'document' },
  stickerPack: { info: 'WhatsApp Sticker Pack Keys', path: '/mms/sticker-pack', mmsType: 'sticker-pack' },
} as const

export type FileKind = keyof typeof KINDS

export const uploadPathOf = (kind: FileKind): string => KINDS[kind].path

/** Of what is posted in a channel, as it is. */
export const openPathOf = (kind: FileKind): string => `/newsletter/newsletter-${KINDS[kind].mmsType}`

export const mmsTypeOf = (kind: FileKind): string => KINDS[kind].mmsType

/** The last bytes of an encrypted file: an HMAC that is cut. */
export const MAC_BYTES = 10
const BLOCK_BYTES = 16

export interface FileKeys {
  iv: Buffer
  cipherKey: Buffer
  macKey: Buffer
}

export function keysOf(kind: FileKind, mediaKey: Uint8Array): FileKeys {
  const keys = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), KINDS[kind].info, 112))
  return { iv: keys.subarray(0, 16), cipherKey: keys.subarray(16, 48), macKey: keys.subarray(48, 80) }
}

/** How long a file is once it is encrypted. */
export function encryptedLengthOf(bytes: number): number {
  return (Math.floor(bytes / BLOCK_BYTES) + 1) * BLOCK_BYTES + MAC_BYTES
}
