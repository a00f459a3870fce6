import { z } from 'zod'
import { pageOf } from '../fields.js'
import { messageSchema } from '../message.js'
import { clearedQueueSchema, queuedMessageSchema, queueSchema, sendBatchSchema, sentBatchSchema } from '../queue.js'
import type { Route } from '../route.js'
import { chatFilter, messageParams, pageQuery, sessionParams } from './parts.js'

export const QUEUE_ROUTES = {
  sendBatch: {
    method: 'POST',
    path: '/sessions/:sessionId/messages/batch',
    summary: 'Queues up to 1,000 messages; each has an outcome of its own.',
    access: 'messages:send',
    params: sessionParams,
    body: { json: sendBatchSchema },
    responses: { 202: { json: sentBatchSchema } },
    errors: ['SESSION_NOT_CONNECTED', 'LEASE_HELD'],
  },
  cancelMessage: {
    method: 'POST',
    path: '/sessions/:sessionId/messages/:messageId/cancel',
    summary: 'Cancels a message that is still queued, and answers it.',
    access: 'messages:send',
    params: messageParams,
    query: z.strictObject({ chatId: chatFilter }),
    responses: { 200: { json: messageSchema } },
    errors: ['MESSAGE_NOT_FOUND', 'MESSAGE_ID_AMBIGUOUS', 'MESSAGE_NOT_CHANGEABLE', 'RECIPIENT_INVALID', 'LEASE_HELD'],
  },
  getQueue: {
    method: 'GET',
    path: '/sessions/:sessionId/queue',
    summary: 'How many messages wait to be sent, for what and until when, and what was sent of late.',
    access: 'messages:read',
    params: sessionParams,
    responses: { 200: { json: queueSchema } },
    errors: [],
  },
  listQueuedMessages: {
    method: 'GET',
    path: '/sessions/:sessionId/queue/messages',
    summary: 'The messages that wait to be sent, in the order in which they were queued.',
    access: 'messages:read',
    params: sessionParams,
    query: pageQuery,
    responses: { 200: { json: pageOf(queuedMessageSchema) } },
    errors: [],
  },
  pauseQueue: {
    method: 'POST',
    path: '/sessions/:sessionId/queue/pause',
    summary: 'Sends nothing of what is queued until it is resumed, also after a restart.',
    access: 'messages:send',
    params: sessionParams,
    responses: { 200: { json: queueSchema } },
    errors: ['SESSION_BUSY'],
  },
  resumeQueue: {
    method: 'POST',
    path: '/sessions/:sessionId/queue/resume',
    summary: 'Sends what is queued again.',
    access: 'messages:send',
    params: sessionParams,
    responses: { 200: { json: queueSchema } },
    errors: ['SESSION_BUSY'],
  },
  clearQueue: {
    method: 'POST',
    path: '/sessions/:sessionId/queue/clear',
    summary: 'Cancels all that waits to be sent.',
    access: 'messages:send',
    params: sessionParams,
    responses: { 200: { json: clearedQueueSchema } },
    errors: ['LEASE_HELD'],
  },
} as const satisfies Record<string, Route>
