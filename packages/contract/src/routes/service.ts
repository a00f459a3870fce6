import type { Route } from '../route.js'
import { versionSchema } from '../service.js'

export const SERVICE_ROUTES = {
  version: {
    method: 'GET',
    path: '/version',
    summary: 'Which Trunkline this is.',
    access: 'public',
    responses: { 200: { json: versionSchema } },
    errors: [],
  },
} as const satisfies Record<string, Route>
