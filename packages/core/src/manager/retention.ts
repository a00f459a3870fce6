import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import type { Store } from '../ports/store.js'
import type { LiveSession } from '../session/live-session.js'
import { LIMITS } from '../types/limits.js'
import type { ClusterNode } from '../types/node.js'
import { sleep } from '../util/sleep.js'
import { everySession } from './every-session.js'
import type { SessionRemoval } from './session-removal.js'
import { hourAt } from './traffic-counter.js'

/** How long, and how much of it, is kept. `Infinity` keeps it for ever. */
export interface RetentionLimits {
  /** Messages older than this are removed: never, as they are the conversations of a business. */
  messageMaxAgeMs: number
  /** How many messages of each session are kept, the newest: all of them. Applied where messages came in, by the node that runs the session. */
  messageMaxCount: number
  /** Logged events older than this are removed: 7 days. It bounds how long a client may be away and still miss nothing. */
  eventMaxAgeMs: number
  /** How many events of each session are kept, the newest: 20,000. */
  eventMaxCount: number
  /** Archived credentials can be restored for this long: 90 days. */
  archiveMaxAgeMs: number
  /** Entries of the audit log older than this are removed: 365 days. */
  auditMaxAgeMs: number
  /** How many entries of the audit log are kept, the newest: a million. */
  auditMaxCount: number
  /** A deleted session keeps what it has, and its id, for this long: 90 days. Then all of it goes, archived credentials too. */
  deletedSessionMaxAgeMs: number
  /** Work that has ended, such as deliveries of webhooks that failed first: 30 days. */
  jobMaxAgeMs: number
  /** Files of messages are kept here for this long: for ever. Who wants one later gets it from WhatsApp, while that has it. */
  mediaMaxAgeMs: number
  /** How many bytes of files are kept, the newest: all of them. */
  mediaMaxBytes: number
}

const DAY_MS = 24 * 60 * 60_000

const DEFAULT_RETENTION: RetentionLimits = {
  messageMaxAgeMs: Number.POSITIVE_INFINITY,
  messageMaxCount: Number.POSITIVE_INFINITY,
  eventMaxAgeMs: 7 * DAY_MS,
  eventMaxCount: 20_000,
  archiveMaxAgeMs: 90 * DAY_MS,
  auditMaxAgeMs: 365 * DAY_MS,
  auditMaxCount: 1_000_000,
  deletedSessionMaxAgeMs: 90 * DAY_MS,
  jobMaxAgeMs: 30 * DAY_MS,
  mediaMaxAgeMs: Number.POSITIVE_INFINITY,
  mediaMaxBytes: Number.POSITIVE_INFINITY,
}

/** The limits that were given, and the defaults of the others. */
export function retentionLimits(given: Partial<RetentionLimits> = {}): RetentionLimits {
  return { ...DEFAULT_RETENTION, ...given }
}

/** Rows that one call of a store removes; the pause after it lets everything else go on. */
const BATCH = 2_000
const PAUSE_MS = 50

export interface RetentionParts {
  store: Store
  /** The id of this process among those that share the store. */
  node: string
  removal: SessionRemoval
  live(): LiveSession[]
  limits: RetentionLimits
  clock: Clock
  logger: Logger
}

/** Whether a process does what is to be done once for a store: the member that has been there for longest, and whoever is none. */
export function isForAll(members: readonly Pick<ClusterNode, 'id' | 'startedAt'>[], node: string): boolean {
  const places = members.map(({ id, startedAt }) => ({ id, place: `${startedAt} ${id}` }))
  const own = places.find(({ id }) => id === node)
  return !own || places.every(({ place }) => place >= own.place)
}

/**
 * Removes what is kept no longer, in batches. Among several processes the oldest does it for all, unless somebody asks another one; each
 * trims the messages of the sessions that it runs. Idle sessions cost nothing of their own: by age one query finds the sessions that
 * have something to remove, by count only those are looked at that stored messages since the last time (and, once after a
 * start, every one that runs here, because nobody knows what it stored before).
 */
export class Retention {
  readonly #parts: RetentionParts

  constructor(parts: RetentionParts) {
    this.#parts = parts
  }

  /** Ends early, between two batches, when the signal is aborted; `asked` is when somebody has asked this process for it. */
  async run(signal: AbortSignal, asked?: AbortSignal): Promise<Record<string, number>> {
    const { store, node, logger } = this.#parts
    const messages = await this.#surplusMessages(signal)
    const forAll = asked?.aborted || isForAll(await store.leases.members(), node)
    const removed = forAll ? await this.#everything(messages, signal) : { messages }
    if (Object.values(removed).some((count) => count > 0))
      logger.info({ removed }, 'What was kept long enough is removed')
    return removed
  }

