import type { ClusterNode, NodeIdentity, NodeReport } from '../types/node.js'

/**
 * Who may run a session: one owner at a time, each ownership with a higher epoch than the one before. A lease of a node has no time
 * of its own: it lasts as long as its node is alive, and a node is alive from `join` on, for as long as it renews itself. A node that
 * has not done so in time may be declared dead by whoever wants one of its sessions; that is done before the first is taken, so that
 * it never renews itself again.
 */
export interface LeaseStore {
  /**
   * Makes a node a member, for `ttlMs`. Whoever comes back after it was declared dead joins anew; what it had held is not its own any
   * more.
   */
  join(node: NodeIdentity & NodeReport, options: { ttlMs: number }): Promise<void>

  /**
   * Extends a node's membership, and with it all its leases, in one write of one row. A node whose time ran out, and that nobody
   * declared dead, is still a member. `false` when it is none any more: it owns nothing then.
   */
  renew(nodeId: string, report: NodeReport, options: { ttlMs: number }): Promise<boolean>

  /**
   * From now on the node is no member and cannot renew itself: whatever it has not given back is anybody's. For a node itself, and for
   * whoever has seen it end, such as a parent its worker. No error for one that is none.
   */
  leave(nodeId: string): Promise<void>

  /** The members whose time has not run out, by id. */
  members(): Promise<ClusterNode[]>

  /**
   * Takes the session when it is free, when its time ran out or its node is dead, or when the same owner holds it already; every
   * success raises the epoch. A member holds it until it gives it back or is no member any more; any other owner for `ttlMs`.
   * `undefined` when another owner holds it, or when the node is no member.
   */
  acquire(sessionId: string, by: { node: string } | { owner: string; ttlMs: number }): Promise<Lease | undefined>

  /** The leases of these sessions that somebody holds whose time has not run out, in no order, in one round trip. */
  held(sessionIds: readonly string[]): Promise<Lease[]>

  /**
   * The time by which members and leases run out, in milliseconds since 1970: the same for all nodes to a second, whatever the
   * clocks of their machines say.
   */
  now(): Promise<number>

  /** Gives the lease back if it is still ours; the epoch is remembered. */
  release(lease: Lease): Promise<void>
}

/** The right to run a session. */
export interface Lease {
  sessionId: string
  /** The id of the node, or whatever another owner calls itself. */
  owner: string
  /** From 1, rising with every acquisition of the session. */
  epoch: number
}
