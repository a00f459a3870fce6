import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { Lease } from '../ports/lease-store.js'
import type { Logger } from '../ports/logger.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { Store } from '../ports/store.js'
import type { Ownership } from '../session/services.js'
import { createAuthHandle } from './auth-handle.js'

export interface LeaseKeeperOptions {
  store: Pick<Store, 'leases' | 'auth' | 'sessions'>
  /** Names this process among the nodes of one store. */
  owner: string
  ttlMs: number
  clock: Clock
  logger: Logger
}

/**
 * Leases may have begun anew beside records that are older: epochs went on where those of a folder of credentials were, and the
 * folder is gone. Each try raises the epoch by one.
 */
const MAX_TRIES = 1_000

interface Held {
  lease: Lease
  controller: AbortController
}

/**
 * Takes leases and keeps them: one renewal for all sessions every third of their lifetime, more often while it fails. When
 * it fails for two thirds of the lifetime, the leases are given up before another node may take them.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  readonly #held = new Map<string, Held>()
  #cancelRenewal: (() => void) | undefined
  #renewedAt = 0

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
  }

  /**
   * `undefined` when another owner holds the session. The record is read when reports of the owner before are refused already,
   * and the auth handle shuts that one out before it reads anything: what it still has on its way changes nothing behind the
   * back of this one.
   *
   * @throws STORE_UNAVAILABLE and its like; nothing is held then
   */
  async acquire(sessionId: string): Promise<Ownership | undefined> {
    for (let tries = 1; ; tries += 1) {
      const taken = await this.#acquire(sessionId, { mayTryAgain: tries < MAX_TRIES })
      if (taken !== 'too old') return taken
    }
  }

  /** Answers `too old` when the store has seen higher epochs, of leases that it no longer knows. */
  async #acquire(sessionId: string, { mayTryAgain }: { mayTryAgain: boolean }) {
    const { store, owner, ttlMs, clock } = this.#options
    const startedAt = clock.monotonic()
    const lease = await store.leases.acquire(sessionId, { owner, ttlMs })
    const before = this.#held.get(sessionId)
    if (before) this.#lose(before.lease, lease ? 'A new connection has taken its place' : TAKEN_OVER)
    if (!lease) return undefined
    const controller = new AbortController()
    this.#held.set(sessionId, { lease, controller })
    if (!this.#cancelRenewal) {
      this.#renewedAt = startedAt
      this.#scheduleRenewal()
    }
    try {
      const record = await store.sessions.report(sessionId, {}, lease)
      return this.#owned(lease, record, controller.signal)
    } catch (error) {
      await this.#release(lease)
      if (mayTryAgain && TrunklineError.is(error, 'LEASE_LOST')) return 'too old' as const
      throw error
    }
  }

  /**
   * Gives up what another node may take by now. The timer that does it too comes late after this process was asleep, behind what others
   * have asked of it meanwhile.
   */
  verify(): void {
    const { clock, ttlMs, logger } = this.#options
    if (this.#held.size === 0 || clock.monotonic() - this.#renewedAt < (ttlMs * 2) / 3) return
    logger.error(
      { sessions: this.#held.size },
      'Leases could not be renewed in time; their sessions stop until they are ours again',
    )
    for (const { lease } of [...this.#held.values()]) this.#lose(lease, NOT_RENEWED)
  }

  #owned(lease: Lease, record: SessionRecord | undefined, lost: AbortSignal): Ownership {
    const { sessionId, epoch } = lease
    const { store, clock } = this.#options
    return {
      epoch,
      record,
      auth: createAuthHandle({ auth: store.auth, sessionId, epoch, lost, clock }),
      lost,
      refused: () => this.#lose(lease, TAKEN_OVER),
      release: () => this.#release(lease),
    }
  }

  async #release(lease: Lease): Promise<void> {
    const held = this.#held.get(lease.sessionId)
    if (held?.lease !== lease) return
    this.#held.delete(lease.sessionId)
    held.controller.abort(lost(lease, 'It was given back'))
    if (this.#held.size === 0) this.#stopRenewal()
    await this.#options.store.leases.release(lease).catch((error: unknown) => {
      this.#options.logger.warn(
        { err: error, sessionId: lease.sessionId },
        'A lease could not be released; it expires by itself',
      )
    })
  }

  #scheduleRenewal(afterMs = this.#options.ttlMs / 3): void {
    this.#cancelRenewal?.()
    this.#cancelRenewal = this.#options.clock.setTimeout(() => void this.#renew(), afterMs)
  }

  #stopRenewal(): void {
    this.#cancelRenewal?.()
    this.#cancelRenewal = undefined
  }

  async #renew(): Promise<void> {
    const { store, clock, ttlMs, logger } = this.#options
    const held = [...this.#held.values()]
    const startedAt = clock.monotonic()
    // The renewal may hang with its store: the next round must come all the same, to notice that time ran out.
    this.#scheduleRenewal()
    this.verify()
    try {
      const gone = await store.leases.renew(
        [...this.#held.values()].map(({ lease }) => lease),
        { ttlMs },
      )
      this.#renewedAt = Math.max(this.#renewedAt, startedAt)
      for (const { lease } of held) if (gone.includes(lease.sessionId)) this.#lose(lease, TAKEN_OVER)
    } catch (error) {
      logger.warn({ err: error }, 'Leases could not be renewed; trying again')
      // Sooner than usual: one failure must not cost every session its connection.
      if (this.#held.size > 0) this.#scheduleRenewal(ttlMs / 15)
    }
  }

  #lose(lease: Lease, why: string): void {
    const held = this.#held.get(lease.sessionId)
    if (held?.lease !== lease) return
    this.#held.delete(lease.sessionId)
    held.controller.abort(lost(lease, why))
    if (this.#held.size === 0) this.#stopRenewal()
  }
}

const TAKEN_OVER = 'Another node took the session over'
const NOT_RENEWED = 'The lease was not renewed in time: this process was asleep, or its store did not answer'

function lost({ sessionId }: Lease, message: string): TrunklineError {
  return new TrunklineError('LEASE_LOST', { message, details: { sessionId } })
}
