import type { ClusterNode, LeaseStore } from '@trunkline/core/store'
import type { Connection } from './connection.js'
import type { NodeDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'

/** A node whose time ran out so long ago will not come back; nobody has missed it. */
const FORGOTTEN_AFTER_MS = 60 * 60_000

/** The part of leases that is about nodes, with what leases need of it. */
export interface NodeRoll extends Pick<LeaseStore, 'join' | 'renew' | 'leave' | 'members'> {
  has(id: string): Promise<boolean>
  /** Declares a node dead whose time ran out; whether it is dead. */
  bury(id: string): Promise<boolean>
}

/**
 * Nodes are documents: one that has none is dead. Who declares a node dead removes its document, if it is still that of a node whose
 * time ran out, and the node's renewal finds none then.
 */
export function createNodeRoll(connection: Connection): NodeRoll {
  return {
    async join({ id, ...node }, { ttlMs }) {
      const now = await connection.serverNow()
      const { nodes } = connection.collections
      await nodes.deleteMany({ expiresAt: { $lte: now - FORGOTTEN_AFTER_MS } })
      const document = { ...node, expiresAt: now + ttlMs }
      await nodes.replaceOne({ _id: id }, document, { upsert: true }).catch((error: unknown) => {
        // The same node has just done so.
        if (!isDuplicateKey(error)) throw error
      })
    },

    async renew(nodeId, { capacity, ...report }, { ttlMs }) {
      const changes = { ...report, expiresAt: (await connection.serverNow()) + ttlMs }
      const { matchedCount } = await connection.collections.nodes.updateOne(
        { _id: nodeId },
        capacity === undefined ? { $set: changes, $unset: { capacity: '' } } : { $set: { ...changes, capacity } },
      )
      return matchedCount > 0
    },

    async leave(nodeId) {
      await connection.collections.nodes.deleteOne({ _id: nodeId })
    },

    async members() {
      const filter = { expiresAt: { $gt: await connection.serverNow() } }
      return (await connection.collections.nodes.find(filter, { sort: { _id: 1 } }).toArray()).map(toNode)
    },

    async has(id) {
      return (await connection.collections.nodes.findOne({ _id: id }, { projection: { _id: 1 } })) !== null
    },

    async bury(id) {
      const { nodes } = connection.collections
      const expiresAt = { $lte: await connection.serverNow() }
      const { deletedCount } = await nodes.deleteOne({ _id: id, expiresAt })
      return deletedCount > 0 || (await nodes.findOne({ _id: id }, { projection: { _id: 1 } })) === null
    },
  }
}

function toNode({ _id: id, expiresAt: _, ...node }: NodeDocument): ClusterNode {
  return { id, ...node }
}
