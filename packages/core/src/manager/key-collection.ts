import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import type { LiveSession } from '../session/live-session.js'
import { sleep } from '../util/sleep.js'

export interface KeyCollectionOptions {
  live(): LiveSession[]
  /** Between two runs of one session, give or take a quarter: as it is set now. */
  intervalMs(): number
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
  /** When it was looked through, or seen, last (by the monotonic clock), and after what part of the interval it is due. */
  readonly #turns = new WeakMap<LiveSession, { from: number; share: number }>()

  constructor(options: KeyCollectionOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<{ sessions: number; keys: number }> {
    const { live, clock, random, logger } = this.#options
    const did = { sessions: 0, keys: 0 }
    for (const session of live()) {
      if (signal.aborted) break
      if (session.status !== 'connected' || !this.#isTurnOf(session)) continue
      this.#turns.set(session, { from: clock.monotonic(), share: 0.75 + random() / 2 })
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
    const turn = this.#turns.get(session)
    if (!turn) {
      // Soon after a start, so that a process that is restarted every day gets to it, but not all sessions at once.
      this.#turns.set(session, { from: now, share: random() / 4 })
      return false
    }
    const dueAt = turn.from + turn.share * intervalMs()
    if (now < dueAt) return false
    const quietMs = clock.now() - Date.parse(session.lastActivityAt ?? '')
    return !(quietMs < QUIET_MS) || now - dueAt >= MAX_WAIT_MS
  }
}
