import { createCipheriv, createDecipheriv, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { Random } from '../util/random.js'
import { type KeyPair, sharedSecret } from './curve.js'
import { hkdf, openGcm } from './symmetric.js'

const derive = promisify(pbkdf2)

/** 2^17, as both sides compute it. */
const ITERATIONS = 131_072
const SALT_BYTES = 32
const CTR_IV_BYTES = 16
const GCM_IV_BYTES = 12
const KEY_BYTES = 32

/** salt ‖ iv ‖ ciphertext of a public key. */
export const WRAPPED_KEY_BYTES = SALT_BYTES + CTR_IV_BYTES + KEY_BYTES

/** A public key that only who knows the code can read. Nothing tells whether the code was right: any code gives 32 bytes. */
export async function wrapKey(code: string, publicKey: Uint8Array, random: Random): Promise<Buffer> {
  const salt = random.bytes(SALT_BYTES)
  const iv = random.bytes(CTR_IV_BYTES)
  const cipher = createCipheriv('aes-256-ctr', await codeKey(code, salt), iv)
  return Buffer.concat([salt, iv, cipher.update(publicKey), cipher.final()])
}

export async function unwrapKey(code: string, wrapped: Buffer): Promise<Buffer> {
  const salt = wrapped.subarray(0, SALT_BYTES)
  const iv = wrapped.subarray(SALT_BYTES, SALT_BYTES + CTR_IV_BYTES)
  const decipher = createDecipheriv('aes-256-ctr', await codeKey(code, salt), iv)
  return Buffer.concat([decipher.update(wrapped.subarray(SALT_BYTES + CTR_IV_BYTES)), decipher.final()])
}

const codeKey = (code: string, salt: Buffer): Promise<Buffer> => derive(code, salt, ITERATIONS, KEY_BYTES, 'sha256')

export interface KeyBundleOptions {
  /** The phone's ephemeral and identity key pairs. */
  ephemeral: KeyPair
  identity: KeyPair
  companionEphemeral: Uint8Array
  companionIdentity: Uint8Array
}

/**
 * What the client answers: both identity keys and random bytes, encrypted by the shared ephemeral secret. Returns the adv
 * secret of the new link, or `undefined` when it does not open or holds other keys: the code was wrong.
 */
export function openKeyBundle(wrapped: Buffer, options: KeyBundleOptions): Buffer | undefined {
  const { ephemeral, identity, companionEphemeral, companionIdentity } = options
  const ephemeralSecret = sharedSecret(ephemeral.private, companionEphemeral)
  const salt = wrapped.subarray(0, SALT_BYTES)
  const iv = wrapped.subarray(SALT_BYTES, SALT_BYTES + GCM_IV_BYTES)
  const key = hkdf(ephemeralSecret, KEY_BYTES, { salt, info: 'link_code_pairing_key_bundle_encryption_key' })
  const bundle = opened(key, iv, wrapped.subarray(SALT_BYTES + GCM_IV_BYTES))
  if (bundle?.length !== 3 * KEY_BYTES) return undefined
  if (!bundle.subarray(0, KEY_BYTES).equals(companionIdentity)) return undefined
  if (!bundle.subarray(KEY_BYTES, 2 * KEY_BYTES).equals(identity.public)) return undefined
  const identitySecret = sharedSecret(identity.private, companionIdentity)
  const material = Buffer.concat([ephemeralSecret, identitySecret, bundle.subarray(2 * KEY_BYTES)])
  return hkdf(material, KEY_BYTES, { info: 'adv_secret' })
}

function opened(key: Buffer, iv: Buffer, sealed: Buffer): Buffer | undefined {
  try {
    return openGcm(key, iv, sealed, Buffer.alloc(0))
  } catch {
    return undefined
  }
}
