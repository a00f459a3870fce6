import type { Route } from '../route.js'
import { openApiSchema, versionSchema } from '../service.js'

export const SERVICE_ROUTES = {
  version: {
    method: 'GET',
    path: '/version',
    summary: 'Which Trunkline this is.',
    access: 'public',
    responses: { 200: { json: versionSchema } },
    errors: [],
  },
  openApi: {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This interface as an OpenAPI 3.1 document.',
    access: 'public',
    responses: { 200: { json: openApiSchema } },
    errors: [],
  },
  docs: {
    method: 'GET',
    path: '/docs',
    summary: 'This interface as a page to read; it needs no network and runs no script.',
    access: 'public',
    responses: { 200: { bytes: ['text/html'] } },
    errors: [],
  },
} as const satisfies Record<string, Route>
