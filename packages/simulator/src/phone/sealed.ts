import { aesDecryptGCM, aesEncryptGCM, hmacSign } from '@whiskeysockets/baileys'

/** What an answer is sealed for: the message, and who wrote it and who answers, in the addressing of the chat. */
export interface SealedFor {
  secret: Uint8Array
  use: 'Poll Vote' | 'Event Response'
  /** Of the message that is answered. */
  id: string
  creator: string
  sender: string
}

const IV_BYTES = 12

/** As phones seal votes and answers: under the secret of the message, bound to who answers. */
export function sealed(
  plaintext: Uint8Array,
  { bytes, ...sealedFor }: SealedFor & { bytes: (count: number) => Buffer },
): { encPayload: Buffer; encIv: Buffer } {
  const encIv = bytes(IV_BYTES)
  return { encPayload: aesEncryptGCM(plaintext, keyOf(sealedFor), encIv, boundTo(sealedFor)), encIv }
}

/** `undefined` when it was sealed for anything else. */
export function opened(
  { encPayload, encIv }: { encPayload?: Uint8Array | null; encIv?: Uint8Array | null },
  sealedFor: SealedFor,
): Buffer | undefined {
  if (!encPayload || !encIv) return undefined
  try {
    return aesDecryptGCM(encPayload, keyOf(sealedFor), encIv, boundTo(sealedFor))
  } catch {
    return undefined
  }
}

function keyOf({ secret, use, id, creator, sender }: SealedFor): Buffer {
  const info = Buffer.concat([Buffer.from(`${id}${creator}${sender}${use}`), Buffer.from([1])])
  return hmacSign(info, hmacSign(secret, Buffer.alloc(32), 'sha256'), 'sha256')
}

const boundTo = ({ id, sender }: SealedFor): Buffer => Buffer.from(`${id}\0${sender}`)
