import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import type { SealedTarget } from '../../ports/connector.js'
import type { Jid } from '../../types/jid.js'
import { openContent } from './open-content.js'

/** What WhatsApp seals with the secret of a message, by the words that go into the key. */
export type SealUse = 'Message Edit' | 'Event Edit' | 'Event Response' | 'Enc Reaction' | 'Enc Comment' | 'Poll Vote'

export interface Seal {
  encPayload?: Uint8Array | null
  encIv?: Uint8Array | null
}

const KEY_BYTES = 32
const TAG_BYTES = 16
const IV_BYTES = 12

/** Votes and answers are bound to who gives them once more. */
const BOUND: ReadonlySet<SealUse> = new Set<SealUse>(['Event Response', 'Poll Vote'])

/**
 * Opens what is sealed for a message, as whatsmeow's `msgsecret.go` does: AES-256-GCM under a key from the message's secret, its
 * id, and the addresses of its author and of who changes it. These are phone numbers or LIDs as the sender's phone knew them:
 * every combination is tried, and no wrong one opens it.
 */
export function unseal(
  { encPayload, encIv }: Seal,
  { use, messageId, target }: { use: SealUse; messageId: string; target: SealedTarget },
): Uint8Array | undefined {
  const secret = secretOf(target.raw)
  if (!secret || !encPayload?.length || !encIv?.length) return undefined
  for (const author of target.authorIds) {
    for (const sender of target.senderIds) {
      const opened = decrypted(encPayload, { iv: encIv, ...keyOf(secret, { use, messageId, author, sender }) })
      if (opened) return opened
    }
  }
  return undefined
}

/** Of a sealed answer: the message that it is for, who wrote that, and who answers, by the addresses that the chat knows them by. */
export interface SealedFor {
  use: SealUse
  messageId: string
  author: Jid
  sender: Jid
}

/** The inverse of `unseal`; `undefined` for a message that has no secret. */
export function seal(plaintext: Uint8Array, raw: Uint8Array, sealedFor: SealedFor): Required<Seal> | undefined {
  const secret = secretOf(raw)
  if (!secret) return undefined
  const { key, aad } = keyOf(secret, sealedFor)
  const encIv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, encIv)
  cipher.setAAD(Buffer.from(aad))
  return { encIv, encPayload: Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]) }
}

function keyOf(secret: Uint8Array, { use, messageId, author, sender }: SealedFor): { key: Uint8Array; aad: string } {
  const info = `${messageId}${author}${sender}${use}`
  const key = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(KEY_BYTES), info, KEY_BYTES))
  return { key, aad: BOUND.has(use) ? `${messageId}\0${sender}` : '' }
}

function decrypted(
  sealed: Uint8Array,
  { key, iv, aad }: { key: Uint8Array; iv: Uint8Array; aad: string },
): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv)
    decipher.setAAD(Buffer.from(aad))
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()])
  } catch {
    // Not sealed for these two, or not sealed at all.
    return undefined
  }
}

function secretOf(raw: Uint8Array): Uint8Array | undefined {
  const { content, contexts } = openContent(proto.Message.decode(raw))
  const secret = contexts.find(({ messageSecret }) => messageSecret?.length)?.messageSecret
  return secret ?? content.pollCreationMessage?.encKey ?? undefined
}
