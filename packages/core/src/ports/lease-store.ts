/** Who may run a session: one owner at a time, each ownership with a higher epoch than the one before. */
export interface LeaseStore {
  /**
   * Takes the session when it is free, expired, or held by the same owner already; every success raises the epoch.
   * `undefined` when another owner holds it.
   */
  acquire(sessionId: string, options: { owner: string; ttlMs: number }): Promise<Lease | undefined>

  /**
   * Extends the leases that are still ours, in one round trip; answers the session ids that were lost. A lease that expired and
   * that nobody took is still ours: its epoch is the newest.
   */
  renew(leases: readonly Lease[], options: { ttlMs: number }): Promise<string[]>

  /** The leases of these sessions that somebody holds and that have not expired, in no order, in one round trip. */
  held(sessionIds: readonly string[]): Promise<Lease[]>

  /** Gives the lease back if it is still ours; the epoch is remembered. */
  release(lease: Lease): Promise<void>
}

/** The right to run a session. */
export interface Lease {
  sessionId: string
  owner: string
  /** From 1, rising with every acquisition of the session. */
  epoch: number
}
