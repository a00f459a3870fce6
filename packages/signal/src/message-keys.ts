import { createHmac } from 'node:crypto'
import { bridge } from './baileys-internals.js'
import type { Chain, MessageKey } from './session-state.js'

/** The symmetric ratchet of a chain, as Signal defines it: one HMAC for the message's seed, one for the next chain key. */
export function messageSeed(chainKey: Uint8Array): Uint8Array {
  return createHmac('sha256', chainKey).update(Uint8Array.of(1)).digest()
}

export function nextChainKey(chainKey: Uint8Array): Uint8Array {
  return createHmac('sha256', chainKey).update(Uint8Array.of(2)).digest()
}

/** Cipher key, MAC key and IV from a message's seed: the form in which a record keeps a skipped key. */
export function messageKeyOf(seed: Uint8Array, index: number): MessageKey {
  const derived = hkdf(seed, 'WhisperMessageKeys', 80)
  return { index, cipherKey: derived.subarray(0, 32), macKey: derived.subarray(32, 64), iv: derived.subarray(64, 80) }
}

/** The seeds of the messages from the chain's next one up to, not including, `end`, and the chain behind them. */
export function skipTo(
  chain: Pick<Chain, 'index' | 'key'>,
  end: number,
): { seeds: Uint8Array[]; index: number; key: Uint8Array } {
  const seeds: Uint8Array[] = []
  let { index, key } = chain
  for (; index < end; index++) {
    seeds.push(messageSeed(key))
    key = nextChainKey(key)
  }
  return { seeds, index, key }
}

/** HKDF with SHA-256. The core's takes half the time of Node's own. */
export function hkdf(secret: Uint8Array, info: string, length: number, salt: Uint8Array = NO_SALT): Uint8Array {
  return bridge.hkdf(secret, length, { salt, info })
}

const NO_SALT = new Uint8Array(32)
