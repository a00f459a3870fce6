import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection } from '../ports/connector.js'
import type { HealthCheckResult } from '../types/session.js'
import { healthOf } from './health.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

const PROBE_TIMEOUT_MS = 10_000

/** Finds out how one session does, and tells when that changes. */
export class HealthMonitor {
  readonly #state: SessionState
  readonly #services: SessionServices
  readonly #publisher: SessionPublisher

  constructor(parts: { state: SessionState; services: SessionServices; publisher: SessionPublisher }) {
    this.#state = parts.state
    this.#services = parts.services
    this.#publisher = parts.publisher
  }

  /** Asks WhatsApp for a sign of life. A connection that is open but deaf is closed, so that the session connects again. */
  async check(
    current: () => Connection | undefined,
    { timeoutMs = PROBE_TIMEOUT_MS }: { timeoutMs?: number },
  ): Promise<HealthCheckResult> {
    const connection = current()
    const { status } = this.#state
    const at = this.#state.timestamp()
    if (status !== 'connected' || !connection) {
      const ok = status === 'stopped'
      return this.#checked({ at, ok, ...(ok ? {} : { problem: `The session is ${status}` }) })
    }
    try {
      const latencyMs = Math.round(await connection.probe({ timeoutMs }))
      return this.#checked({ at, ok: true, latencyMs })
    } catch (error) {
      const { id } = this.#state
      this.#services.logger.warn({ err: error, sessionId: id }, 'The connection is deaf; it is closed and opened again')
      const check = { at, ok: false, problem: 'The connection did not answer' }
      // It may have ended by itself meanwhile: the next one has nothing to do with this answer.
      if (current() !== connection) return check
      const result = await this.#checked(check)
      void connection.close(new TrunklineError('CONNECTION_LOST', { message: 'The connection did not answer' }))
      return result
    }
  }

  /** Announced without being logged: the log is in the store that this is about. */
  async storeAnswers(answers: boolean): Promise<void> {
    const at = this.#state.timestamp()
    const check: HealthCheckResult = { at, ok: answers, ...(answers ? {} : { problem: 'The store does not answer' }) }
    await this.#publisher.announce({ name: 'session.health', at, payload: { health: this.#current(), check } })
  }

  async #checked(check: HealthCheckResult): Promise<HealthCheckResult> {
    const before = this.#current()
    await this.#state.patch({ healthCheck: check })
    const health = this.#current()
    if (health !== before)
      await this.#publisher.publish([{ name: 'session.health', at: check.at, payload: { health, check } }])
    return check
  }

  #current() {
    const { clock, storeAnswers } = this.#services
    return healthOf(this.#state.record, { now: clock.now(), storeAnswers: storeAnswers() })
  }
}
