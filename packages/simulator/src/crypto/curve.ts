import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { Random } from '../util/random.js'

/**
 * Curve25519 by the WASM that Baileys itself ships. Baileys' own `Curve.verify` accepts any 64 bytes, and
 * libsignal-node is not used at all: its job queue is one per process and would be shared with the sockets under test.
 */
export type SignalBridge = typeof import('whatsapp-rust-bridge')

export interface KeyPair {
  /** 32 bytes, without the leading type byte. */
  public: Buffer
  private: Buffer
}

let loaded: SignalBridge | undefined

/** Must be awaited once before anything else here is called. The package has no `require` condition, hence `import()`. */
export async function loadBridge(): Promise<SignalBridge> {
  loaded ??= await import('whatsapp-rust-bridge')
  return loaded
}

export function bridge(): SignalBridge {
  if (!loaded) throw new Error('loadBridge() has not been awaited')
  return loaded
}

const KEY_TYPE = Buffer.from([5])

/** The 33-byte form that signed pre-keys are signed in: type byte 5, then the key. */
export const typedKey = (publicKey: Uint8Array): Buffer =>
  publicKey.length === 33 ? Buffer.from(publicKey) : Buffer.concat([KEY_TYPE, publicKey])

const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const SPKI_HEADER_BYTES = 12

export function generateKeyPair(random: Random): KeyPair {
  const privateKey = random.bytes(32)
  privateKey.writeUInt8(privateKey.readUInt8(0) & 248, 0)
  privateKey.writeUInt8((privateKey.readUInt8(31) & 127) | 64, 31)
  return { private: privateKey, public: publicKeyOf(privateKey) }
}

/** By Node, because `getPublicFromPrivateKey` of whatsapp-rust-bridge 0.5.4 gives another point than its `generateKeyPair`. */
function publicKeyOf(privateKey: Buffer): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_X25519, privateKey]), format: 'der', type: 'pkcs8' })
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_HEADER_BYTES)
}

export const sharedSecret = (privateKey: Uint8Array, publicKey: Uint8Array): Buffer =>
  Buffer.from(bridge().calculateAgreement(typedKey(publicKey), privateKey))

/** XEdDSA, 64 bytes. */
export const sign = (privateKey: Uint8Array, message: Uint8Array): Buffer =>
  Buffer.from(bridge().calculateSignature(privateKey, message))

/** False for a wrong key, message or signature, and for anything of a wrong length. */
export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false
  try {
    return bridge().verifySignature(typedKey(publicKey), message, signature)
  } catch {
    return false
  }
}
