import { z } from 'zod'
import { apiKeySchema, createApiKeySchema, createdApiKeySchema } from '../api-key.js'
import { pageOf } from '../fields.js'
import type { Route } from '../route.js'
import { pageQuery } from './parts.js'

/** Present only with Trunkline's own login. Keys that may do more than the caller do not exist for the caller. */
export const KEYS_ROUTES = {
  listKeys: {
    method: 'GET',
    path: '/keys',
    summary: 'The API keys, without their secrets.',
    access: 'keys:manage',
    query: pageQuery,
    responses: { 200: { json: pageOf(apiKeySchema) } },
    errors: [],
  },
  createKey: {
    method: 'POST',
    path: '/keys',
    summary: 'Makes an API key. The answer has its secret, which nobody sees again. A key makes no keys.',
    access: 'keys:manage',
    body: { json: createApiKeySchema },
    responses: { 201: { json: createdApiKeySchema } },
    errors: [],
  },
  deleteKey: {
    method: 'DELETE',
    path: '/keys/:keyId',
    summary: 'Ends an API key at once, and the sockets that are open with it.',
    access: 'keys:manage',
    params: z.strictObject({
      keyId: z
        .string()
        .min(1)
        .max(128)
        .meta({ description: 'The key that this is about.', example: '019ac2f0-5d2e-7c31-9f0a-6b1d2c3e4f50' }),
    }),
    responses: { 204: {} },
    errors: ['API_KEY_NOT_FOUND'],
  },
} as const satisfies Record<string, Route>
