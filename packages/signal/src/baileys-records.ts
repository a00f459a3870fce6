import { randomBytes } from 'node:crypto'
import { SignalError } from './errors.js'
import { messageKeyOf } from './message-keys.js'
import { allBytes, lastBytes, lastVarint, ProtobufWriter, readFields } from './protobuf.js'
import type { SessionRecord } from './session-record.js'
import { type Chain, type MessageKey, readSessionState, type SessionState, writeSessionState } from './session-state.js'
import { keptSeed, sameSeedKey, seedOf } from './skipped-seeds.js'

/**
 * Records as stock Baileys keeps them (libsignal-node's JSON), to and from the core's. The mapping:
 *
 * - A stock chain key carries the index of the last message derived (-1 when fresh), the core's that of the next one; the
 *   key is the same. A closed stock receiving chain has no key: it gets a random one, which opens nothing.
 * - A stock skipped message key is the seed; the core keeps what is derived from it. The seeds are kept beside the record,
 *   so that the way back loses nothing.
 * - Of the stock sessions the one with `closed === -1` is current, the others are previous ones, last used first.
 */

export interface BaileysSession {
  version?: string
  registrationId?: number
  _sessions: Record<string, BaileysSessionEntry>
}

export interface BaileysSessionEntry {
  registrationId?: number
  currentRatchet: {
    ephemeralKeyPair: { pubKey: string; privKey: string }
    lastRemoteEphemeralKey: string
    previousCounter: number
    rootKey: string
  }
  indexInfo: {
    baseKey: string
    baseKeyType: number
    closed: number
    used: number
    created: number
    remoteIdentityKey: string
  }
  pendingPreKey?: { signedKeyId: number; baseKey: string; preKeyId?: number }
  _chains: Record<string, BaileysChain>
}

export interface BaileysChain {
  chainKey: { counter: number; key?: string }
  chainType: number
  messageKeys: Record<string, string>
}

const SENDING = 1
const RECEIVING = 2
const OURS = 1
const THEIRS = 2
const OPEN = -1

export function isBaileysSession(value: unknown): value is BaileysSession {
  return typeof value === 'object' && value !== null && typeof (value as BaileysSession)._sessions === 'object'
}

/** Our half of a session, which stock does not keep in it. */
export interface OurIdentity {
  readonly publicKey: Uint8Array
  readonly registrationId: number
}

export function sessionFromBaileys(stock: BaileysSession, ours: OurIdentity): SessionRecord {
  try {
    const entries = Object.values(stock._sessions)
    const open = entries.find((entry) => entry.indexInfo.closed === OPEN)
    const closed = entries.filter((entry) => entry !== open).sort((a, b) => b.indexInfo.used - a.indexInfo.used)
    const seeds = entries.flatMap((entry) =>
      Object.values(entry._chains).flatMap((chain) => Object.values(chain.messageKeys)),
    )
    const convert = (entry: BaileysSessionEntry) => writeSessionState(stateFromBaileys(entry, stock, ours))
    return {
      ...(open ? { current: convert(open) } : {}),
      previous: closed.map(convert),
      seeds: seeds.map((seed) => keptSeed(fromBase64(seed))),
    }
  } catch (cause) {
    throw new SignalError('SIGNAL_INVALID_RECORD', 'stock session', { cause })
  }
}

function stateFromBaileys(entry: BaileysSessionEntry, stock: BaileysSession, ours: OurIdentity): SessionState {
  const { currentRatchet, indexInfo, pendingPreKey } = entry
  const senderChain = entry._chains[currentRatchet.ephemeralKeyPair.pubKey]
  const receiving = Object.entries(entry._chains).filter(([, chain]) => chain.chainType === RECEIVING)
  const newest = currentRatchet.lastRemoteEphemeralKey
  const live = receiving
    .filter(([, chain]) => chain.chainKey.key !== undefined || Object.keys(chain.messageKeys).length > 0)
    .sort(([a], [b]) => Number(a === newest) - Number(b === newest))
  return {
    sessionVersion: 3,
    localIdentity: ours.publicKey,
    remoteIdentity: fromBase64(indexInfo.remoteIdentityKey),
    rootKey: fromBase64(currentRatchet.rootKey),
    previousCounter: Math.max(currentRatchet.previousCounter, 0),
    senderChain: {
      ...(senderChain
        ? chainFromBaileys(currentRatchet.ephemeralKeyPair.pubKey, senderChain)
        : emptyChain(currentRatchet.ephemeralKeyPair.pubKey)),
      ratchetPrivateKey: fromBase64(currentRatchet.ephemeralKeyPair.privKey),
    },
    receiverChains: live.map(([ratchetKey, chain]) => chainFromBaileys(ratchetKey, chain)),
    ...(pendingPreKey
      ? {
          pendingPreKey: {
            ...(pendingPreKey.preKeyId === undefined ? {} : { preKeyId: pendingPreKey.preKeyId }),
            signedPreKeyId: pendingPreKey.signedKeyId,
            baseKey: fromBase64(pendingPreKey.baseKey),
          },
        }
      : {}),
    remoteRegistrationId: entry.registrationId ?? stock.registrationId ?? 0,
    localRegistrationId: ours.registrationId,
    aliceBaseKey: fromBase64(indexInfo.baseKey),
  }
}

