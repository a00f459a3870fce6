import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection } from '../ports/connector.js'
import type { SessionRecord } from '../ports/session-store.js'
import { type CloseHistory, NO_HISTORY } from './after-close.js'
import type { Ownership, SessionServices } from './services.js'
import { isRunning } from './session-machine.js'
import { type RunParts, SessionRun, type StartOptions } from './session-run.js'
import type { SessionState } from './session-state.js'
import { Tenure } from './tenure.js'

interface Running {
  run: SessionRun
  finished: Promise<void>
}

/**
 * The runs of one session, one after the other, and its ownership between and beside them. What only the owner of a session may
 * do is refused with LEASE_HELD while another node owns it.
 */
export class SessionRuns {
  readonly #services: SessionServices
  readonly #state: SessionState
  readonly #tenure: Tenure
  readonly #parts: RunParts
  #running: Running | undefined
  #history: CloseHistory = NO_HISTORY

  constructor(parts: Omit<RunParts, 'tenure'>) {
    this.#services = parts.services
    this.#state = parts.state
    this.#tenure = new Tenure(parts)
    this.#parts = { ...parts, tenure: this.#tenure }
  }

  get connection(): Connection | undefined {
    return this.#running?.run.connection
  }

  /** Whether the account of the open connection is linked. */
  get isLinked(): boolean {
    return this.#running?.run.isLinked === true
  }

  /** Whether the session runs here, and does not only wait for another node. */
  get isActive(): boolean {
    return this.#running !== undefined && !this.#running.run.standsBy
  }

  /** Whether it is to run here when no other node does. */
  get standsBy(): boolean {
    return this.#running?.run.standsBy === true
  }

  /** While a session that other nodes have left to this one connects here: settles when it has, or that has failed. */
  get arrival(): Promise<void> | undefined {
    return this.#running?.run.arrival
  }

  get isAtRest(): boolean {
    return this.#running === undefined
  }

  /**
   * Starts a run, unless there is one; resolves when it is known, and stored, whether it runs here. The answer says whether it
   * waits for another node.
   */
  async start(options: StartOptions): Promise<{ standsBy: boolean }> {
    // One that only waits for its turn does so no longer.
    if (this.#services.mayTake && this.#running?.run.standsBy && (options.asked || options.granted)) await this.end()
    const running = this.#running
    if (running && (running.run.standsBy || isRunning(this.#state.status))) return { standsBy: running.run.standsBy }
    // A run that has come to its end, but is still telling so.
    await running?.finished
    this.#history = { ...this.#history, failuresInARow: 0, restartsInARow: 0 }
    const run = this.#launch(options)
    await run.begun
    return { standsBy: run.standsBy }
  }

  /** Somebody asks for the session that the run stands by for. */
  ask(record: SessionRecord): void {
    this.#running?.run.ask(record)
  }

  /** Connects at once instead of waiting for the end of the back-off; a session that is not waiting is left alone. */
  async hurry(): Promise<void> {
    if (this.isActive && this.#state.status === 'reconnecting') {
      await this.end()
      this.#history = NO_HISTORY
      // Its end may have been a logout, and in the last moment it may have opened.
      if (await this.#state.transition('retryable-close')) this.#launch({ asked: true })
      else await this.release()
      return
    }
    this.#history = NO_HISTORY
    this.#running?.run.forget()
  }

  /** Ends the run; the session stays owned. */
  async end(): Promise<void> {
    const running = this.#running
    running?.run.end()
    await running?.finished
  }

  /**
   * Ends the run and has the session, so that its record may be written. A store that fails is no reason not to stop: what
   * cannot be stored now is stored when the session is taken again.
   *
   * @throws LEASE_HELD; a run that stands by goes on then
   */
  async endAsOwner(): Promise<void> {
    await this.refuseElsewhere()
    await this.end()
    if (this.#tenure.current) return
    const taken = await this.#tenure.take().catch((error: unknown) => {
      if (TrunklineError.is(error, 'SESSION_NOT_FOUND')) throw error
      return 'unknown' as const
    })
    if (!taken) throw await this.#held()
  }

  /** Takes the session under its next epoch, for whoever has ended its run. @throws LEASE_HELD · STORE_UNAVAILABLE */
  async take(): Promise<Ownership> {
    return (await this.#tenure.take()) ?? Promise.reject(await this.#held())
  }

  release(): Promise<void> {
    return this.#tenure.release()
  }

  /** Work on the record that the owner alone may do, be the session running or at rest. @throws LEASE_HELD */
  async asOwner<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.isActive) return work()
    await this.refuseElsewhere()
    await this.end()
    try {
      await this.take()
      return await work()
    } finally {
      await this.release()
    }
  }

  /** @throws LEASE_HELD when another node has the session */
  async refuseElsewhere(): Promise<void> {
    // One that has lost the session does not know yet that it is to stand by.
    if (this.isActive && this.#tenure.current) return
    const holder = await this.#services.holderOf(this.#state.id)
    if (holder !== undefined && holder !== this.#services.node) throw await this.#held(holder)
  }

  #launch(options: StartOptions): SessionRun {
    const run = new SessionRun(this.#parts, { ...options, before: this.#history })
    const { id } = this.#state
    const live = run.live().catch(async (error: unknown) => {
      this.#services.logger.error({ err: error, sessionId: id }, 'The session loop failed')
      const cause = { code: 'INTERNAL', message: 'The session loop failed' } as const
      await this.#state.transition('failed', { cause })
    })
    const finished = live.finally(async () => {
      this.#history = run.history
      // Who has ended it goes on with the session.
      if (!run.isEnding) await this.release()
      if (this.#running?.run === run) this.#running = undefined
    })
    this.#running = { run, finished }
    return run
  }

  async #held(holder?: string): Promise<TrunklineError> {
    const { id } = this.#state
    const owner = holder ?? (await this.#services.holderOf(id).catch(() => undefined))
    return new TrunklineError('LEASE_HELD', { details: { sessionId: id, ...(owner ? { owner } : {}) } })
  }
}
