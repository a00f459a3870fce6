import type { Clock } from '../ports/clock.js'
import type { ClusterBus } from '../ports/cluster-bus.js'
import type { Logger } from '../ports/logger.js'
import { isRunning } from '../session/session-machine.js'
import type { EventName, EventOf } from '../types/events.js'
import { sleep } from '../util/sleep.js'
import { decodeMessage, encodeMessage, FREE_SESSIONS, type SessionNews, STARTED_SESSIONS } from './message.js'

/** How often it is looked for sessions that nobody told of. */
const LOOK_EVERY_MS = 60_000

export interface StandByParts {
  bus: ClusterBus
  clock: Clock
  logger: Logger
  /** Looks at once for sessions that nobody has. */
  wake(): void
  /** Every event of this node; the answer ends it. */
  listen(heard: (name: EventName, event: EventOf<EventName>) => void): () => void
  /** Runs a session here as soon as no other node does, if it is wanted running. */
  resume(sessionId: string): Promise<void>
  /** The same for every session. */
  resumeAll(): Promise<void>
}

/** Has this node ready for the sessions that run on others, also for those that were made or started after it. */
export class StandBy {
  readonly #parts: StandByParts
  readonly #closing = new AbortController()
  readonly #undo: (() => void)[] = []
  #looking: Promise<void> | undefined

  constructor(parts: StandByParts) {
    this.#parts = parts
    this.#undo.push(parts.listen((name, event) => this.#tell(name, event)))
  }

  /** From now on; what there is already is the caller's. */
  async start(): Promise<void> {
    const { bus, resume, wake, logger } = this.#parts
    if (this.#looking) return
    this.#looking = this.#lookAgainAndAgain()
    const stop = await bus.listen(STARTED_SESSIONS, (data) => {
      const news = decodeMessage<SessionNews>(data)
      if (!news || this.#closing.signal.aborted) return
      resume(news.sessionId).catch((error: unknown) =>
        logger.warn({ err: error, sessionId: news.sessionId }, 'A session of another node is not stood by for yet'),
      )
    })
    const stopWaking = await bus.listen(FREE_SESSIONS, () => {
      wake()
    })
    this.#undo.push(stop, stopWaking)
  }

  /** Sessions are free that no node was asked to take: all look for them now, and not at their next look. */
  tellFree(): void {
    const { bus, wake } = this.#parts
    wake()
    bus.tell(FREE_SESSIONS, encodeMessage({}))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const undo of this.#undo.splice(0)) undo()
    await this.#looking
  }

  #tell(name: EventName, event: EventOf<EventName>): void {
    if (name !== 'session.status') return
    const { sessionId, status, previousStatus } = event as EventOf<'session.status'>
    if (isRunning(status) && !isRunning(previousStatus))
      this.#parts.bus.tell(STARTED_SESSIONS, encodeMessage({ sessionId }))
  }

  async #lookAgainAndAgain(): Promise<void> {
    const { clock, resumeAll, logger } = this.#parts
    while (await sleep(clock, LOOK_EVERY_MS, this.#closing.signal))
      await resumeAll().catch((error: unknown) =>
        logger.warn({ err: error }, 'It could not be looked for sessions of other nodes; trying again'),
      )
  }
}
