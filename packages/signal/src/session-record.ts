import { SignalError } from './errors.js'
import { allBytes, lastBytes, lastVarint, ProtobufWriter, readFields } from './protobuf.js'

/**
 * A stored session: Signal's RecordStructure (`storage.proto`: 1 = current session, 2 = previous sessions, newest first),
 * taken apart into its serialized SessionStructures.
 */
export interface SessionRecord {
  readonly current?: Uint8Array
  readonly previous: readonly Uint8Array[]
  /** Seeds of skipped message keys (skipped-seeds.ts). Kept in a field of our own that the core skips over. */
  readonly seeds: readonly Uint8Array[]
}

export const EMPTY_RECORD: SessionRecord = { previous: [], seeds: [] }

const CURRENT = 1
const PREVIOUS = 2
/** Far from anything Signal uses. */
const SEEDS = 1001

/** The core keeps this many archived states too (`ARCHIVED_STATES_MAX_LENGTH`). */
const MAX_PREVIOUS_SESSIONS = 40
/**
 * What they may weigh together. A session has a few hundred bytes, but a peer with a client of its own can make each one
 * hold thousands of skipped keys, and records that no store takes any more.
 */
const MAX_PREVIOUS_BYTES = 256 * 1024

export function readSessionRecord(bytes: Uint8Array): SessionRecord {
  try {
    const fields = readFields(bytes)
    const current = lastBytes(fields, CURRENT)
    return {
      ...(current ? { current } : {}),
      previous: allBytes(fields, PREVIOUS),
      seeds: allBytes(fields, SEEDS),
    }
  } catch (cause) {
    throw new SignalError('SIGNAL_INVALID_RECORD', 'session', { cause })
  }
}

export function writeSessionRecord(record: SessionRecord): Uint8Array {
  const writer = new ProtobufWriter().bytes(CURRENT, record.current)
  let bytesLeft = MAX_PREVIOUS_BYTES
  for (const session of record.previous.slice(0, MAX_PREVIOUS_SESSIONS)) {
    bytesLeft -= session.length
    if (bytesLeft >= 0) writer.bytes(PREVIOUS, session)
  }
  for (const seed of record.seeds) writer.bytes(SEEDS, seed)
  return writer.finish()
}

/** What Baileys' retry logic compares (`getSessionInfo`): the initiator's base key and the peer's registration id. */
export function sessionInfo(session: Uint8Array): { baseKey: Uint8Array; registrationId: number } | undefined {
  const fields = readFields(session)
  const baseKey = lastBytes(fields, 13)
  const registrationId = lastVarint(fields, 10)
  if (!baseKey || baseKey.length === 0 || registrationId === undefined) return undefined
  return { baseKey: Uint8Array.from(baseKey), registrationId }
}

/** Two records of one peer as one, without losing a session. The first one's current session stays current. */
export function mergeSessionRecords(first: SessionRecord, second: SessionRecord): SessionRecord {
  if (!first.current)
    return { ...second, previous: [...second.previous, ...first.previous], seeds: [...first.seeds, ...second.seeds] }
  return {
    current: first.current,
    previous: [...first.previous, ...(second.current ? [second.current] : []), ...second.previous],
    seeds: [...first.seeds, ...second.seeds],
  }
}

/** An archived session no longer answers with its pre-key (`archive_current_state` of the core). */
export function withoutPendingPreKey(session: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter()
  for (const { number, varint, bytes } of readFields(session)) {
    if (number !== 9) writer.varint(number, varint).bytes(number, bytes)
  }
  return writer.finish()
}
