import { setImmediate as nextTurn } from 'node:timers/promises'
import { Curve, INITIAL_PREKEY_COUNT, type KeyPair } from '@whiskeysockets/baileys'
import type { BaileysAuthState } from './auth-state.js'

/** So many take about a millisecond. */
const AT_ONCE = 32

/**
 * Makes the first pre-keys of a linked account, as many as Baileys uploads at its first login, and stores them with the counter of their
 * ids. Baileys would make them in one piece, in which no other account of the process is served; it takes those that are there and were
 * never uploaded.
 */
export async function makeFirstPreKeys({ linked, creds, keys }: BaileysAuthState): Promise<void> {
  if (!linked || creds.nextPreKeyId > 1) return
  const made: Record<string, KeyPair> = {}
  for (let id = 1; id <= INITIAL_PREKEY_COUNT; id += 1) {
    made[id] = Curve.generateKeyPair()
    if (id % AT_ONCE === 0) await nextTurn()
  }
  creds.nextPreKeyId = INITIAL_PREKEY_COUNT + 1
  await keys.set({ 'pre-key': made })
}
