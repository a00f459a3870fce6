import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, randomFillSync } from 'node:crypto'
import { bridge } from './baileys-internals.js'
import { BoundedMap } from './bounded-map.js'
import { withTypeByte } from './local-identity.js'

const KEY_BYTES = 32

/**
 * Curve25519 by Node's own crypto, in constant time like the core's and three times as fast: 45 µs of CPU for an agreement
 * where the core takes 130, once its private key is known; 38 more to read a private key, which is why some are remembered.
 */
export class X25519 {
  /** By their bytes. A ratchet steps with the key that was made for its step before. */
  readonly #remembered = new BoundedMap<string, KeyObject>(1_000)

  /**
   * The public key with its type byte.
   *
   * Not by `generateKeyPairSync`: Node 20 holds a lock of the key while it exports it as JWK, and a garbage collection in that moment frees
   * the job that has made the key, which waits for the same lock. The process then stands still for ever.
   */
  generateKeyPair(): { pubKey: Uint8Array; privKey: Uint8Array } {
    const privKey = clamped(randomFillSync(new Uint8Array(KEY_BYTES)))
    const { x } = this.#privateKey(privKey).export({ format: 'jwk' })
    return { pubKey: withTypeByte(fromBase64(x)), privKey }
  }

  /**
   * @param publicKey with its type byte
   * @throws for a public key whose agreement with every private key is the same
   */
  agreement(publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array {
    const theirs = createPublicKey({
      key: { kty: 'OKP', crv: 'X25519', x: toBase64(publicKey.subarray(1)) },
      format: 'jwk',
    })
    return diffieHellman({ privateKey: this.#privateKey(privateKey), publicKey: theirs })
  }

  #privateKey(bytes: Uint8Array): KeyObject {
    const name = nameOf(bytes)
    const known = this.#remembered.get(name)
    if (known) return known
    // Node wants a public key beside the private one and does not look at it.
    const key = { kty: 'OKP', crv: 'X25519', x: toBase64(bytes), d: toBase64(bytes) }
    const read = createPrivateKey({ key, format: 'jwk' })
    this.#remembered.set(name, read)
    return read
  }
}

/** Whether it works in this build of Node and means the same as the core. A build for FIPS has no X25519. */
export function agreesWithCore(curve: Pick<X25519, 'generateKeyPair' | 'agreement'>): boolean {
  try {
    const [ours, theirs] = [curve.generateKeyPair(), bridge.generateKeyPair()]
    const expected = bridge.calculateAgreement(ours.pubKey, theirs.privKey)
    return [
      curve.agreement(theirs.pubKey, ours.privKey),
      curve.agreement(ours.pubKey, theirs.privKey),
      bridge.calculateAgreement(theirs.pubKey, ours.privKey),
    ].every((secret) => Buffer.compare(secret, expected) === 0)
  } catch {
    return false
  }
}

/** As every private key of this curve is used (RFC 7748, section 5). */
function clamped(bytes: Uint8Array): Uint8Array {
  const [first = 0, last = 0] = [bytes[0], bytes[KEY_BYTES - 1]]
  bytes[0] = first & 248
  bytes[KEY_BYTES - 1] = (last & 127) | 64
  return bytes
}

function nameOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')
}

function fromBase64(text: string | undefined): Uint8Array {
  return Uint8Array.from(Buffer.from(text ?? '', 'base64url'))
}
