import { z } from 'zod'
import { eventPageSchema } from '../events.js'
import { countSchema, decimal, pageQueryFields, sessionIdSchema } from '../fields.js'
import type { Route } from '../route.js'

export const EVENTS_ROUTES = {
  listEvents: {
    method: 'GET',
    path: '/events',
    summary: 'The event log of a session, after a sequence number.',
    access: 'events:read',
    query: z.strictObject({
      sessionId: sessionIdSchema.meta({ description: 'The session whose log is read.' }),
      after: decimal.pipe(countSchema).optional().meta({ description: 'The last `seq` seen; 0 for the whole log.' }),
      limit: pageQueryFields.limit,
    }),
    responses: { 200: { json: eventPageSchema } },
    errors: [],
  },
} as const satisfies Record<string, Route>
