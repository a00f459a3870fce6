import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { Store } from '../ports/store.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import type { SessionRecords } from './session-records.js'
import { StoreLock } from './store-lock.js'

export interface SessionCreationParts {
  store: Pick<Store, 'sessions' | 'leases'>
  records: Pick<SessionRecords, 'tally'>
  /** How many sessions there may be, over all nodes; any number without it. */
  maxSessions: number | undefined
  /** This node's name. */
  node: string
  clock: Clock
}

/** Puts new sessions into the store, as long as there is room for them. */
export class SessionCreation {
  readonly #parts: SessionCreationParts
  readonly #turns = new KeyedMutex()
  readonly #lock: StoreLock

  constructor(parts: SessionCreationParts) {
    this.#parts = parts
    const { store, node, clock } = parts
    this.#lock = new StoreLock({ name: '#creation', leases: store.leases, owner: node, clock })
  }

  /**
   * With a limit one after the other, in this process and over all nodes, so that the last free place is given away once.
   *
   * @throws SESSION_ID_IN_USE · SESSION_LIMIT_REACHED · MANAGER_CLOSED when `close` comes first
   */
  async insert(record: SessionRecord): Promise<void> {
    const { maxSessions } = this.#parts
    if (maxSessions === undefined) return this.#insert(record)
    await this.#turns.run('', () =>
      this.#lock.run(async () => {
        await this.#checkRoom(maxSessions)
        await this.#insert(record)
      }),
    )
  }

  /** Those that wait for their turn are refused. */
  close(): void {
    this.#lock.close()
  }

  async #insert(record: SessionRecord): Promise<void> {
    const { sessions } = this.#parts.store
    if (await sessions.insert(record)) return
    const existing = await sessions.get(record.id)
    const hint = existing?.deletedAt
      ? 'The session was deleted and its messages are kept: clean it up to use its id again'
      : undefined
    throw new TrunklineError('SESSION_ID_IN_USE', { details: { sessionId: record.id, ...(hint ? { hint } : {}) } })
  }

  async #checkRoom(limit: number): Promise<void> {
    const { resting, others } = await this.#parts.records.tally()
    const total = resting.reduce((sum, { count }) => sum + count, others.length)
    if (total >= limit) throw new TrunklineError('SESSION_LIMIT_REACHED', { details: { limit } })
  }
}
