import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, ConnectionEvent } from '../ports/connector.js'
import type { PairingCode, Qr } from '../types/session.js'
import { type Deferred, deferred } from '../util/deferred.js'
import { sleep } from '../util/sleep.js'
import type { EventHandlers } from './event-dispatch.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

type QrEvent = Extract<ConnectionEvent, { type: 'qr' }>

/** How long a pairing code waits for the connection to show its first QR: before that WhatsApp takes no request. */
const FIRST_QR_TIMEOUT_MS = 30_000

export interface PairingParts {
  state: SessionState
  services: SessionServices
  publisher: SessionPublisher
}

/** Linking by QR or by a code: what can be shown right now, and until when. */
export class Pairing {
  readonly #parts: PairingParts
  #qr: Qr | undefined
  /** When WhatsApp gives up this linking, ms since 1970: the end of its QR refs. */
  #endsAt = 0
  readonly #waiting = new Set<Deferred<void>>()

  constructor(parts: PairingParts) {
    this.#parts = parts
  }

  get handlers(): Pick<EventHandlers, 'qr' | 'passkey'> {
    return {
      qr: (event) => this.offer(event),
      passkey: async () => {
        const cause = { code: 'PASSKEY_REQUIRED', message: 'WhatsApp asks for a passkey on the phone' } as const
        await this.#parts.state.transition('passkey-asked', { cause })
      },
    }
  }

  /** The QR to show, if there is one that has not expired. */
  get qr(): Qr | undefined {
    const { state, services } = this.#parts
    const shown = state.status === 'awaiting_scan' || state.status === 'awaiting_code'
    return shown && this.#qr && Date.parse(this.#qr.expiresAt) > services.clock.now() ? this.#qr : undefined
  }

  async offer({ qr, attempt, maxAttempts, lifetimeMs, remainingMs }: QrEvent): Promise<void> {
    const { state, services, publisher } = this.#parts
    const now = services.clock.now()
    const issuedAt = new Date(now).toISOString()
    const expiresAt = new Date(now + lifetimeMs).toISOString()
    this.#qr = { sessionId: state.id, qr, attempt, maxAttempts, issuedAt, expiresAt }
    this.#endsAt = now + remainingMs
    const possible = await state.transition('qr')
    for (const waiting of this.#waiting) waiting.resolve()
    this.#waiting.clear()
    if (possible && state.status === 'awaiting_scan') {
      await publisher.announce({ name: 'qr', at: issuedAt, payload: this.#qr })
    }
  }

  /** The connection ended, or linking did: nothing to show. */
  clear(): void {
    this.#qr = undefined
    this.#endsAt = 0
    for (const waiting of this.#waiting) waiting.resolve()
    this.#waiting.clear()
  }

  /**
   * Asks for a code to type on the phone; waits for the connection to be ready for that.
   *
   * @throws PASSKEY_REQUIRED · PAIRING_CODE_FAILED
   */
  async requestCode(phone: string, connection: () => Connection | undefined): Promise<PairingCode> {
    const { state, publisher } = this.#parts
    if (!this.#qr) await this.#firstQr()
    if (state.status === 'passkey_required')
      throw new TrunklineError('PASSKEY_REQUIRED', { details: { sessionId: state.id } })
    const live = connection()
    if (!live || !this.#qr)
      throw new TrunklineError('PAIRING_CODE_FAILED', {
        message: 'The connection ended before a code could be asked for',
        details: { reason: 'connection-lost' },
      })
    const code = await live.requestPairingCode(phone).catch((cause: unknown) => {
      if (TrunklineError.is(cause, 'PAIRING_CODE_FAILED')) throw cause
      throw new TrunklineError('PAIRING_CODE_FAILED', { cause, details: { reason: 'connection-lost' } })
    })
    await state.transition('code-requested')
    const expiresAt = new Date(this.#endsAt).toISOString()
    const pairingCode: PairingCode = { sessionId: state.id, phone, code, expiresAt }
    await publisher.announce({ name: 'pairing-code', at: state.timestamp(), payload: pairingCode })
    return pairingCode
  }

  async #firstQr(): Promise<void> {
    const waiting = deferred()
    const timeout = new AbortController()
    this.#waiting.add(waiting)
    await Promise.race([waiting.promise, sleep(this.#parts.services.clock, FIRST_QR_TIMEOUT_MS, timeout.signal)])
    timeout.abort()
    this.#waiting.delete(waiting)
  }
}
