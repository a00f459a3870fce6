import { SignalError } from './errors.js'
import { withTypeByte } from './local-identity.js'
import type { PreKeyBundle } from './session-cipher.js'

/**
 * The bundle as Baileys parsed it from the server or from a retry receipt, checked: the bridge traps on a field of the
 * wrong type. The signature is left to the core, which refuses a wrong one; stock does not look at it.
 */
export function preKeyBundleOf(bundle: unknown): PreKeyBundle {
  const { registrationId, identityKey, signedPreKey, preKey } = record(bundle)
  const signed = record(signedPreKey)
  const checked: PreKeyBundle = {
    registrationId: unsigned(registrationId, 2 ** 32),
    identityKey: publicKey(identityKey),
    signedPreKey: {
      keyId: unsigned(signed.keyId, 2 ** 31),
      publicKey: publicKey(signed.publicKey),
      signature: bytes(signed.signature, 64),
    },
  }
  if (preKey === undefined || preKey === null) return checked
  const oneTime = record(preKey)
  return {
    ...checked,
    preKey: { keyId: unsigned(oneTime.keyId, 2 ** 32), publicKey: publicKey(oneTime.publicKey) },
  }
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new SignalError('SIGNAL_INVALID_BUNDLE', 'a part is missing')
  return value as Record<string, unknown>
}

function unsigned(value: unknown, limit: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < limit) return value
  throw new SignalError('SIGNAL_INVALID_BUNDLE', 'an id is out of range')
}

/** With or without its type byte. The highest bit of a Curve25519 key means nothing and is 0 in every key that is made. */
function publicKey(value: unknown): Uint8Array {
  const isKey = value instanceof Uint8Array && (value.length === 32 || (value.length === 33 && value[0] === 5))
  if (!isKey || (value.at(-1) ?? 0) & 0x80) throw new SignalError('SIGNAL_INVALID_BUNDLE', 'a key is not a public key')
  return Uint8Array.from(withTypeByte(value))
}

function bytes(value: unknown, length: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return Uint8Array.from(value)
  throw new SignalError('SIGNAL_INVALID_BUNDLE', 'the signature has the wrong length')
}
