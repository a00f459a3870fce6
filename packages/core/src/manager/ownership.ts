import type { AuthStore } from '../ports/auth-store.js'
import type { Clock } from '../ports/clock.js'
import type { AuthHandle } from '../ports/connector.js'
import type { Lease, LeaseStore } from '../ports/lease-store.js'
import type { Logger } from '../ports/logger.js'
import { createAuthHandle } from './auth-handle.js'

/** A session that this process runs: its auth storage, and a signal that ends it. */
export interface Owned {
  auth: AuthHandle
  /** Aborted when another node may run the session: everything of it must stop. */
  lost: AbortSignal
  release(): Promise<void>
}

export interface OwnershipOptions {
  leases: LeaseStore
  auth: AuthStore
  /** Names this process among the nodes of one store. */
  owner: string
  ttlMs: number
  clock: Clock
  logger: Logger
}

interface Held {
  lease: Lease
  controller: AbortController
}

/**
 * Takes leases and keeps them: one renewal for all sessions every third of their lifetime, more often while it fails. When
 * it fails for two thirds of the lifetime, the leases are given up before another node may take them.
 */
export class Ownership {
  readonly #options: OwnershipOptions
  readonly #held = new Map<string, Held>()
  #cancelRenewal: (() => void) | undefined
  #renewedAt = 0

  constructor(options: OwnershipOptions) {
    this.#options = options
  }

  /**
   * `undefined` when another owner holds the session. The store knows of the new epoch before anything is read under it: a
   * commit that the owner before still has on its way is refused, and never changes keys behind the back of this one.
   *
   * @throws STORE_UNAVAILABLE and its like; nothing is held then
   */
  async acquire(sessionId: string): Promise<Owned | undefined> {
    const { leases, auth, owner, ttlMs, clock } = this.#options
    const startedAt = clock.monotonic()
    const lease = await leases.acquire(sessionId, { owner, ttlMs })
    if (!lease) return undefined
    this.#held.get(sessionId)?.controller.abort()
    const controller = new AbortController()
    this.#held.set(sessionId, { lease, controller })
    if (!this.#cancelRenewal) {
      this.#renewedAt = startedAt
      this.#scheduleRenewal()
    }
    const handle = createAuthHandle({ auth, sessionId, epoch: lease.epoch, lost: controller.signal, clock })
    try {
      await handle.commit({})
    } catch (error) {
      await this.#release(lease)
      throw error
    }
    return { auth: handle, lost: controller.signal, release: () => this.#release(lease) }
  }

  async #release(lease: Lease): Promise<void> {
    const held = this.#held.get(lease.sessionId)
    if (held?.lease !== lease) return
    this.#held.delete(lease.sessionId)
    held.controller.abort()
    if (this.#held.size === 0) this.#stopRenewal()
    await this.#options.leases.release(lease).catch((error: unknown) => {
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
    const { leases, clock, ttlMs, logger } = this.#options
    const held = [...this.#held.values()]
    const startedAt = clock.monotonic()
    // The renewal may hang with its store: the next round must come all the same, to notice that time ran out.
    this.#scheduleRenewal()
    if (startedAt - this.#renewedAt >= (ttlMs * 2) / 3) {
      logger.error(
        { sessions: held.length },
        'Leases could not be renewed in time; their sessions stop until they are ours again',
      )
      for (const { lease } of held) this.#lose(lease)
    }
    try {
      const lost = await leases.renew(
        [...this.#held.values()].map(({ lease }) => lease),
        { ttlMs },
      )
      this.#renewedAt = Math.max(this.#renewedAt, startedAt)
      for (const { lease } of held) if (lost.includes(lease.sessionId)) this.#lose(lease)
    } catch (error) {
      logger.warn({ err: error }, 'Leases could not be renewed; trying again')
      // Sooner than usual: one failure must not cost every session its connection.
      if (this.#held.size > 0) this.#scheduleRenewal(ttlMs / 15)
    }
  }

  #lose(lease: Lease): void {
    const held = this.#held.get(lease.sessionId)
    if (held?.lease !== lease) return
    this.#held.delete(lease.sessionId)
    held.controller.abort()
    if (this.#held.size === 0) this.#stopRenewal()
  }
}
