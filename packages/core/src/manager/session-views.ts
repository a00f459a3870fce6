import type { Clock } from '../ports/clock.js'
import type { SessionQuery, SessionRecord } from '../ports/session-store.js'
import { isProblematic } from '../session/health.js'
import type { Page, PageOptions } from '../types/page.js'
import type { Session, SessionSort, SessionStatus } from '../types/session.js'
import type { LiveSessions } from './live-sessions.js'
import type { SessionRecords } from './session-records.js'
import { toSession } from './session-view.js'
import { checkLimit } from './validation.js'

/** What `list` can be narrowed to; the words are those of the routes. */
export type SessionFilter = 'active' | 'connected' | 'problematic'

/** Which sessions `list` answers; everything that is given has to fit. */
export interface ListSessionsOptions extends PageOptions {
  ids?: readonly string[]
  filter?: SessionFilter
  /** By id unless given. `nextCursor` is of the same order. */
  sort?: SessionSort
  /** As the node that runs the session reported it last. */
  status?: SessionStatus
  /** In the id or in the label, whatever the case of its letters. */
  text?: string
  /** Names and values that the session has in its metadata. */
  metadata?: Readonly<Record<string, string>>
}

export interface SessionViewsParts {
  records: Pick<SessionRecords, 'read' | 'page'>
  live: Pick<LiveSessions, 'find'>
  clock: Clock
  storeAnswers(): boolean
}

/** Sessions as callers see them: the records, with what was counted here and is not stored yet. */
export class SessionViews {
  readonly #parts: SessionViewsParts

  constructor(parts: SessionViewsParts) {
    this.#parts = parts
  }

  /** @throws SESSION_NOT_FOUND */
  async read(sessionId: string): Promise<Session> {
    return this.of(await this.#parts.records.read(sessionId))
  }

  async page(options: ListSessionsOptions): Promise<Page<Session>> {
    const { filter, limit, ...wanted } = options
    const query = { ...narrowedBy(filter), ...wanted, limit: checkLimit(limit) }
    const page = await this.#parts.records.page(query, acceptedBy(options, this.#parts.clock.now()))
    return { ...page, items: page.items.map((record) => this.of(record)) }
  }

  of(record: SessionRecord): Session {
    return toSession(record, this.moment(), this.#parts.live.find(record.id)?.metrics.pending)
  }

  /** What the health of a session is judged by, beside its record. */
  moment(): { now: number; storeAnswers: boolean } {
    return { now: this.#parts.clock.now(), storeAnswers: this.#parts.storeAnswers() }
  }
}

/** What of a filter the store finds by index. */
function narrowedBy(filter: SessionFilter | undefined): Pick<SessionQuery, 'desired' | 'status'> {
  if (filter === 'active') return { desired: 'running' }
  return filter === 'connected' ? { status: 'connected' } : {}
}

/** What the store knows may have changed since, and it says nothing of a session whose node is gone. */
function acceptedBy({ filter, status }: ListSessionsOptions, now: number): (record: SessionRecord) => boolean {
  return (record) => {
    if (status && record.status !== status) return false
    if (filter === 'active') return record.desired === 'running'
    if (filter === 'connected') return record.status === 'connected'
    return filter === undefined || isProblematic(record, now)
  }
}
