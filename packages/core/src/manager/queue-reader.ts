import type { Pacer } from '../pacing/pacer.js'
import type { Clock } from '../ports/clock.js'
import type { JobStore } from '../ports/job-store.js'
import type { SessionRecord } from '../ports/session-store.js'
import { publicMessage } from '../records/stored.js'
import type { LiveSession } from '../session/live-session.js'
import { queuedOf, queueKind } from '../session/queue-job.js'
import type { Page, PageOptions } from '../types/page.js'
import type { Queue, QueuedMessage, QueueLength, SendRestriction, WaitingFor } from '../types/queue.js'
import type { MessageReader } from './message-reader.js'
import { checkLimit } from './validation.js'

export interface QueueReaderParts {
  jobs: JobStore
  pacer: Pacer | undefined
  clock: Clock
  reader: Pick<MessageReader, 'addressed'>
  live: { find(sessionId: string): Pick<LiveSession, 'queueWaitsFor'> | undefined }
}

const NOTHING_USED: Pick<Queue, 'used' | 'limits' | 'restrictions'> = {
  used: { minute: 0, hour: 0, day: 0, newChats: 0 },
  limits: {},
  restrictions: [],
}

/** Reads what waits to be sent, on whichever node. */
export class QueueReader {
  readonly #parts: QueueReaderParts

  constructor(parts: QueueReaderParts) {
    this.#parts = parts
  }

  async view(record: SessionRecord): Promise<Queue> {
    const { jobs, pacer, clock, live } = this.#parts
    const kind = queueKind(record.id)
    const [waiting, claimed, next, told = NOTHING_USED] = await Promise.all([
      jobs.count({ kind, state: 'waiting' }),
      jobs.count({ kind, state: 'claimed' }),
      jobs.nextAt(kind),
      pacer?.report({ sessionId: record.id, settings: record.settings }),
    ])
    const state = stateOf(record, told.restrictions)
    const waitingFor = waiting > 0 ? (REASONS[state] ?? live.find(record.id)?.queueWaitsFor) : undefined
    const isSent = state === 'running' || state === 'limited'
    const now = new Date(clock.now()).toISOString()
    const nextAt = [waitingFor?.until, next, now].reduce((left = '', right = '') => (left > right ? left : right))
    return {
      state,
      waiting: waiting + claimed,
      ...(isSent && next !== undefined && nextAt ? { nextAt } : {}),
      ...(waitingFor ? { waitingFor } : {}),
      ...told,
    }
  }

  /** Of the sessions in which something waits, the longest queues first. */
  async longest({ ids }: { ids?: readonly string[] }): Promise<QueueLength[]> {
    const counts = await this.#parts.jobs.countOpen(queueKind(''))
    const asked = ids && new Set(ids)
    return [...counts]
      .map(([kind, waiting]) => ({ sessionId: kind.slice(queueKind('').length), waiting }))
      .filter(({ sessionId }) => asked?.has(sessionId) !== false)
      .sort((one, other) => other.waiting - one.waiting || (one.sessionId < other.sessionId ? -1 : 1))
  }

  /** Those that wait, in the order in which they were queued. */
  async page(sessionId: string, { limit, cursor }: PageOptions): Promise<Page<QueuedMessage>> {
    const query = { kind: queueKind(sessionId), state: 'waiting' as const, limit: checkLimit(limit) }
    const { items, ...page } = await this.#parts.jobs.list({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    const queued = items.map(queuedOf)
    const messages = await this.#parts.reader.addressed(
      sessionId,
      queued.map(({ message }) => publicMessage(message)),
    )
    return {
      ...page,
      items: queued.flatMap(({ priority, sendAt, expiresAt }, place) => {
        const message = messages[place]
        const times = { ...(sendAt ? { sendAt } : {}), ...(expiresAt ? { expiresAt } : {}) }
        return message ? [{ message, priority, ...times }] : []
      }),
    }
  }
}

const REASONS: Partial<Record<Queue['state'], WaitingFor>> = {
  paused: { code: 'QUEUE_PAUSED', message: 'The queue is paused until somebody resumes it' },
  offline: { code: 'SESSION_NOT_CONNECTED', message: 'The session is not connected' },
}

function stateOf({ queuePaused, status }: SessionRecord, restrictions: readonly SendRestriction[]): Queue['state'] {
  if (queuePaused) return 'paused'
  if (status !== 'connected') return 'offline'
  return restrictions.length > 0 ? 'limited' : 'running'
}
