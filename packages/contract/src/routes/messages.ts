import { z } from 'zod'
import { pageOf } from '../fields.js'
import { messageSchema, readMessageSchema } from '../message.js'
import type { Route } from '../route.js'
import { sendMessageSchema } from '../send-message.js'
import { chatFilter, idempotencyHeaders, messageParams, messageQuery, rawFlag, sessionParams } from './parts.js'

export const MESSAGES_ROUTES = {
  sendMessage: {
    method: 'POST',
    path: '/sessions/:sessionId/messages',
    summary:
      'Sends a message. `Idempotency-Key` or `clientMessageId` makes a repeat harmless. 202 while it is pending.',
    access: 'messages:send',
    params: sessionParams,
    headers: idempotencyHeaders,
    body: { json: sendMessageSchema },
    responses: { 201: { json: messageSchema }, 202: { json: messageSchema } },
    errors: [
      'SESSION_NOT_CONNECTED',
      'RECIPIENT_INVALID',
      'RECIPIENT_NOT_ON_WHATSAPP',
      'MESSAGE_NOT_FOUND',
      'MESSAGE_REFUSED',
      'MESSAGE_FAILED',
      'IDEMPOTENCY_CONFLICT',
      'OPERATION_ABORTED',
      'CONNECTION_LOST',
      'LEASE_HELD',
    ],
  },
  listMessages: {
    method: 'GET',
    path: '/sessions/:sessionId/messages',
    summary: 'Stored messages, newest first; oldest first with `after`.',
    access: 'messages:read',
    params: sessionParams,
    query: messageQuery.extend({ chatId: chatFilter }),
    responses: { 200: { json: pageOf(readMessageSchema) } },
    errors: ['RECIPIENT_INVALID'],
  },
  getMessage: {
    method: 'GET',
    path: '/sessions/:sessionId/messages/:messageId',
    summary: 'One message. `chatId` is needed when several chats have a message of this id.',
    access: 'messages:read',
    params: messageParams,
    query: z.strictObject({ chatId: chatFilter, raw: rawFlag }),
    responses: { 200: { json: readMessageSchema } },
    errors: ['MESSAGE_NOT_FOUND', 'MESSAGE_ID_AMBIGUOUS', 'RECIPIENT_INVALID'],
  },
} as const satisfies Record<string, Route>