  async #everything(surplus: number, signal: AbortSignal): Promise<Record<string, number>> {
    const { store, limits } = this.#parts
    const removed = {
      messages: surplus + (await this.#oldMessages(signal)),
      events: await this.#events(signal),
      audit: await this.#audit(signal),
      jobs: await this.#jobs(signal),
      media: await this.#media(signal),
      traffic: await this.#traffic(signal),
      archives: 0,
      sessions: 0,
    }
    const archivedBefore = this.#before(limits.archiveMaxAgeMs)
    if (archivedBefore && !signal.aborted) {
      removed.archives = await store.auth.purgeArchives({ before: archivedBefore })
    }
    removed.sessions = await this.#deletedSessions(signal)
    return removed
  }

  async #oldMessages(signal: AbortSignal): Promise<number> {
    const { store, limits } = this.#parts
    const before = this.#before(limits.messageMaxAgeMs)
    return before ? this.#inBites((limit) => store.messages.prune({ before, limit }), signal) : 0
  }

  async #surplusMessages(signal: AbortSignal): Promise<number> {
    const { store, limits, live } = this.#parts
    const keep = limits.messageMaxCount
    if (!Number.isFinite(keep)) return 0
    let removed = 0
    for (const { id, metrics } of live()) {
      if (signal.aborted) break
      if (!metrics.takeGrown()) continue
      try {
        removed += await this.#inBites((limit) => store.messages.trim(id, { keep, limit }), signal)
      } catch (error) {
        metrics.stored()
        throw error
      }
    }
    return removed
  }

  async #events(signal: AbortSignal): Promise<number> {
    const { store, limits } = this.#parts
    const before = this.#before(limits.eventMaxAgeMs)
    const keep = Number.isFinite(limits.eventMaxCount) ? limits.eventMaxCount : undefined
    if (!before && keep === undefined) return 0
    const options = { ...(before ? { before } : {}), ...(keep === undefined ? {} : { keep }) }
    return this.#inBites((limit) => store.events.prune({ ...options, limit }), signal)
  }

  /** Where the store keeps one. */
  async #audit(signal: AbortSignal): Promise<number> {
    const { store, limits } = this.#parts
    const { audit } = store
    const before = this.#before(limits.auditMaxAgeMs)
    const keep = limits.auditMaxCount
    if (!audit || (!before && !Number.isFinite(keep))) return 0
    const options = { ...(before ? { before } : {}), ...(Number.isFinite(keep) ? { keep } : {}) }
    return this.#inBites((limit) => audit.prune({ ...options, limit }), signal)
  }

  /** Where the store keeps some. */
  async #jobs(signal: AbortSignal): Promise<number> {
    const { store, limits } = this.#parts
    const { jobs } = store
    const before = this.#before(limits.jobMaxAgeMs)
    return jobs && before ? this.#inBites((limit) => jobs.prune({ before, limit }), signal) : 0
  }

  /** Where the store keeps some: by age, then the oldest of all sessions until the rest has room. */
  async #media(signal: AbortSignal): Promise<number> {
    const { store, limits } = this.#parts
    const { media } = store
    const before = this.#before(limits.mediaMaxAgeMs)
    const maxBytes = Number.isFinite(limits.mediaMaxBytes) ? limits.mediaMaxBytes : undefined
    if (!media || (!before && maxBytes === undefined)) return 0
    const options = { ...(before ? { before } : {}), ...(maxBytes === undefined ? {} : { maxBytes }) }
    return this.#inBites((limit) => media.prune({ ...options, limit }), signal)
  }

  /** Where the store keeps some: what is older than any chart. */
  async #traffic(signal: AbortSignal): Promise<number> {
    const { traffic } = this.#parts.store
    const before = hourAt(this.#parts.clock.now(), { before: LIMITS.traffic.maxHours })
    return traffic ? this.#inBites((limit) => traffic.prune({ before, limit }), signal) : 0
  }

  async #deletedSessions(signal: AbortSignal): Promise<number> {
    const { store, limits, removal, logger } = this.#parts
    const deletedBefore = this.#before(limits.deletedSessionMaxAgeMs)
    if (!deletedBefore) return 0
    let removed = 0
    for await (const { id } of everySession(store.sessions, { deletedBefore })) {
      if (signal.aborted) return removed
      try {
        if (await removal.remove(id, { deletedBefore })) removed += 1
      } catch (error) {
        if (!TrunklineError.is(error, 'LEASE_HELD')) throw error
        logger.debug({ sessionId: id }, 'Another node removes this deleted session')
      }
    }
    return removed
  }

  async #inBites(remove: (limit: number) => Promise<number>, signal: AbortSignal): Promise<number> {
    let removed = 0
    while (!signal.aborted) {
      const batch = await remove(BATCH)
      removed += batch
      if (batch < BATCH || !(await sleep(this.#parts.clock, PAUSE_MS, signal))) break
    }
    return removed
  }

  /** `undefined` for an age that nothing reaches. */
  #before(maxAgeMs: number): string | undefined {
    const time = this.#parts.clock.now() - maxAgeMs
    return time > 0 ? new Date(time).toISOString() : undefined
  }
}