function chainFromBaileys(ratchetKey: string, { chainKey, messageKeys }: BaileysChain): Chain {
  return {
    ratchetKey: fromBase64(ratchetKey),
    index: chainKey.counter + 1,
    key: chainKey.key === undefined ? randomBytes(32) : fromBase64(chainKey.key),
    messageKeys: Object.entries(messageKeys).map(([index, seed]) => messageKeyOf(fromBase64(seed), Number(index))),
  }
}

function emptyChain(ratchetKey: string): Chain {
  return { ratchetKey: fromBase64(ratchetKey), index: 0, key: randomBytes(32), messageKeys: [] }
}

export function sessionToBaileys(record: SessionRecord): BaileysSession {
  const now = Date.now()
  const states = [...(record.current ? [record.current] : []), ...record.previous].map(readSessionState)
  const findSeed = seedFinder(record.seeds)
  const sessions: BaileysSession['_sessions'] = {}
  for (const [place, state] of states.entries()) {
    const key = toBase64(state.aliceBaseKey)
    if (sessions[key]) continue
    const isOpen = place === 0 && record.current !== undefined
    sessions[key] = entryToBaileys(state, findSeed, { closed: isOpen ? OPEN : now - place, used: now - place })
  }
  return { _sessions: sessions, version: 'v1' }
}

function entryToBaileys(
  state: SessionState,
  findSeed: FindSeed,
  times: { closed: number; used: number },
): BaileysSessionEntry {
  const { senderChain, receiverChains, pendingPreKey } = state
  if (!senderChain?.ratchetPrivateKey) throw new SignalError('SIGNAL_INVALID_RECORD', 'session without a sending chain')
  const sender = toBase64(senderChain.ratchetKey)
  const chains: BaileysSessionEntry['_chains'] = {}
  for (const chain of receiverChains) chains[toBase64(chain.ratchetKey)] = chainToBaileys(chain, RECEIVING, findSeed)
  chains[sender] = chainToBaileys(senderChain, SENDING, findSeed)
  const newest = receiverChains.at(-1)?.ratchetKey ?? senderChain.ratchetKey
  return {
    registrationId: state.remoteRegistrationId,
    currentRatchet: {
      ephemeralKeyPair: { pubKey: sender, privKey: toBase64(senderChain.ratchetPrivateKey) },
      lastRemoteEphemeralKey: toBase64(newest),
      previousCounter: state.previousCounter,
      rootKey: toBase64(state.rootKey),
    },
    indexInfo: {
      baseKey: toBase64(state.aliceBaseKey),
      baseKeyType: pendingPreKey ? OURS : THEIRS,
      closed: times.closed,
      used: times.used,
      created: times.used,
      remoteIdentityKey: toBase64(state.remoteIdentity),
    },
    ...(pendingPreKey
      ? {
          pendingPreKey: {
            signedKeyId: pendingPreKey.signedPreKeyId,
            baseKey: toBase64(pendingPreKey.baseKey),
            ...(pendingPreKey.preKeyId === undefined ? {} : { preKeyId: pendingPreKey.preKeyId }),
          },
        }
      : {}),
    _chains: chains,
  }
}

function chainToBaileys(chain: Chain, chainType: number, findSeed: FindSeed): BaileysChain {
  const messageKeys: Record<string, string> = {}
  for (const key of chain.messageKeys) {
    const seed = findSeed(key)
    if (seed) messageKeys[key.index] = toBase64(seed)
  }
  return { chainKey: { counter: chain.index - 1, key: toBase64(chain.key) }, chainType, messageKeys }
}

