import type { Clock } from '../ports/clock.js'
import type { ClusterNode, NodeReport } from '../types/node.js'

/** The members of a store that only one process has open, and how long each is one. */
export class NodeRoll {
  readonly #clock: Pick<Clock, 'now'>
  /** `expiresAt`: milliseconds since 1970. */
  readonly #nodes = new Map<string, { node: ClusterNode; expiresAt: number }>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  join(node: ClusterNode, ttlMs: number): void {
    this.#nodes.set(node.id, { node: { ...node }, expiresAt: this.#clock.now() + ttlMs })
  }

  renew(id: string, report: NodeReport, ttlMs: number): boolean {
    const member = this.#nodes.get(id)
    if (!member) return false
    const { name, version, startedAt } = member.node
    this.join({ id, name, version, startedAt, ...report }, ttlMs)
    return true
  }

  leave(id: string): void {
    this.#nodes.delete(id)
  }

  /** Those whose time has not run out. */
  get members(): ClusterNode[] {
    const alive = [...this.#nodes.values()].filter(({ expiresAt }) => expiresAt > this.#clock.now())
    return alive.map(({ node }) => ({ ...node })).sort((left, right) => (left.id < right.id ? -1 : 1))
  }

  isMember(id: string): boolean {
    return this.#nodes.has(id)
  }

  /** Whether its time has not run out. */
  isAlive(id: string): boolean {
    return (this.#nodes.get(id)?.expiresAt ?? 0) > this.#clock.now()
  }

  /** Declares a node dead whose time ran out; whether it is dead. */
  bury(id: string): boolean {
    if (this.isAlive(id)) return false
    this.leave(id)
    return true
  }
}
