import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { EndingCommand } from '../ports/session-store.js'
import type { CommandOptions, ResultOf, SessionCommand } from '../session/commands.js'
import { sleep } from '../util/sleep.js'
import type { LiveSessions } from './live-sessions.js'
import type { OtherNodes } from './other-nodes.js'
import type { SessionRequests } from './session-requests.js'

/** A session that is being handed over is asked for again after these times. */
const HANDOVER_PAUSES_MS = [50, 100, 200, 400, 400, 400, 400, 400, 400]

export interface SessionRouterParts {
  live: LiveSessions
  requests: Pick<SessionRequests, 'ask'>
  /** Who else may run a session, where nodes can talk to each other. */
  others: OtherNodes | undefined
  /** @throws LEASE_UNSURE when another node may have the session by now */
  verifyLease(sessionId: string): void
  clock: Clock
}

/**
 * Brings commands to where a session runs: here, or another node where nodes can talk to each other. Where they cannot, commands
 * that end a session reach it by way of the store, and others answer LEASE_HELD.
 */
export class SessionRouter {
  readonly #parts: SessionRouterParts

  constructor(parts: SessionRouterParts) {
    this.#parts = parts
  }

  /** @throws SESSION_NOT_FOUND · LEASE_HELD · LEASE_UNSURE · CLUSTER_UNREACHABLE and what the command throws */
  async call<Command extends SessionCommand>(
    sessionId: string,
    command: Command,
    options: CommandOptions = {},
  ): Promise<ResultOf<Command>> {
    const { others } = this.#parts
    try {
      return await this.callHere(sessionId, command, options)
    } catch (error) {
      if (!others || !isElsewhere(error)) throw error
      return await this.#callThere(sessionId, command, { ...options, others, error })
    }
  }

  /** @throws SESSION_NOT_FOUND · LEASE_HELD · LEASE_UNSURE and what the command throws */
  async callHere<Command extends SessionCommand>(
    sessionId: string,
    command: Command,
    options: CommandOptions = {},
  ): Promise<ResultOf<Command>> {
    const { live: all, verifyLease } = this.#parts
    verifyLease(sessionId)
    const live = await all.load(sessionId)
    try {
      return await live.execute(command, options)
    } finally {
      if (live.isDeleted) all.forget(sessionId)
    }
  }

  /**
   * As `call`, for a command that ends a session: the node that runs it is asked by way of the store where it cannot be reached
   * otherwise.
   *
   * @throws SESSION_NOT_FOUND · LEASE_HELD when the other node does not answer, and what the command throws
   */
  async callAnywhere(sessionId: string, command: EndingCommand): Promise<void> {
    try {
      await this.call(sessionId, command)
    } catch (error) {
      const node = ownerIn(error)
      if (node === undefined || !(await this.#parts.requests.ask(sessionId, command, { node }))) throw error
      await this.#finish(sessionId, command)
    }
  }

  /** The session may be on its way from one node to the next: who is told that it is not there looks again where it is. */
  async #callThere<Command extends SessionCommand>(
    sessionId: string,
    command: Command,
    { others, error, ...options }: CommandOptions & { others: OtherNodes; error: unknown },
  ): Promise<ResultOf<Command>> {
    const packed = await others.pack(sessionId, command, options)
    let refusal = error
    try {
      for (const pauseMs of HANDOVER_PAUSES_MS) {
        const owner = ownerIn(refusal)
        const answer = owner === undefined ? 'moved' : await packed.ask(owner)
        if (answer !== 'moved') return answer.result
        await sleep(this.#parts.clock, pauseMs, options.signal)
        try {
          return await this.callHere(sessionId, packed.command, packed.options)
        } catch (error) {
          if (!isElsewhere(error)) throw error
          refusal = error
        }
      }
      throw refusal
    } finally {
      await packed.end()
    }
  }

  /** The other node has done it, or is gone: then it is done here. */
  async #finish(sessionId: string, command: EndingCommand): Promise<void> {
    try {
      await this.callHere(sessionId, command)
    } catch (error) {
      if (command.kind === 'delete' && TrunklineError.is(error, 'SESSION_NOT_FOUND')) return
      throw error
    }
  }
}

/** Whether it is said that another node has the session, or is about to. */
function isElsewhere(error: unknown): boolean {
  return TrunklineError.is(error, 'LEASE_HELD') || TrunklineError.is(error, 'CLUSTER_UNREACHABLE')
}

/** Which other node has the session, of an error that says so. */
function ownerIn(error: unknown): string | undefined {
  if (TrunklineError.is(error, 'LEASE_HELD') || TrunklineError.is(error, 'CLUSTER_UNREACHABLE'))
    return error.details.owner
  return undefined
}