type FindSeed = (key: MessageKey) => Uint8Array | undefined

function seedFinder(seeds: readonly Uint8Array[]): FindSeed {
  const byKey = new Map(seeds.map((kept) => [sameSeedKey(kept), seedOf(kept)]))
  return (key) => byKey.get(sameSeedKey(key.cipherKey))
}

/** Stock keeps a sender key as JSON text in bytes; the core's record begins with a protobuf tag. */
export function isBaileysSenderKey(value: Uint8Array): boolean {
  return value[0] === 0x5b
}

interface BaileysSenderKeyState {
  senderKeyId: number
  senderChainKey: { iteration: number; seed: BaileysBytes }
  senderSigningKey: { public: BaileysBytes; private?: BaileysBytes }
  senderMessageKeys?: Array<{ iteration: number; seed: BaileysBytes }>
}

/** Bytes in JSON: by `BufferJSON.replacer` (base64), by `Buffer.toJSON` (numbers), or as an object of numbers. */
type BaileysBytes = { type?: 'Buffer'; data?: string | number[] } & Record<string, unknown>

/** Stock appends the newest state, the core puts it first. */
export function senderKeyFromBaileys(value: Uint8Array): Uint8Array {
  try {
    const states = JSON.parse(Buffer.from(value).toString('utf8')) as BaileysSenderKeyState[]
    const writer = new ProtobufWriter()
    for (const state of states.toReversed()) writer.bytes(1, senderKeyStateFromBaileys(state))
    return writer.finish()
  } catch (cause) {
    throw new SignalError('SIGNAL_INVALID_RECORD', 'stock sender key', { cause })
  }
}

function senderKeyStateFromBaileys(state: BaileysSenderKeyState): Uint8Array {
  const { senderChainKey, senderSigningKey } = state
  const publicKey = fromBaileysBytes(senderSigningKey.public)
  const privateKey = senderSigningKey.private && fromBaileysBytes(senderSigningKey.private)
  const writer = new ProtobufWriter()
    .varint(1, state.senderKeyId)
    .bytes(
      2,
      new ProtobufWriter().varint(1, senderChainKey.iteration).bytes(2, fromBaileysBytes(senderChainKey.seed)).finish(),
    )
    .bytes(
      3,
      new ProtobufWriter()
        .bytes(1, publicKey.length === 32 ? Buffer.concat([Uint8Array.of(5), publicKey]) : publicKey)
        .bytes(2, privateKey?.length ? privateKey : undefined)
        .finish(),
    )
  for (const { iteration, seed } of state.senderMessageKeys ?? []) {
    writer.bytes(4, new ProtobufWriter().varint(1, iteration).bytes(2, fromBaileysBytes(seed)).finish())
  }
  return writer.finish()
}

export function senderKeyToBaileys(record: Uint8Array): Uint8Array {
  const states = allBytes(readFields(record), 1)
    .map((bytes) => {
      const fields = readFields(bytes)
      const chainKey = readFields(lastBytes(fields, 2) ?? new Uint8Array(0))
      const signingKey = readFields(lastBytes(fields, 3) ?? new Uint8Array(0))
      return {
        senderKeyId: lastVarint(fields, 1) ?? 0,
        senderChainKey: { iteration: lastVarint(chainKey, 1) ?? 0, seed: toBaileysBytes(lastBytes(chainKey, 2)) },
        senderSigningKey: {
          public: toBaileysBytes(lastBytes(signingKey, 1)),
          private: toBaileysBytes(lastBytes(signingKey, 2)),
        },
        senderMessageKeys: allBytes(fields, 4).map((key) => {
          const parts = readFields(key)
          return { iteration: lastVarint(parts, 1) ?? 0, seed: toBaileysBytes(lastBytes(parts, 2)) }
        }),
      }
    })
    .reverse()
  return Buffer.from(JSON.stringify(states), 'utf8')
}

function fromBaileysBytes(value: BaileysBytes): Uint8Array {
  const { data } = value
  if (typeof data === 'string') return fromBase64(data)
  return Buffer.from((Array.isArray(data) ? data : Object.values(value)) as number[])
}

function toBaileysBytes(bytes: Uint8Array | undefined): BaileysBytes {
  return { type: 'Buffer', data: toBase64(bytes ?? new Uint8Array(0)) }
}

function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, 'base64')
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
