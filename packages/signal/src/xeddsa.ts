import { createPublicKey, verify } from 'node:crypto'

/**
 * Verifies the signatures that Signal makes with Curve25519 keys (XEdDSA) by Node's own Ed25519: no WASM, and the second
 * opinion in the self-test of the fast curve. https://signal.org/docs/specifications/xeddsa/
 */
const P = 2n ** 255n - 19n
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex')

/** @param publicKey 32 bytes, without the type byte. False for anything that is no valid signature. */
export function verifyXeddsa(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  const u = fromLittleEndian(publicKey) & (2n ** 255n - 1n)
  if (u >= P || u === P - 1n) return false
  // The birational map from the Montgomery to the Edwards curve; the signer keeps the sign of x in the last bit.
  const y = mod((u - 1n) * inverse(u + 1n))
  const point = toLittleEndian(y)
  const last = signature[63] ?? 0
  point.writeUInt8(point.readUInt8(31) | (last & 0x80), 31)
  const plain = Buffer.from(signature)
  plain.writeUInt8(last & 0x7f, 63)
  try {
    const key = createPublicKey({ key: Buffer.concat([SPKI_ED25519, point]), format: 'der', type: 'spki' })
    return verify(null, message, key, plain)
  } catch {
    return false
  }
}

function mod(value: bigint): bigint {
  const rest = value % P
  return rest < 0n ? rest + P : rest
}

/** By Fermat: value to the power of p - 2. */
function inverse(value: bigint): bigint {
  let result = 1n
  let base = mod(value)
  for (let exponent = P - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = mod(result * base)
    base = mod(base * base)
  }
  return result
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

function toLittleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse()
}
