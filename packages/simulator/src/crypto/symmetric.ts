import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto'

const TAG_BYTES = 16

export const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

export const hmacSha256 = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest()

export const hkdf = (
  keyMaterial: Uint8Array,
  length: number,
  { salt = Buffer.alloc(0), info = '' }: { salt?: Uint8Array; info?: string } = {},
): Buffer => Buffer.from(hkdfSync('sha256', keyMaterial, salt, info, length))

/** AES-256-GCM with the tag appended. */
export function sealGcm(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** Throws when the tag does not match. */
export function openGcm(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Buffer {
  if (sealed.length < TAG_BYTES) throw new Error('ciphertext shorter than its tag')
  const split = sealed.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(aad).setAuthTag(sealed.subarray(split))
  return Buffer.concat([decipher.update(sealed.subarray(0, split)), decipher.final()])
}
