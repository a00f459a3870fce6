import type { Clock } from '../ports/clock.js'
import type { LeaseStore } from '../ports/lease-store.js'
import type { Logger } from '../ports/logger.js'
import type { NodeIdentity, NodeReport } from '../types/node.js'
import { type Deferred, deferred } from '../util/deferred.js'

/** A node that does not get to know for so long whether its sessions are still its own gives them up. */
const LONGEST_DOUBT_MS = 60_000

/** One moment by both clocks. */
interface Moment {
  monotonic: number
  wall: number
}

const NEVER: Moment = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY }

export interface NodeLeaseOptions {
  leases: Pick<LeaseStore, 'join' | 'renew' | 'leave' | 'members'>
  node: NodeIdentity
  ttlMs: number
  clock: Clock
  logger: Logger
  /** What the others are told with each renewal. */
  report(): NodeReport
  /** Nothing of this node is its own any more: it was declared dead, or did not get to know for too long whether it was. */
  onLost(why: 'dead' | 'unsure'): void
}

/**
 * This process as a member of its store: one renewal every third of the lifetime, more often while it fails. When it fails for two
 * thirds of the lifetime, another node may soon take what this one owns: it is in doubt until a renewal tells, and given up when none
 * does for a minute.
 */
export class NodeLease {
  readonly #options: NodeLeaseOptions
  #joined: Promise<void> | undefined
  #cancelRenewal: (() => void) | undefined
  #renewedAt = NEVER
  #isLost = false
  #doubt: Deferred<void> | undefined
  /** When it was renewed after it could not be for too long. */
  #recoveredAt = Number.NEGATIVE_INFINITY

  constructor(options: NodeLeaseOptions) {
    this.#options = options
  }

  get id(): string {
    return this.#options.node.id
  }

  /**
   * Whether it may take what others have left. A node that could not renew itself was not the only one, most likely: it gives the others
   * the time to do so first.
   */
  get isSettled(): boolean {
    const { clock, ttlMs } = this.#options
    return this.#sinceRenewalMs < (ttlMs * 2) / 3 && clock.monotonic() - this.#recoveredAt >= ttlMs / 3
  }

  /** A member from now on, until `rest` or `close`, and sure of it if it can be. @throws STORE_UNAVAILABLE and its like; it is none then */
  async join(): Promise<void> {
    // What was given up is over: whatever is taken from now on needs a membership that nobody doubts.
    if (this.#isLost) this.rest()
    this.#joined ??= this.#join().catch((error: unknown) => {
      this.#joined = undefined
      throw error
    })
    await this.#joined
    if (this.doubt()) await this.#renew()
  }

  /**
   * While another node may have what this one owns: settles when that is known. Asked before everything that only an owner may do, as
   * the timers come late after this process was asleep, behind what others have asked of it meanwhile.
   */
  doubt(): Promise<void> | undefined {
    const { clock, ttlMs, logger } = this.#options
    if (this.#joined === undefined || this.#isLost) return undefined
    const sureMs = (ttlMs * 2) / 3
    if (this.#sinceRenewalMs < sureMs) {
      this.#endDoubt()
      return undefined
    }
    if (clock.monotonic() - this.#renewedAt.monotonic - sureMs >= LONGEST_DOUBT_MS) {
      this.#lose('unsure')
      return undefined
    }
    if (!this.#doubt) {
      this.#doubt = deferred()
      logger.error(
        {},
        'The lease of this node may have run out; its sessions stand still until it is known whether they are ours',
      )
      // After a suspension, or when somebody has set the clock, it is not due yet.
      if (!this.#isLate) this.#scheduleRenewal(0)
    }
    return this.#doubt.promise
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
    this.#endDoubt()
  }

  /** What was not given back is anybody's from now on. */
  async close(): Promise<void> {
    const wasMember = this.#renewedAt !== NEVER
    this.rest()
    if (!wasMember) return
    await this.#options.leases.leave(this.id).catch((error: unknown) => {
      this.#options.logger.warn({ err: error }, 'This node could not leave; its membership expires by itself')
    })
  }

  #endDoubt(): void {
    this.#doubt?.resolve()
    this.#doubt = undefined
  }

  #lose(why: 'dead' | 'unsure'): void {
    this.#isLost = true
    this.#options.onLost(why)
    this.#endDoubt()
  }

  async #join(): Promise<void> {
    const { leases, node, ttlMs, report } = this.#options
    const started = this.#moment()
    await leases.join({ ...node, ...report() }, { ttlMs })
    this.#renewed(started)
    this.#scheduleRenewal()
  }

  /**
   * How long ago the last renewal began, at the most: the monotonic clock of a machine stands still while it is suspended, its wall clock
   * does not.
   */
  get #sinceRenewalMs(): number {
    const { clock } = this.#options
    return Math.max(clock.monotonic() - this.#renewedAt.monotonic, clock.now() - this.#renewedAt.wall)
  }

  /** Whether the last renewal should have succeeded by now. */
  get #isLate(): boolean {
    const { clock, ttlMs } = this.#options
    return clock.monotonic() - this.#renewedAt.monotonic >= ttlMs / 2
  }

  #scheduleRenewal(afterMs = this.#options.ttlMs / 3): void {
    this.#cancelRenewal?.()
    this.#cancelRenewal = this.#options.clock.setTimeout(() => void this.#renew(), afterMs)
  }

  async #renew(): Promise<void> {
    const { leases, ttlMs, logger, report } = this.#options
    const joined = this.#joined
    // The renewal may hang with its store: the next round must come all the same, to notice that time ran out.
    this.#scheduleRenewal()
    void this.doubt()
    if (this.#joined !== joined) return
    try {
      // A renewal whose answer is lost would keep from everybody what this node does not dare to use.
      if (this.#isLate) await leases.members()
      const started = this.#moment()
      if (this.#joined !== joined) return
      const isMember = await leases.renew(this.id, report(), { ttlMs })
      // It rests, or has joined anew meanwhile.
      if (this.#joined !== joined || joined === undefined) return
      if (!isMember) return await this.#declaredDead()
      this.#renewed(started)
      // One that was on its way for too long says how it was then.
      if (this.doubt()) this.#scheduleRenewal(0)
    } catch (error) {
      logger.warn({ err: error }, 'The lease of this node could not be renewed; trying again')
      // Sooner than usual: one failure must not cost every session its connection.
      if (this.#joined) this.#scheduleRenewal(ttlMs / 15)
    }
  }

  #moment(): Moment {
    const { clock } = this.#options
    return { monotonic: clock.monotonic(), wall: clock.now() }
  }

  #renewed(startedAt: Moment): void {
    if (this.#isLost || this.#doubt) this.#recoveredAt = this.#options.clock.monotonic()
    this.#isLost = false
    // One that was overtaken by a later one says less.
    if (startedAt.monotonic < this.#renewedAt.monotonic) return
    this.#renewedAt = startedAt
  }

  async #declaredDead(): Promise<void> {
    this.#lose('dead')
    // Unless nothing is left to keep.
    if (this.#joined) await this.join()
  }
}
