/** Which node it is. */
export interface NodeIdentity {
  /** Of one process and no other, also when a later one has the same name. */
  id: string
  /** What people call it. */
  name: string
  /** Of Trunkline. */
  version: string
  /** ISO 8601. */
  startedAt: string
}

/** What a node says of itself whenever it renews its membership. */
export interface NodeReport {
  /** How many sessions it runs. */
  sessions: number
  /** How many it takes by itself at most; its share of all unless given. */
  capacity?: number
  /** Whether it gives its sessions away and takes none. */
  draining: boolean
}

/** A process among those that share a store. */
export interface ClusterNode extends NodeIdentity, NodeReport {}

/** A node as `manager.nodes` shows it. */
export interface ListedNode extends ClusterNode {
  /** Whether it is the one that answers. */
  self: boolean
}
