import { bridge } from './baileys-internals.js'
import { hkdf, messageKeyOf, skipTo } from './message-keys.js'
import { allBytes, lastBytes, lastVarint, readFields } from './protobuf.js'
import type { SessionRecord } from './session-record.js'
import { type Chain, readSessionState, type SessionState, writeSessionState } from './session-state.js'
import type { WhisperMessage } from './signal-messages.js'
import { keptSeed, sameSeedKey } from './skipped-seeds.js'

/**
 * Messages that arrive late can be read for longer than the core alone allows, and their keys can be taken back to stock.
 *
 * The core keeps the last five receiving chains and drops an older one with all that is still missing in it; stock never
 * drops any. Here a chain that still misses messages is put back, up to a bound. What it misses is known: the messages
 * skipped in it, and those at its end, which the first message of the next chain counts (`previousCounter`).
 * The core keeps a skipped message's derived keys, stock its seed, which cannot be had from them: so seeds are derived
 * here, from the chain key before the step, and kept beside the record.
 */

/** Chains put back beyond the core's five. */
const MAX_RESTORED_CHAINS = 4
const CORE_CHAINS = 5
/** Stock skips as many messages at most; the core keeps the keys of as many. */
const MAX_SKIPPED = 2000

/** `before` and `after` are the serialized state that opened `message`; `record` is the one that `after` is part of. */
export function keepLateMessages(record: SessionRecord, before: Uint8Array, message: WhisperMessage): SessionRecord {
  const after = record.current
  if (!after) return record
  const fields = readFields(before)
  const chains = allBytes(fields, 7)
  const known = chains.find((chain) => contains(chain, message.ratchetKey))
  if (known) {
    if (message.counter <= chainIndex(known)) return record
    const { index, key } = chainOf(readSessionState(before), message.ratchetKey)
    return withSeeds(record, skipTo({ index, key }, message.counter).seeds)
  }

  const newest = chains.at(-1)
  // Until the first answer the only receiving chain is a stand-in for the peer's signed pre-key: nothing comes in it.
  const isAnswered = lastBytes(fields, 9) === undefined
  const misses = newest && isAnswered ? message.previousCounter + 1 - chainIndex(newest) : 0
  const missesTail = misses > 0 && misses <= MAX_SKIPPED
  const dropsKeys = chains.slice(0, Math.max(0, chains.length + 1 - CORE_CHAINS)).some(hasMessageKeys)
  if (message.counter === 0 && !missesTail && !dropsKeys && record.seeds.length === 0) return record

  const state = readSessionState(before)
  const tail = missesTail ? skipTail(state, message.previousCounter + 1) : undefined
  const restored = restoreChains(state, readSessionState(after), tail?.chain)
  const current = restored ? writeSessionState(restored) : after
  const skipped = message.counter > 0 ? skipTo(steppedChain(state, message.ratchetKey), message.counter).seeds : []
  return pruneSeeds(withSeeds({ ...record, current }, [...(tail?.seeds ?? []), ...skipped]))
}

/** The same for the first message of a session that begins with it. `firstChain` is the peer's first chain. */
export function keepSkippedFirstMessages(
  record: SessionRecord,
  message: WhisperMessage,
  firstChain: () => Pick<Chain, 'index' | 'key'>,
): SessionRecord {
  if (message.counter === 0) return record
  return withSeeds(record, skipTo(firstChain(), message.counter).seeds)
}

/** The chain a ratchet step with this key begins (`RootKey::create_chain` of the core). */
export function rootStep(
  rootKey: Uint8Array,
  theirRatchetKey: Uint8Array,
  ourPrivateKey: Uint8Array,
): Pick<Chain, 'index' | 'key'> {
  const shared = bridge.calculateAgreement(theirRatchetKey, ourPrivateKey)
  return { index: 0, key: hkdf(shared, 'WhisperRatchet', 64, rootKey).subarray(32) }
}

function steppedChain(state: SessionState, theirRatchetKey: Uint8Array): Pick<Chain, 'index' | 'key'> {
  const ourPrivateKey = state.senderChain?.ratchetPrivateKey
  if (!ourPrivateKey) throw new TypeError('a state that stepped its ratchet had a key to step with')
  return rootStep(state.rootKey, theirRatchetKey, ourPrivateKey)
}

function skipTail(state: SessionState, end: number): { chain: Chain; seeds: Uint8Array[] } | undefined {
  const newest = state.receiverChains.at(-1)
  if (!newest) return undefined
  const { seeds, index, key } = skipTo(newest, end)
  const messageKeys = seeds.map((seed, offset) => messageKeyOf(seed, newest.index + offset))
  return { chain: { ...newest, index, key, messageKeys: [...newest.messageKeys, ...messageKeys] }, seeds }
}

/** `after` with `tail` in the place of its chain, and with the chains of `before` that were dropped though they hold keys. */
function restoreChains(before: SessionState, after: SessionState, tail: Chain | undefined): SessionState | undefined {
  const isIn = (chains: readonly Chain[], chain: Chain) =>
    chains.some((other) => sameBytes(other.ratchetKey, chain.ratchetKey))
  const withTail = (chain: Chain) => (tail && sameBytes(chain.ratchetKey, tail.ratchetKey) ? tail : chain)
  const dropped = before.receiverChains
    .filter((chain) => !isIn(after.receiverChains, chain))
    .map(withTail)
    .filter((chain) => chain.messageKeys.length > 0)
    .slice(-MAX_RESTORED_CHAINS)
  if (!tail && dropped.length === 0) return undefined
  return { ...after, receiverChains: [...dropped, ...after.receiverChains.map(withTail)] }
}

function withSeeds(record: SessionRecord, seeds: readonly Uint8Array[]): SessionRecord {
  if (seeds.length === 0) return record
  return { ...record, seeds: [...record.seeds, ...seeds.slice(-MAX_SKIPPED).map(keptSeed)].slice(-MAX_SKIPPED) }
}

/** Drops the seeds of keys that are gone. */
function pruneSeeds(record: SessionRecord): SessionRecord {
  if (record.seeds.length === 0) return record
  const states = [...(record.current ? [record.current] : []), ...record.previous].map(readSessionState)
  const keys = new Set(
    states.flatMap((state) =>
      state.receiverChains.flatMap((chain) => chain.messageKeys.map((key) => sameSeedKey(key.cipherKey))),
    ),
  )
  return { ...record, seeds: record.seeds.filter((seed) => keys.has(sameSeedKey(seed))) }
}

function chainOf(state: SessionState, ratchetKey: Uint8Array): Chain {
  const chain = state.receiverChains.find((candidate) => sameBytes(candidate.ratchetKey, ratchetKey))
  if (!chain) throw new TypeError('a chain that was found before is there')
  return chain
}

function chainIndex(chain: Uint8Array): number {
  return lastVarint(readFields(lastBytes(readFields(chain), 3) ?? new Uint8Array(0)), 1) ?? 0
}

function hasMessageKeys(chain: Uint8Array): boolean {
  return lastBytes(readFields(chain), 4) !== undefined
}

function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(part) >= 0
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
