import { z } from 'zod'
import { pageOf } from '../fields.js'
import { LIMITS } from '../limits.js'
import { createNewsletterSchema, newsletterSchema, updateNewsletterSchema } from '../newsletter.js'
import { PICTURE_BODY } from '../profile.js'
import type { Route } from '../route.js'
import { ASKED } from './groups.js'
import { sessionParams } from './parts.js'

const newsletterParams = sessionParams.extend({
  newsletterId: z.string().min(1).max(LIMITS.inviteCode.maxLength).meta({
    description: '`…@newsletter`, or the code of an invitation.',
    example: '120363000000000001@newsletter',
  }),
})

/** What is done to a channel answers the channel after it. */
const CHANGE = {
  method: 'POST',
  access: 'groups:manage',
  params: newsletterParams,
  responses: { 200: { json: newsletterSchema } },
  errors: [...ASKED, 'CHAT_NOT_FOUND'],
} as const satisfies Omit<Route, 'path' | 'summary'>

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
  createNewsletter: {
    method: 'POST',
    path: '/sessions/:sessionId/newsletters',
    summary: 'Makes a channel. WhatsApp wants its terms for channels accepted once, on the phone.',
    access: 'groups:manage',
    params: sessionParams,
    body: { json: createNewsletterSchema },
    responses: { 201: { json: newsletterSchema } },
    errors: ASKED,
  },
  getNewsletter: {
    method: 'GET',
    path: '/sessions/:sessionId/newsletters/:newsletterId',
    summary: 'One channel, by its id or its invitation.',
    access: 'contacts:read',
    params: newsletterParams,
    responses: { 200: { json: newsletterSchema } },
    errors: [...ASKED, 'CHAT_NOT_FOUND'],
  },
  updateNewsletter: {
    ...CHANGE,
    method: 'PATCH',
    path: '/sessions/:sessionId/newsletters/:newsletterId',
    summary: 'Changes the name and the description of a channel that the account runs.',
    body: { json: updateNewsletterSchema },
  },
  setNewsletterPicture: {
    ...CHANGE,
    method: 'PUT',
    path: '/sessions/:sessionId/newsletters/:newsletterId/picture',
    summary:
      'Sets the picture of a channel that the account runs: the bytes of an image, of which the middle is taken.',
    body: PICTURE_BODY,
    errors: [...CHANGE.errors, 'PICTURE_INVALID'],
  },
  removeNewsletterPicture: {
    ...CHANGE,
    method: 'DELETE',
    path: '/sessions/:sessionId/newsletters/:newsletterId/picture',
    summary: 'Takes the picture of a channel away.',
  },
  deleteNewsletter: {
    method: 'DELETE',
    path: '/sessions/:sessionId/newsletters/:newsletterId',
    summary: 'Ends a channel of the account, for good and for all who follow it.',
    access: 'groups:manage',
    params: newsletterParams,
    responses: { 204: {} },
    errors: CHANGE.errors,
  },
  followNewsletter: {
    ...CHANGE,
    path: '/sessions/:sessionId/newsletters/:newsletterId/follow',
    summary: 'Follows a channel: what is posted in it comes as messages of its chat.',
  },
  unfollowNewsletter: {
    ...CHANGE,
    path: '/sessions/:sessionId/newsletters/:newsletterId/unfollow',
    summary: 'Follows a channel no longer.',
  },
  muteNewsletter: {
    ...CHANGE,
    path: '/sessions/:sessionId/newsletters/:newsletterId/mute',
    summary: 'The channel makes no sound, on all devices of the account.',
  },
  unmuteNewsletter: {
    ...CHANGE,
    path: '/sessions/:sessionId/newsletters/:newsletterId/unmute',
    summary: 'The channel makes sounds again.',
  },
} as const satisfies Record<string, Route>
