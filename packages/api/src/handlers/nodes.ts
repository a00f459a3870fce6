import type { Handler, Manager } from '../handler.js'
import { refuseUnlessAll } from '../policy.js'

type NodesRoute = 'listNodes' | 'drainNode' | 'moveSession'

/** The processes that share the store. */
export function nodesHandlers(manager: Manager): { [Name in NodesRoute]: Handler<Name> } {
  return {
    async listNodes({ principal }) {
      refuseUnlessAll(principal)
      return { status: 200, body: { items: await manager.nodes.list() } }
    },
    async drainNode({ params, principal }) {
      refuseUnlessAll(principal)
      return { status: 202, body: await manager.nodes.drain(params.nodeId) }
    },
    async moveSession({ params, body, principal }) {
      refuseUnlessAll(principal)
      return { status: 200, body: await manager.nodes.move(params.sessionId, body) }
    },
  }
}
