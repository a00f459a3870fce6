import type { ClusterBus } from '@trunkline/core'

/** Which it is of several processes that share one port. */
export interface WorkerPlace {
  /** From 1 to `count`. */
  slot: number
  count: number
  /** Where they find each other's doors. */
  folder: string
  /** Reaches the others, and nobody else. Whoever opens it closes it. */
  siblings: ClusterBus
}
