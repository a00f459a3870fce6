import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { TrunklineError } from '../errors/trunkline-error.js'
import { BoundedMap } from '../util/bounded-map.js'

/** One key of the ring. The id is stored beside everything that it seals, so it must not be secret, and must never change. */
export interface SealingKey {
  /** 1 to 255 bytes of text. */
  id: string
  /** 32 bytes. */
  key: Uint8Array
}

/** What a sealed value belongs to. It opens there only: a value moved to another place in the store does not. */
export interface SealContext {
  sessionId: string
  /** `null` for the credentials, which are no key of any type. */
  type: string | null
  id: string
}

export interface KeyRing {
  /** The key that seals. */
  readonly currentId: string
  seal(context: SealContext, value: Uint8Array): Uint8Array
  /**
   * A value that was stored before there was a key comes back as it is.
   *
   * @throws ENCRYPTION_KEY_WRONG when no key of the ring opens it
   */
  open(context: SealContext, stored: Uint8Array): Uint8Array
  /** Whether the value is sealed by the key that seals now. */
  isCurrent(stored: Uint8Array): boolean
}

// A sealed value: mark, length of the key id, key id, nonce, ciphertext, tag.
const MARK = Buffer.from('\u0000tks1', 'latin1')
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
const MAX_SESSION_KEYS = 1_024

const KEY_TEXTS = [
  { pattern: /^[0-9a-f]{64}$/i, encoding: 'hex' },
  { pattern: /^[a-z0-9+/_-]{43}=?$/i, encoding: 'base64' },
] as const

/** 32 random bytes have fewer than this once in more than 10^14 times. */
const MIN_DISTINCT_BYTES = 16

/**
 * AES-256-GCM with a random nonce. Each session has a key of its own, derived from the ring's: the number of values that one
 * key may seal with random nonces (2^32) then is a limit for one account, which none comes near.
 *
 * @param keys the first seals; the others only open what they sealed in their time
 * @throws CONFIG_INVALID
 */
export function createKeyRing(keys: readonly SealingKey[]): KeyRing {
  const ring = new Map(keys.map((key) => [key.id, Buffer.from(key.key)]))
  const [current] = keys
  if (!current) throw invalid('has no key')
  if (ring.size !== keys.length) throw invalid('has two keys with one id')
  for (const { id, key } of keys) {
    const idBytes = Buffer.byteLength(id)
    if (idBytes === 0 || idBytes > 255) throw invalid('has a key whose id is not 1 to 255 bytes long')
    if (key.length !== KEY_BYTES) throw invalid(`has a key that is not ${KEY_BYTES} bytes long`)
  }

  const sessionKeys = new BoundedMap<string, Buffer>({ max: MAX_SESSION_KEYS })
  const sessionKeyOf = (keyId: string, sessionId: string): Buffer | undefined => {
    const name = JSON.stringify([keyId, sessionId])
    const known = sessionKeys.get(name)
    const key = ring.get(keyId)
    if (known || !key) return known
    const derived = Buffer.from(hkdfSync('sha256', key, '', `trunkline auth ${sessionId}`, KEY_BYTES))
    sessionKeys.set(name, derived)
    return derived
  }

  return {
    currentId: current.id,

    seal(context, value) {
      const nonce = randomBytes(NONCE_BYTES)
      const key = sessionKeyOf(current.id, context.sessionId) as Buffer
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(placeOf(context))
      const sealed = [cipher.update(value), cipher.final(), cipher.getAuthTag()]
      const keyId = Buffer.from(current.id)
      return Buffer.concat([MARK, Buffer.of(keyId.length), keyId, nonce, ...sealed])
    },

    open(context, stored) {
      const parts = split(stored)
      if (!parts) return stored
      const { keyId, nonce, ciphertext, tag } = parts
      const key = sessionKeyOf(keyId, context.sessionId)
      if (!key) throw wrongKey(keyId, 'is not in the ring')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
        decipher.setAAD(placeOf(context)).setAuthTag(tag)
        return Buffer.concat([decipher.update(ciphertext), decipher.final()])
      } catch (cause) {
        throw wrongKey(keyId, 'does not open it, or the value was changed or moved', cause)
      }
    },

    isCurrent: (stored) => split(stored)?.keyId === current.id,
  }
}

/**
 * A key from its text: 32 random bytes as 64 hexadecimal digits or in base64. Its id is a fingerprint, so that the text alone
 * is all an operator has to keep.
 *
 * @throws CONFIG_INVALID for anything else: words that somebody made up, or bytes that nobody drew at random
 */
export function sealingKeyFrom(text: string): SealingKey {
  const trimmed = text.trim()
  const encoding = KEY_TEXTS.find(({ pattern }) => pattern.test(trimmed))?.encoding
  if (!encoding) throw invalid(`has a key that is not ${KEY_BYTES} bytes in hexadecimal or base64`)
  const key = Buffer.from(trimmed, encoding)
  if (new Set(key).size < MIN_DISTINCT_BYTES) throw invalid('has a key that is not random')
  return { id: createHash('sha256').update('trunkline key id').update(key).digest('hex').slice(0, 12), key }
}

/** The id of the key that sealed a stored value; `undefined` for one that is not sealed. */
export function sealedBy(stored: Uint8Array): string | undefined {
  return split(stored)?.keyId
}

/** The place as bytes that no other place has. */
function placeOf({ sessionId, type, id }: SealContext): Buffer {
  return Buffer.from(JSON.stringify([sessionId, type, id]))
}

/** The parts of a sealed value, or nothing when it is none: what the auth codec makes starts with another byte. */
function split(stored: Uint8Array) {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength)
  const keyIdStart = MARK.length + 1
  if (!bytes.subarray(0, MARK.length).equals(MARK)) return undefined
  const nonceStart = keyIdStart + (bytes[MARK.length] ?? 0)
  if (bytes.length < nonceStart + NONCE_BYTES + TAG_BYTES) return undefined
  return {
    keyId: bytes.toString('utf8', keyIdStart, nonceStart),
    nonce: bytes.subarray(nonceStart, nonceStart + NONCE_BYTES),
    ciphertext: bytes.subarray(nonceStart + NONCE_BYTES, -TAG_BYTES),
    tag: bytes.subarray(-TAG_BYTES),
  }
}

function wrongKey(keyId: string, problem: string, cause?: unknown): TrunklineError {
  const message = `The stored data was sealed with the key "${keyId}", which ${problem}`
  return new TrunklineError('ENCRYPTION_KEY_WRONG', { message, details: { keyId }, cause })
}

function invalid(problem: string): TrunklineError {
  const errors = [{ field: 'encryptionKeys', message: problem }]
  return new TrunklineError('CONFIG_INVALID', { message: `The key ring ${problem}`, details: { errors } })
}
