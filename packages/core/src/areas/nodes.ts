import { TrunklineError } from '../errors/trunkline-error.js'
import type { NodeDesk } from '../manager/other-nodes.js'
import { checkNode, checkSessionId } from '../manager/validation.js'
import type { LeaseStore } from '../ports/lease-store.js'
import type { ClusterNode, ListedNode } from '../types/node.js'
import type { SessionStatus } from '../types/session.js'

export interface NodesParts {
  /** Rejects when the manager is closed. */
  use(): Promise<void>
  leases: Pick<LeaseStore, 'members' | 'held' | 'leave'>
  /** This node's id. */
  node: string
  /** @throws SESSION_NOT_FOUND */
  status(sessionId: string): Promise<SessionStatus>
  /** Without one there is nobody to ask. */
  desk: NodeDesk | undefined
  /** Has everybody look at once for what nobody has. */
  tellFree(): void
}

/** The processes that share the store. */
export class Nodes {
  readonly #parts: NodesParts

  constructor(parts: NodesParts) {
    this.#parts = parts
  }

  /** Those that are there, by id. A manager that is alone is listed while it runs sessions. */
  async list(): Promise<ListedNode[]> {
    const { use, leases, node } = this.#parts
    await use()
    return (await leases.members()).map((each) => ({ ...each, self: each.id === node }))
  }

  /**
   * Has a node hand its sessions over to the others, one after the other, and take none from now on; answers when it has begun. To end
   * its process does the same.
   *
   * @param node its id, or its name where only one has it
   * @throws NODE_NOT_FOUND · CLUSTER_UNREACHABLE when it cannot be told, as without a bus
   */
  async drain(node: string): Promise<ListedNode> {
    checkNode(node)
    const { id } = await this.#find(node)
    await this.#desk(id).drain(id)
    return this.#find(id)
  }

  /**
   * Moves a running session to a node; without one to the one that runs the fewest.
   *
   * @throws SESSION_NOT_FOUND · SESSION_NOT_CONNECTED when no node runs it · NODE_NOT_FOUND · NODE_UNAVAILABLE when the node does not take it, or there is none
   *   · CLUSTER_UNREACHABLE
   */
  async move(sessionId: string, { node }: { node?: string } = {}): Promise<ListedNode> {
    checkSessionId(sessionId)
    if (node !== undefined) checkNode(node)
    const nodes = await this.list()
    const status = await this.#parts.status(sessionId)
    const [lease] = await this.#parts.leases.held([sessionId])
    if (!lease) throw new TrunklineError('SESSION_NOT_CONNECTED', { details: { sessionId, status } })
    const to = node === undefined ? leastLoaded(nodes, lease.owner) : found(nodes, node)
    if (to.id !== lease.owner) await this.#desk(to.id).move(sessionId, { from: lease.owner, to: to.id })
    return to
  }

  /**
   * Says that a process has ended, for whoever has seen it end, such as its parent: what it had is free at once, and not only when its
   * lease has run out. Its sessions are lost to a process that still lives. Answers how many it had.
   *
   * @param node its id, or its name: then all of that name
   */
  async ended(node: string): Promise<number> {
    checkNode(node)
    const { use, leases, tellFree } = this.#parts
    await use()
    const ended = (await leases.members()).filter(({ id, name }) => id === node || name === node)
    for (const { id } of ended) await leases.leave(id)
    tellFree()
    return ended.reduce((sum, { sessions }) => sum + sessions, 0)
  }

  async #find(node: string): Promise<ListedNode> {
    return found(await this.list(), node)
  }

  #desk(owner: string): NodeDesk {
    const { desk } = this.#parts
    if (desk) return desk
    const message = 'The nodes of this store are not joined by a bus'
    throw new TrunklineError('CLUSTER_UNREACHABLE', { message, details: { owner } })
  }
}

/** By its id, or by a name that is no other's. @throws NODE_NOT_FOUND */
function found(nodes: readonly ListedNode[], wanted: string): ListedNode {
  const [named, ...others] = nodes.filter(({ name }) => name === wanted)
  const node = nodes.find(({ id }) => id === wanted) ?? (others.length === 0 ? named : undefined)
  if (node) return node
  const hint = others.length > 0 ? { message: `${others.length + 1} nodes have this name: give the id` } : {}
  throw new TrunklineError('NODE_NOT_FOUND', { ...hint, details: { node: wanted } })
}

function leastLoaded<Node extends ClusterNode>(nodes: readonly Node[], owner: string): Node {
  const others = nodes.filter(({ id, draining }) => id !== owner && !draining)
  const [node] = others.sort((left, right) => left.sessions - right.sessions)
  if (!node) throw new TrunklineError('NODE_UNAVAILABLE', { message: 'There is no other node', details: {} })
  return node
}
