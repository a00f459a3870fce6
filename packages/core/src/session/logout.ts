import { sleep } from '../util/sleep.js'
import type { Pairing } from './pairing.js'
import type { SessionServices } from './services.js'
import { isRunning } from './session-machine.js'
import type { SessionRuns } from './session-runs.js'
import type { SessionState } from './session-state.js'

/** How long a logout waits for the connection to end after WhatsApp was told. */
const TIMEOUT_MS = 5_000

export interface LogoutParts {
  services: Pick<SessionServices, 'store' | 'clock' | 'logger'>
  state: SessionState
  runs: SessionRuns
  pairing: Pick<Pairing, 'clear'>
}

/** Takes the account off a session: unlinks the device at WhatsApp, as far as it can be reached, and archives the credentials. */
export class Logout {
  readonly #parts: LogoutParts

  constructor(parts: LogoutParts) {
    this.#parts = parts
  }

  /** `then`: what else is written while the session is still owned. @throws LEASE_HELD · STORE_UNAVAILABLE */
  async run(reason: string, then: () => Promise<void> = async () => {}): Promise<void> {
    const { services, state, runs, pairing } = this.#parts
    await runs.refuseElsewhere()
    await this.#unlink()
    await runs.end()
    pairing.clear()
    try {
      // Under an epoch of its own: what the connection still has on its way must not bring credentials back.
      const { epoch } = await runs.take()
      await services.store.auth.archive(state.id, { epoch, reason, at: state.timestamp() })
      const changes = { ...state.desiring('stopped'), account: null, device: null }
      await state.transition('logged-out', { changes })
      await then()
    } catch (error) {
      // It has no connection any more, whatever its credentials are.
      if (isRunning(state.status)) await state.transition('stop')
      throw error
    } finally {
      await runs.release()
    }
  }

  async #unlink(): Promise<void> {
    const { services, state, runs } = this.#parts
    const { connection, isLinked } = runs
    if (!connection || !isLinked) return
    const timeout = new AbortController()
    await Promise.race([
      connection.logout().catch((error: unknown) => {
        services.logger.warn({ err: error, sessionId: state.id }, 'WhatsApp could not be told of the logout')
      }),
      sleep(services.clock, TIMEOUT_MS, timeout.signal),
    ])
    timeout.abort()
  }
}
