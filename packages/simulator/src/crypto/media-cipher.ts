import { createCipheriv, createDecipheriv } from 'node:crypto'
import { hkdf, hmacSha256, openGcm, sealGcm, sha256 } from './symmetric.js'

/** What keys of a kind of media are derived with. */
const INFO = {
  image: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  audio: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
  sticker: 'WhatsApp Image Keys',
} as const

export type MediaKind = keyof typeof INFO

const MAC_BYTES = 10

export interface EncryptedMedia {
  /** Ciphertext and MAC, as they lie on a host. */
  encrypted: Buffer
  fileSha256: Buffer
  fileEncSha256: Buffer
}

export function encryptMedia(kind: MediaKind, mediaKey: Uint8Array, plain: Uint8Array): EncryptedMedia {
  const { iv, cipherKey, macKey } = keysOf(kind, mediaKey)
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()])
  const encrypted = Buffer.concat([ciphertext, macOf(macKey, iv, ciphertext)])
  return { encrypted, fileSha256: sha256(plain), fileEncSha256: sha256(encrypted) }
}

/** Throws when a hash or the MAC is not right, as the strictest of clients does. */
export function decryptMedia(
  kind: MediaKind,
  mediaKey: Uint8Array,
  { encrypted, fileSha256, fileEncSha256 }: EncryptedMedia,
): Buffer {
  if (!sha256(encrypted).equals(fileEncSha256)) throw new Error('the encrypted file has another hash')
  const { iv, cipherKey, macKey } = keysOf(kind, mediaKey)
  const ciphertext = encrypted.subarray(0, -MAC_BYTES)
  if (!macOf(macKey, iv, ciphertext).equals(encrypted.subarray(-MAC_BYTES))) throw new Error('the MAC does not fit')
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
  const plain = Buffer.concat([decipher.update(ciphertext), decipher.final()])
  if (!sha256(plain).equals(fileSha256)) throw new Error('the file has another hash')
  return plain
}

/** What a client asks its phone for a new upload with, and is answered with. `messageId` is authenticated, not sealed. */
export const retryCipher = (mediaKey: Uint8Array, messageId: string) => {
  const key = hkdf(mediaKey, 32, { info: 'WhatsApp Media Retry Notification' })
  const aad = Buffer.from(messageId)
  return {
    seal: (iv: Uint8Array, plain: Uint8Array): Buffer => sealGcm(key, iv, plain, aad),
    /** Throws when it was sealed with another key. */
    open: (iv: Uint8Array, sealed: Uint8Array): Buffer => openGcm(key, iv, sealed, aad),
  }
}

const macOf = (macKey: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Buffer =>
  hmacSha256(macKey, Buffer.concat([iv, ciphertext])).subarray(0, MAC_BYTES)

function keysOf(kind: MediaKind, mediaKey: Uint8Array) {
  const keys = hkdf(mediaKey, 112, { info: INFO[kind] })
  return { iv: keys.subarray(0, 16), cipherKey: keys.subarray(16, 48), macKey: keys.subarray(48, 80) }
}
