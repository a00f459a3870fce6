import { z } from 'zod'
import { pageOf } from '../fields.js'
import { LIMITS } from '../limits.js'
import { newsletterSchema } from '../newsletter.js'
import type { Route } from '../route.js'
import { ASKED } from './groups.js'
import { sessionParams } from './parts.js'

export const NEWSLETTERS_ROUTES = {
  listNewsletters: {
    method: 'GET',
    path: '/sessions/:sessionId/newsletters',
    summary: 'The channels that the account owns, runs or follows.',
    access: 'contacts:read',
    params: sessionParams,
    responses: { 200: { json: pageOf(newsletterSchema) } },
    errors: ASKED,
  },
  getNewsletter: {
    method: 'GET',
    path: '/sessions/:sessionId/newsletters/:newsletterId',
    summary: 'One channel, by its id or its invitation.',
    access: 'contacts:read',
    params: sessionParams.extend({
      newsletterId: z.string().min(1).max(LIMITS.inviteCode.maxLength).meta({
        description: '`…@newsletter`, or the code of an invitation.',
        example: '120363000000000001@newsletter',
      }),
    }),
    responses: { 200: { json: newsletterSchema } },
    errors: [...ASKED, 'CHAT_NOT_FOUND'],
  },
} as const satisfies Record<string, Route>
