import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { Lease, LeaseStore } from '../ports/lease-store.js'
import { sleep } from '../util/sleep.js'

/** Longer than what is done under a lock ever takes; after that time whoever held it is taken for dead. */
const TTL_MS = 10_000
const RETRY_MS = 50

export interface StoreLockOptions {
  /** What it locks; a name that no session can have. */
  name: `#${string}`
  leases: Pick<LeaseStore, 'acquire' | 'release'>
  /** This node's name. */
  owner: string
  clock: Clock
}

/** A lock that all nodes of a store see: a lease, held by one of them for a moment. Calls of one node have to take turns by themselves. */
export class StoreLock {
  readonly #options: StoreLockOptions
  readonly #closed = new AbortController()

  constructor(options: StoreLockOptions) {
    this.#options = options
  }

  /** @throws MANAGER_CLOSED when `close` comes first, and what the work throws */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const lease = await this.#acquire()
    try {
      return await work()
    } finally {
      // One that cannot be given back runs out.
      await this.#options.leases.release(lease).catch(() => undefined)
    }
  }

  close(): void {
    this.#closed.abort()
  }

  async #acquire(): Promise<Lease> {
    const { name, leases, owner, clock } = this.#options
    for (;;) {
      const lease = await leases.acquire(name, { owner, ttlMs: TTL_MS })
      if (lease) return lease
      if (!(await sleep(clock, RETRY_MS, this.#closed.signal))) throw new TrunklineError('MANAGER_CLOSED')
    }
  }
}
