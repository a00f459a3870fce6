import { TrunklineError } from '../errors/trunkline-error.js'
import type { EndingCommand } from '../ports/session-store.js'
import type { CommandOptions, ResultOf, SessionCommand } from '../session/commands.js'
import type { LiveSessions } from './live-sessions.js'
import type { SessionRequests } from './session-requests.js'

/** Brings commands to where a session runs: here, and those that end it to other nodes too. Others answer LEASE_HELD there. */
export class SessionRouter {
  readonly #live: LiveSessions
  readonly #requests: Pick<SessionRequests, 'ask'>

  constructor(live: LiveSessions, requests: Pick<SessionRequests, 'ask'>) {
    this.#live = live
    this.#requests = requests
  }

  /** @throws SESSION_NOT_FOUND · LEASE_HELD and what the command throws */
  async call<Command extends SessionCommand>(
    sessionId: string,
    command: Command,
    options: CommandOptions = {},
  ): Promise<ResultOf<Command>> {
    const live = await this.#live.load(sessionId)
    try {
      return await live.execute(command, options)
    } finally {
      if (live.isDeleted) this.#live.forget(sessionId)
    }
  }

  /**
   * As `call`, for a command that ends a session: the node that runs it is asked to carry it out, if that is another one.
   *
   * @throws SESSION_NOT_FOUND · LEASE_HELD when the other node does not answer, and what the command throws
   */
  async callAnywhere(sessionId: string, command: EndingCommand): Promise<void> {
    try {
      await this.call(sessionId, command)
    } catch (error) {
      const node = TrunklineError.is(error, 'LEASE_HELD') ? error.details.owner : undefined
      if (node === undefined || !(await this.#requests.ask(sessionId, command, { node }))) throw error
      await this.#finish(sessionId, command)
    }
  }

  /** The other node has done it, or is gone: then it is done here. */
  async #finish(sessionId: string, command: EndingCommand): Promise<void> {
    try {
      await this.call(sessionId, command)
    } catch (error) {
      if (command.kind === 'delete' && TrunklineError.is(error, 'SESSION_NOT_FOUND')) return
      throw error
    }
  }
}
