import type { Clock } from '../ports/clock.js'
import type { LeaseStore, NodeIdentity, NodeReport } from '../ports/lease-store.js'
import type { Logger } from '../ports/logger.js'

export interface NodeLeaseOptions {
  leases: Pick<LeaseStore, 'join' | 'renew' | 'leave'>
  node: NodeIdentity
  ttlMs: number
  clock: Clock
  logger: Logger
  /** What the others are told with each renewal. */
  report(): NodeReport
  /** Another node may have any session of this one by now. `asleep`: not because it was declared dead, but as it could be. */
  onLost(why: 'dead' | 'asleep'): void
}

/**
 * This process as a member of its store: one renewal every third of the lifetime, more often while it fails. When it fails for two
 * thirds of the lifetime, what the node owns is given up before another one may take it.
 */
export class NodeLease {
  readonly #options: NodeLeaseOptions
  #joined: Promise<void> | undefined
  #cancelRenewal: (() => void) | undefined
  #renewedAt = Number.NEGATIVE_INFINITY
  #isLost = false

  constructor(options: NodeLeaseOptions) {
    this.#options = options
  }

  get id(): string {
    return this.#options.node.id
  }

  /** A member from now on, until `rest` or `close`. @throws STORE_UNAVAILABLE and its like; it is none then */
  join(): Promise<void> {
    // What was given up is over: whatever is taken from now on needs a membership that nobody doubts.
    if (this.#isLost) this.rest()
    this.#joined ??= this.#join().catch((error: unknown) => {
      this.#joined = undefined
      throw error
    })
    return this.#joined
  }

  /**
   * Gives up what another node may take by now. The timer that does it too comes late after this process was asleep, behind what others
   * have asked of it meanwhile.
   */
  verify(): void {
    const { clock, ttlMs, onLost } = this.#options
    if (this.#joined === undefined || this.#isLost || clock.monotonic() - this.#renewedAt < (ttlMs * 2) / 3) return
    this.#isLost = true
    onLost('asleep')
  }

  /** Tells the others at once what has changed. */
  async tell(): Promise<void> {
    if (this.#joined) await this.#renew()
  }

  /** Stops renewing, as there is nothing to keep; the membership runs out by itself. */
  rest(): void {
    this.#joined = undefined
    this.#cancelRenewal?.()
    this.#cancelRenewal = undefined
  }

  /** What was not given back is anybody's from now on. */
  async close(): Promise<void> {
    const wasMember = this.#renewedAt !== Number.NEGATIVE_INFINITY
    this.rest()
    if (!wasMember) return
    await this.#options.leases.leave(this.id).catch((error: unknown) => {
      this.#options.logger.warn({ err: error }, 'This node could not leave; its membership expires by itself')
    })
  }

  async #join(): Promise<void> {
    const { leases, node, ttlMs, clock, report } = this.#options
    const startedAt = clock.monotonic()
    await leases.join({ ...node, ...report() }, { ttlMs })
    this.#renewedAt = startedAt
    this.#isLost = false
    this.#scheduleRenewal()
  }

  #scheduleRenewal(afterMs = this.#options.ttlMs / 3): void {
    this.#cancelRenewal?.()
    this.#cancelRenewal = this.#options.clock.setTimeout(() => void this.#renew(), afterMs)
  }

  async #renew(): Promise<void> {
    const { leases, clock, ttlMs, logger, report } = this.#options
    const joined = this.#joined
    const startedAt = clock.monotonic()
    // The renewal may hang with its store: the next round must come all the same, to notice that time ran out.
    this.#scheduleRenewal()
    this.verify()
    if (this.#joined !== joined) return
    try {
      const isMember = await leases.renew(this.id, report(), { ttlMs })
      // It rests, or has joined anew meanwhile.
      if (this.#joined !== joined || joined === undefined) return
      if (!isMember) return await this.#declaredDead()
      this.#renewedAt = Math.max(this.#renewedAt, startedAt)
      this.#isLost = false
    } catch (error) {
      logger.warn({ err: error }, 'The lease of this node could not be renewed; trying again')
      // Sooner than usual: one failure must not cost every session its connection.
      if (this.#joined) this.#scheduleRenewal(ttlMs / 15)
    }
  }

  async #declaredDead(): Promise<void> {
    this.#isLost = true
    this.#options.onLost('dead')
    // Unless nothing is left to keep.
    if (this.#joined) await this.join()
  }
}
