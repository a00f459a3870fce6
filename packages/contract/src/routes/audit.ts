import { z } from 'zod'
import { auditEntrySchema, auditOutcomeSchema } from '../audit.js'
import { pageOf, sessionIdSchema, timeSchema } from '../fields.js'
import type { Route } from '../route.js'
import { pageQuery } from './parts.js'

const idFilter = (description: string) => z.string().min(1).max(128).optional().meta({ description })

/** Not there on a store that keeps no audit log. */
export const AUDIT_ROUTES = {
  listAudit: {
    method: 'GET',
    path: '/audit',
    summary: 'Who did what, when and from where, newest first: every call that changes something, and every sign-in.',
    access: 'audit:read',
    query: pageQuery.extend({
      userId: idFilter('Only what this user did.'),
      keyId: idFilter('Only what was done by this API key.'),
      sessionId: sessionIdSchema.optional().meta({ description: 'Only what was about this session.' }),
      targetId: idFilter('Only what was about this user, key or message.'),
      action: idFilter('Only calls of this route, by its `operationId`.'),
      outcome: auditOutcomeSchema.optional(),
      from: timeSchema.optional().meta({ description: 'Not before this time (ISO 8601).' }),
      to: timeSchema.optional().meta({ description: 'Before this time (ISO 8601).' }),
    }),
    responses: { 200: { json: pageOf(auditEntrySchema) } },
    errors: [],
  },
} as const satisfies Record<string, Route>
