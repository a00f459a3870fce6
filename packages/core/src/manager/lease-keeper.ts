import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { Lease } from '../ports/lease-store.js'
import type { Logger } from '../ports/logger.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { Store } from '../ports/store.js'
import type { Ownership } from '../session/services.js'
import type { NodeIdentity, NodeReport } from '../types/node.js'
import { deferred } from '../util/deferred.js'
import { onAbort } from '../util/on-abort.js'
import { createAuthHandle } from './auth-handle.js'
import { NodeLease } from './node-lease.js'

export interface LeaseKeeperOptions {
  store: Pick<Store, 'leases' | 'auth' | 'sessions'>
  /** This process among the nodes of the store. */
  node: NodeIdentity
  /** How many sessions it takes at most. */
  capacity?: number
  /** Whether it is a member also while it runs nothing. */
  stays?: boolean
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
 * Takes leases of sessions and keeps them, by the lease of the node: one renewal for all of them. While that is in doubt they stand
 * still, with their connections open: most doubts end with the sessions being ours as before.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  readonly #node: NodeLease
  readonly #held = new Map<string, Held>()
  #acquiring = 0
  #isDraining = false

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
    this.#node = new NodeLease({
      ...options,
      leases: options.store.leases,
      report: () => this.report,
      onLost: (why) => this.#loseAll(why),
    })
  }

  /** What this node tells of itself. */
  get report(): NodeReport {
    const { capacity } = this.#options
    return { sessions: this.#held.size, ...(capacity === undefined ? {} : { capacity }), draining: this.#isDraining }
  }

  /** As `NodeLease.isSettled`. */
  get isSettled(): boolean {
    return this.#node.isSettled
  }

  /** Makes this node a member, also while it runs nothing. @throws STORE_UNAVAILABLE and its like */
  join(): Promise<void> {
    return this.#node.join()
  }

  /** The others are told that this node gives its sessions away. */
  async drain(): Promise<void> {
    this.#isDraining = true
    await this.#node.tell()
  }

  /** Whatever was not given back is anybody's from now on. */
  close(): Promise<void> {
    return this.#node.close()
  }

  /**
   * `undefined` when another owner holds the session. The record is read when reports of the owner before are refused already,
   * and the auth handle shuts that one out before it reads anything: what it still has on its way changes nothing behind the
   * back of this one.
   *
   * @throws STORE_UNAVAILABLE and its like; nothing is held then
   */
  async acquire(sessionId: string): Promise<Ownership | undefined> {
    this.#acquiring += 1
    try {
      for (let tries = 1; ; tries += 1) {
        const taken = await this.#acquire(sessionId, { mayTryAgain: tries < MAX_TRIES })
        if (taken !== 'too old') return taken
      }
    } finally {
      this.#acquiring -= 1
      this.#restIfIdle()
    }
  }

  /** Answers `too old` when the store has seen higher epochs, of leases that it no longer knows. */
  async #acquire(sessionId: string, { mayTryAgain }: { mayTryAgain: boolean }) {
    const { store } = this.#options
    await this.#node.join()
    const lease = await store.leases.acquire(sessionId, { node: this.#node.id })
    const before = this.#held.get(sessionId)
    if (before) this.#lose(before.lease, lease ? 'A new connection has taken its place' : TAKEN_OVER)
    if (!lease) return undefined
    const controller = new AbortController()
    this.#held.set(sessionId, { lease, controller })
    try {
      const record = await store.sessions.report(sessionId, {}, lease)
      return this.#owned(lease, record, controller.signal)
    } catch (error) {
      await this.#release(lease)
      if (mayTryAgain && TrunklineError.is(error, 'LEASE_LOST')) return 'too old' as const
      throw error
    }
  }

  /** Asked before a command is carried out here. @throws LEASE_UNSURE when another node may have the session by now */
  verify(sessionId: string): void {
    if (this.#node.doubt() && this.#held.has(sessionId))
      throw new TrunklineError('LEASE_UNSURE', { details: { sessionId } })
  }

  /** As that of an `Ownership`. */
  #doubt(lost: AbortSignal): Promise<void> | undefined {
    const doubt = lost.aborted ? undefined : this.#node.doubt()
    if (!doubt) return undefined
    const known = deferred<void>()
    const undo = onAbort(lost, () => known.resolve())
    return Promise.race([doubt, known.promise]).finally(undo)
  }

  #owned(lease: Lease, record: SessionRecord | undefined, lost: AbortSignal): Ownership {
    const { sessionId, epoch } = lease
    const { store, clock } = this.#options
    return {
      epoch,
      record,
      auth: createAuthHandle({ auth: store.auth, sessionId, epoch, lost, clock, doubt: () => this.#doubt(lost) }),
      lost,
      doubt: () => this.#doubt(lost),
      refused: () => this.#lose(lease, TAKEN_OVER),
      release: () => this.#release(lease),
    }
  }

  async #release(lease: Lease): Promise<void> {
    const held = this.#held.get(lease.sessionId)
    if (held?.lease !== lease) return
    this.#held.delete(lease.sessionId)
    held.controller.abort(lost(lease, 'It was given back'))
    this.#restIfIdle()
    await this.#options.store.leases.release(lease).catch((error: unknown) => {
      this.#options.logger.warn(
        { err: error, sessionId: lease.sessionId },
        'A lease could not be released; it expires by itself',
      )
    })
  }

  #loseAll(why: 'dead' | 'unsure'): void {
    const held = [...this.#held.values()]
    if (why === 'unsure' && held.length > 0)
      this.#options.logger.error(
        { sessions: held.length },
        'The lease of this node could not be renewed for too long; its sessions stop until they are ours again',
      )
    for (const { lease } of held) this.#lose(lease, why === 'dead' ? TAKEN_OVER : NOT_RENEWED)
  }

  #lose(lease: Lease, why: string): void {
    const held = this.#held.get(lease.sessionId)
    if (held?.lease !== lease) return
    this.#held.delete(lease.sessionId)
    held.controller.abort(lost(lease, why))
    this.#restIfIdle()
  }

  #restIfIdle(): void {
    if (this.#held.size === 0 && this.#acquiring === 0 && !this.#options.stays) this.#node.rest()
  }
}

const TAKEN_OVER = 'Another node took the session over'
const NOT_RENEWED = 'The lease was not renewed in time: this process was asleep, or its store did not answer'

function lost({ sessionId }: Lease, message: string): TrunklineError {
  return new TrunklineError('LEASE_LOST', { message, details: { sessionId } })
}
