import { BufferJSON, type KeyPair, proto } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'

/**
 * How values become the opaque bytes of the auth store: one version byte, one byte for the form, then the value. Byte arrays
 * are kept as they are, key pairs (812 pre-keys for each account) as their bytes, everything else as Baileys' own JSON with
 * Buffers in base64. What no release knows yet (another key type, another field) passes through unchanged.
 */
const VERSION = 1
const BYTES = 0x62 // 'b'
const KEY_PAIR = 0x6b // 'k'
const JSON_TEXT = 0x6a // 'j'
const PRIVATE_KEY_BYTES = 32
/** Without and with the byte that names the curve. */
const PUBLIC_KEY_BYTES = [32, 33]

export function encodeAuthValue(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return record(BYTES, value)
  if (isKeyPair(value)) return record(KEY_PAIR, value.private, value.public)
  return record(JSON_TEXT, Buffer.from(JSON.stringify(value, BufferJSON.replacer)))
}

/** @throws STORE_CORRUPT when the bytes are not what `encodeAuthValue` made */
export function decodeAuthValue(bytes: Uint8Array, type?: string): unknown {
  if (bytes[0] !== VERSION) throw corrupt(`An auth record has the unknown version ${bytes[0]}`)
  if (bytes.byteLength < 2) throw corrupt('An auth record ends too early')
  const rest = Buffer.from(bytes.buffer, bytes.byteOffset + 2, bytes.byteLength - 2)
  if (bytes[1] === BYTES) return Buffer.from(rest)
  if (bytes[1] === KEY_PAIR) {
    const [privateKey, publicKey] = [rest.subarray(0, PRIVATE_KEY_BYTES), rest.subarray(PRIVATE_KEY_BYTES)]
    if (!PUBLIC_KEY_BYTES.includes(publicKey.length)) throw corrupt('A stored key pair has the wrong length')
    return { private: Buffer.from(privateKey), public: Buffer.from(publicKey) }
  }
  if (bytes[1] !== JSON_TEXT) throw corrupt('An auth record has an unknown form')
  try {
    const value: unknown = JSON.parse(rest.toString('utf8'), BufferJSON.reviver)
    // Baileys needs the protobuf class back: its accessors are used when app-state patches are decoded.
    return type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value as object) : value
  } catch {
    // Without the cause: the parser quotes what it could not read, and that is a secret.
    throw corrupt('An auth record cannot be parsed')
  }
}

/** In a buffer of its own: records are kept, and a part of Node's shared buffer would keep all of that with it. */
function record(form: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 2))
  bytes.set([VERSION, form])
  let offset = 2
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

export function isKeyPair(value: unknown): value is KeyPair {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false
  const { private: privateKey, public: publicKey } = value as Partial<KeyPair>
  return (
    privateKey instanceof Uint8Array &&
    publicKey instanceof Uint8Array &&
    privateKey.length === PRIVATE_KEY_BYTES &&
    PUBLIC_KEY_BYTES.includes(publicKey.length)
  )
}

function corrupt(message: string): TrunklineError {
  return new TrunklineError('STORE_CORRUPT', { message })
}
