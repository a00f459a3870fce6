import { z } from 'zod'
import { moveSessionSchema, nodeRefSchema, nodeSchema, nodesSchema } from '../node.js'
import type { Route } from '../route.js'
import { sessionParams } from './parts.js'

const nodeParams = z.strictObject({
  nodeId: nodeRefSchema.meta({ description: 'The node, by id, or by a name that is no other’s.', example: 'one' }),
})

export const NODES_ROUTES = {
  listNodes: {
    method: 'GET',
    path: '/nodes',
    summary: 'The processes that share the store, with what they run.',
    access: 'system:read',
    responses: { 200: { json: nodesSchema } },
    errors: [],
  },
  drainNode: {
    method: 'POST',
    path: '/nodes/:nodeId/drain',
    summary:
      'Has a node hand its sessions over to the others and take none until it is started anew; answers when it has begun.',
    access: 'system:manage',
    params: nodeParams,
    responses: { 202: { json: nodeSchema } },
    errors: ['NODE_NOT_FOUND', 'CLUSTER_UNREACHABLE'],
  },
  moveSession: {
    method: 'POST',
    path: '/sessions/:sessionId/move',
    summary: 'Moves a running session to another node, and answers which one runs it.',
    access: 'system:manage',
    params: sessionParams,
    body: { json: moveSessionSchema },
    responses: { 200: { json: nodeSchema } },
    errors: ['SESSION_NOT_CONNECTED', 'NODE_NOT_FOUND', 'NODE_UNAVAILABLE', 'CLUSTER_UNREACHABLE'],
  },
} as const satisfies Record<string, Route>
