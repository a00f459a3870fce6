import type { CommandOptions, ResultOf, SessionCommand } from '../session/commands.js'
import type { LiveSessions } from './live-sessions.js'

/** Brings commands to where a session runs: here, so far. A session that another node runs answers LEASE_HELD. */
export class SessionRouter {
  readonly #live: LiveSessions

  constructor(live: LiveSessions) {
    this.#live = live
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
}
