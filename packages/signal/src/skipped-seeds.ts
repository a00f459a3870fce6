import { messageKeyOf } from './message-keys.js'

/**
 * The seed of a skipped message, as it is kept beside a session record: eight bytes of the cipher key it derives to, by
 * which it is found, then its 32 bytes.
 */
const TAG_LENGTH = 8

export function keptSeed(seed: Uint8Array): Uint8Array {
  const kept = new Uint8Array(TAG_LENGTH + seed.length)
  kept.set(messageKeyOf(seed, 0).cipherKey.subarray(0, TAG_LENGTH))
  kept.set(seed, TAG_LENGTH)
  return kept
}

/** What a kept seed and the cipher key that belongs to it have in common. */
export function sameSeedKey(keptSeedOrCipherKey: Uint8Array): string {
  return Buffer.from(keptSeedOrCipherKey.subarray(0, TAG_LENGTH)).toString('hex')
}

export function seedOf(kept: Uint8Array): Uint8Array {
  return kept.subarray(TAG_LENGTH)
}
