import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import type { LiveSession } from '../session/live-session.js'
import { sleep } from '../util/sleep.js'

export interface HealthRoundOptions {
  live(): LiveSession[]
  /** Over which the questions of one round are spread. */
  spreadMs: number
  clock: Clock
  logger: Logger
}

/**
 * Asks each session of this process that is to be connected how it does, one after the other with the same distance between
 * them, so that hundreds of sessions make no wave. Nobody waits for the answer of another.
 */
export class HealthRound {
  readonly #options: HealthRoundOptions

  constructor(options: HealthRoundOptions) {
    this.#options = options
  }

  /** `hurry`: all that are left are asked at once, because somebody waits. */
  async run(signal: AbortSignal, hurry: AbortSignal): Promise<{ checked: number; problems: number }> {
    const { live, spreadMs, clock } = this.#options
    const cutShort = AbortSignal.any([signal, hurry])
    const sessions = live().filter(isToBeConnected)
    const distanceMs = spreadMs / Math.max(1, sessions.length)
    const asked: Promise<boolean | undefined>[] = []
    if (sessions.length === 0) await sleep(clock, spreadMs, cutShort)
    for (const session of sessions) {
      await sleep(clock, distanceMs, cutShort)
      if (signal.aborted) break
      asked.push(this.#ask(session))
    }
    const answers = (await Promise.all(asked)).filter((ok) => ok !== undefined)
    return { checked: answers.length, problems: answers.filter((ok) => !ok).length }
  }

  /** Whether it is well; `undefined` when it has stopped, or gone to another node, meanwhile. */
  async #ask(session: LiveSession): Promise<boolean | undefined> {
    if (!isToBeConnected(session)) return undefined
    try {
      return (await session.healthCheck()).ok
    } catch (error) {
      this.#options.logger.debug({ err: error, sessionId: session.id }, 'A session could not be asked how it does')
      return undefined
    }
  }
}

function isToBeConnected({ status }: LiveSession): boolean {
  return status === 'connected' || status === 'reconnecting'
}
