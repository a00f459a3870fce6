import { TrunklineError } from '../errors/trunkline-error.js'
import type { Pacer } from '../pacing/pacer.js'
import { inForce } from '../pacing/restrictions.js'
import type { Clock } from '../ports/clock.js'
import type { JobStore } from '../ports/job-store.js'
import type { SessionRecord } from '../ports/session-store.js'
import { publicMessage } from '../records/stored.js'
import type { QueueState } from '../session/commands.js'
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
  /** Asks the node that runs the session. @throws LEASE_HELD and its like when that cannot be asked */
  ask(sessionId: string): Promise<QueueState>
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
    const { jobs, clock } = this.#parts
    const kind = queueKind(record.id)
    const [waiting, claimed, next, { waitingFor: reason, ...told }] = await Promise.all([
      jobs.count({ kind, state: 'waiting' }),
      jobs.count({ kind, state: 'claimed' }),
      jobs.nextAt(kind),
      this.#told(record),
    ])
    const state = stateOf(record, told.restrictions)
    const waitingFor = waiting > 0 ? (REASONS[state] ?? reason) : undefined
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

  /** By who sends what waits; by the store where that cannot be asked. */
  async #told(record: SessionRecord): Promise<QueueState & typeof NOTHING_USED> {
    const { ask, pacer } = this.#parts
    try {
      return { ...NOTHING_USED, ...(await ask(record.id)) }
    } catch (error) {
      if (!TrunklineError.is(error) || !OUT_OF_REACH.has(error.code)) throw error
    }
    const { id: sessionId, settings, restrictions = [] } = record
    const told = await pacer?.report({ sessionId, settings })
    // Somebody else counts on.
    pacer?.forget(sessionId)
    return { ...NOTHING_USED, ...told, restrictions: inForce(restrictions, this.#parts.clock.now()) }
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

/** What says that the node that runs a session cannot be asked now. */
const OUT_OF_REACH: ReadonlySet<string> = new Set([
  'LEASE_HELD',
  'LEASE_UNSURE',
  'CLUSTER_UNREACHABLE',
  'NODE_UNAVAILABLE',
])

const REASONS: Partial<Record<Queue['state'], WaitingFor>> = {
  paused: { code: 'QUEUE_PAUSED', message: 'The queue is paused until somebody resumes it' },
  offline: { code: 'SESSION_NOT_CONNECTED', message: 'The session is not connected' },
}

function stateOf({ queuePaused, status }: SessionRecord, restrictions: readonly SendRestriction[]): Queue['state'] {
  if (queuePaused) return 'paused'
  if (status !== 'connected') return 'offline'
  return restrictions.length > 0 ? 'limited' : 'running'
}
