import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import type { LiveSession } from '../session/live-session.js'
import { sleep } from '../util/sleep.js'

export interface KeyCollectionOptions {
  live(): LiveSession[]
  /** Between two runs of one session, give or take a quarter. */
  intervalMs: number
  clock: Clock
  /** 0 (inclusive) to 1 (exclusive). */
  random: () => number
  logger: Logger
}

/** A session that had a message within this time is busy: it waits for its turn, but not for longer than a day. */
const QUIET_MS = 60_000
const MAX_WAIT_MS = 24 * 60 * 60_000
const PAUSE_MS = 1_000

/** Has each connected session remove its old keys now and then: one after the other, spread over the day, best when it is quiet. */
export class KeyCollection {
  readonly #options: KeyCollectionOptions
  /** By the monotonic clock. */
  readonly #dueAt = new WeakMap<LiveSession, number>()

  constructor(options: KeyCollectionOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<{ sessions: number; keys: number }> {
    const { live, clock, logger } = this.#options
    const did = { sessions: 0, keys: 0 }
    for (const session of live()) {
      if (signal.aborted) break
      if (session.status !== 'connected' || !this.#isTurnOf(session)) continue
      this.#dueAt.set(session, clock.monotonic() + this.#pause())
      try {
        const collected = await session.collectKeys()
        const keys = Object.values(collected).reduce((sum, count) => sum + count, 0)
        did.sessions += 1
        did.keys += keys
        if (keys > 0) logger.info({ sessionId: session.id, collected }, 'Keys that nothing can need again are removed')
      } catch (error) {
        logger.warn(
          { err: error, sessionId: session.id },
          'Old keys could not be looked through; trying again tomorrow',
        )
      }
      if (!(await sleep(clock, PAUSE_MS, signal))) break
    }
    return did
  }

  #isTurnOf(session: LiveSession): boolean {
    const { clock, random, intervalMs } = this.#options
    const now = clock.monotonic()
    const dueAt = this.#dueAt.get(session)
    if (dueAt === undefined) {
      // Soon after a start, so that a process that is restarted every day gets to it, but not all sessions at once.
      this.#dueAt.set(session, now + (intervalMs / 4) * random())
      return false
    }
    if (now < dueAt) return false
    const quietMs = clock.now() - Date.parse(session.lastActivityAt ?? '')
    return !(quietMs < QUIET_MS) || now - dueAt >= MAX_WAIT_MS
  }

  #pause(): number {
    return this.#options.intervalMs * (0.75 + this.#options.random() / 2)
  }
}
