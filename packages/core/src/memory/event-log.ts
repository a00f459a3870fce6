import type { AppendedEvent, EventLog, NewEvent } from '../ports/event-log.js'
import type { LoggedEvent } from '../types/events.js'
import { copyOf } from '../util/copy.js'

interface SessionLog {
  lastSeq: number
  /** Oldest first, without gaps up to the last one. */
  kept: { key: string | undefined; logged: LoggedEvent }[]
  /** Those of `kept` that have a key. */
  byKey: Map<string, LoggedEvent>
}

const newLog = (): SessionLog => ({ lastSeq: 0, kept: [], byKey: new Map() })

export function createEventLog(eventsPerSession: number): EventLog {
  const logs = new Map<string, SessionLog>()

  return {
    async append(sessionId, events) {
      const log = logs.get(sessionId) ?? newLog()
      logs.set(sessionId, log)
      const appended = events.map((event) => appendOne(log, sessionId, copyOf(event)))
      dropOldest(log, log.kept.length - eventsPerSession)
      return copyOf(appended)
    },

    async read(sessionId, { after, limit }) {
      const { kept, lastSeq } = logs.get(sessionId) ?? newLog()
      const events = kept.map(({ logged }) => logged).filter(({ event }) => event.seq > after)
      const next = events[0]?.event.seq ?? lastSeq + 1
      return { events: copyOf(events.slice(0, limit)), gap: next !== after + 1 }
    },

    async lastSeq(sessionId) {
      return logs.get(sessionId)?.lastSeq ?? 0
    },

    async lastSeqs(sessionIds) {
      return new Map(sessionIds.map((id) => [id, logs.get(id)?.lastSeq ?? 0]))
    },

    async prune({ before, keep, limit = Number.POSITIVE_INFINITY }) {
      let pruned = 0
      for (const log of logs.values()) {
        const oldest = keep === undefined ? 0 : log.lastSeq - keep
        const first = log.kept.findIndex(({ logged: { event } }) => event.seq > oldest && event.at >= (before ?? ''))
        pruned += dropOldest(log, Math.min(first === -1 ? log.kept.length : first, limit - pruned))
      }
      return pruned
    },

    async removeAll(sessionId) {
      logs.delete(sessionId)
    },
  }
}

function appendOne(log: SessionLog, sessionId: string, { name, at, payload, key }: NewEvent): AppendedEvent {
  const first = key === undefined ? undefined : log.byKey.get(key)
  if (first) return { ...first, repeated: true }
  log.lastSeq += 1
  const logged = { name, event: { sessionId, at, seq: log.lastSeq, ...payload } } as LoggedEvent
  log.kept.push({ key, logged })
  if (key !== undefined) log.byKey.set(key, logged)
  return { ...logged, repeated: false }
}

/** Answers how many there were. */
function dropOldest(log: SessionLog, count: number): number {
  const dropped = log.kept.splice(0, count)
  for (const { key } of dropped) if (key !== undefined) log.byKey.delete(key)
  return dropped.length
}
