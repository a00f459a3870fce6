import { TrunklineError } from '../errors/trunkline-error.js'
import type {
  RestingSessions,
  RunningSession,
  SessionChanges,
  SessionQuery,
  SessionRecord,
  SessionStore,
} from '../ports/session-store.js'
import { searchForm, sessionSearchText } from '../records/search.js'
import { type SessionOrder, sessionOrder, sessionPage, sessionSortValue } from '../records/session-order.js'
import { isRunning } from '../session/session-machine.js'
import { copyOf } from '../util/copy.js'

export function createSessionStore(): SessionStore {
  const records = new Map<string, SessionRecord>()
  /** The epoch that reported last, of removed sessions too. */
  const epochs = new Map<string, number>()

  return {
    async insert(record) {
      if (records.has(record.id)) return false
      records.set(record.id, copyOf(record))
      return true
    },

    async get(sessionId) {
      return copyOf(records.get(sessionId))
    },

    async list(query) {
      const { ids, desired, requestsTo, includeDeleted, deletedBefore, ...wanted } = query
      const order = sessionOrder(query)
      const matching = [...records.values()]
        .filter((record) => includeDeleted || deletedBefore || !record.deletedAt)
        .filter(({ deletedAt }) => !deletedBefore || (deletedAt !== undefined && deletedAt < deletedBefore))
        .filter((record) => (!ids || ids.includes(record.id)) && (!desired || record.desired === desired))
        .filter((record) => fits(record, wanted))
        .filter(({ request }) => !requestsTo || request?.node === requestsTo)
      return copyOf(sessionPage(inOrder(matching, order), query))
    },

    async tally({ ids, except = [] } = {}) {
      const [wanted, unwanted] = [ids && new Set(ids), new Set(except)]
      const resting = new Map<string, RestingSessions>()
      const running = []
      for (const record of records.values()) {
        if (record.deletedAt || unwanted.has(record.id) || wanted?.has(record.id) === false) continue
        if (isRunning(record.status)) running.push(runningOf(record))
        else addTo(resting, record)
      }
      return copyOf({ resting: [...resting.values()], running })
    },

    async update(sessionId, changes, options) {
      const record = records.get(sessionId)
      if (!record || (options?.expectedRevision ?? record.revision) !== record.revision) return undefined
      return write({ ...record, revision: record.revision + 1 }, changes)
    },

    async report(sessionId, changes, { epoch }) {
      const record = records.get(sessionId)
      if (!record) return undefined
      if (epoch < (epochs.get(sessionId) ?? epoch)) throw new TrunklineError('LEASE_LOST', { details: { sessionId } })
      epochs.set(sessionId, epoch)
      return write(record, changes)
    },

    async increment(increments) {
      for (const { sessionId, counters, lastActivityAt } of increments) {
        const record = records.get(sessionId)
        if (!record) continue
        for (const [name, by] of Object.entries(counters)) record.counters[name as keyof typeof counters] += by
        if (lastActivityAt && lastActivityAt > (record.lastActivityAt ?? '')) record.lastActivityAt = lastActivityAt
      }
    },

    async remove(sessionId) {
      records.delete(sessionId)
    },
  }
  function write(record: SessionRecord, changes: SessionChanges): SessionRecord {
    const given = Object.entries(copyOf(changes)).filter(([, value]) => value !== undefined)
    const merged = Object.entries({ ...record, ...Object.fromEntries(given) })
    const written = Object.fromEntries(merged.filter(([, value]) => value !== null)) as unknown as SessionRecord
    records.set(record.id, written)
    return copyOf(written)
  }
}

/** A session where it stands in a list: what it is sorted by, then its id. */
interface Place {
  value: Buffer
  id: string
}

/** Below zero when `left` comes first. Texts are compared by their bytes, as databases do. */
function compare(left: Place, right: Place): number {
  return Buffer.compare(left.value, right.value) || (left.id < right.id ? -1 : Number(left.id > right.id))
}

/** In the order, from the cursor on. */
function inOrder(records: readonly SessionRecord[], { field, descending, after }: SessionOrder): SessionRecord[] {
  const placeOf = (value: string, id: string): Place => ({ value: Buffer.from(value), id })
  const direction = descending ? -1 : 1
  const start = after && placeOf(after.value, after.id)
  return records
    .map((record) => ({ record, ...placeOf(sessionSortValue(record, field), record.id) }))
    .filter((one) => !start || direction * compare(one, start) > 0)
    .sort((left, right) => direction * compare(left, right))
    .map(({ record }) => record)
}

function runningOf({ id, desired, status, statusSince, counters, healthCheck }: SessionRecord): RunningSession {
  return { id, desired, status, statusSince, counters, ...(healthCheck ? { healthCheck } : {}) }
}

/** Adds a session to the heap of those that are like it. */
function addTo(heaps: Map<string, RestingSessions>, { desired, status, statusReason, counters }: SessionRecord): void {
  const code = statusReason?.code
  const key = `${desired} ${status} ${code}`
  const heap = heaps.get(key)
  if (!heap) {
    heaps.set(key, { desired, status, ...(code ? { code } : {}), count: 1, counters: { ...counters } })
    return
  }
  heap.count += 1
  for (const [name, by] of Object.entries(counters)) heap.counters[name as keyof typeof counters] += by
}

function fits(
  record: SessionRecord,
  { status, text, metadata }: Pick<SessionQuery, 'status' | 'text' | 'metadata'>,
): boolean {
  if (status && record.status !== status) return false
  if (text !== undefined && !sessionSearchText(record).includes(searchForm(text))) return false
  return Object.entries(metadata ?? {}).every(([name, value]) => record.metadata[name] === value)
}
