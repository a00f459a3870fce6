import { z } from 'zod'
import { pageOf } from '../fields.js'
import { jsonBytesOf, LIMITS } from '../limits.js'
import { messageSchema, readMessageSchema } from '../message.js'
import { editMessageSchema, reactSchema, respondSchema, starSchema, voteSchema } from '../message-actions.js'
import type { Route } from '../route.js'
import { sendFileFields, sendMessageSchema } from '../send-message.js'
import { chatFilter, idempotencyHeaders, messageParams, messageQuery, rawFlag, sessionParams } from './parts.js'

/** Of what is done to a message that is there. The answer is the message after it: as before, when WhatsApp is late. */
const ACTION_ERRORS = [
  'SESSION_NOT_CONNECTED',
  'MESSAGE_NOT_FOUND',
  'MESSAGE_ID_AMBIGUOUS',
  'MESSAGE_NOT_CHANGEABLE',
  'RECIPIENT_INVALID',
  'MESSAGE_REFUSED',
  'MESSAGE_FAILED',
  'GROUP_NOT_FOUND',
  'GROUP_FORBIDDEN',
  'CONNECTION_LOST',
  'LEASE_HELD',
] as const

export const MESSAGES_ROUTES = {
  sendMessage: {
    method: 'POST',
    path: '/sessions/:sessionId/messages',
    summary:
      'Sends a message; one with a file as JSON, or as a form whose last part is the file. `Idempotency-Key` or `clientMessageId` makes a repeat harmless. 202 while it is pending or queued.',
    access: 'messages:send',
    params: sessionParams,
    headers: idempotencyHeaders,
    body: {
      json: sendMessageSchema,
      maxJsonBytes: jsonBytesOf(LIMITS.media.maxInlineBytes),
      form: {
        fields: sendFileFields,
        file: { description: 'The file to send.', mediaTypes: ['*/*'], maxBytes: LIMITS.media.maxBytes.document },
      },
    },
    responses: { 201: { json: messageSchema }, 202: { json: messageSchema } },
    errors: [
      'SESSION_NOT_CONNECTED',
      'RECIPIENT_INVALID',
      'RECIPIENT_NOT_ON_WHATSAPP',
      'MESSAGE_NOT_FOUND',
      'MESSAGE_ID_AMBIGUOUS',
      'MESSAGE_NOT_FORWARDABLE',
      'URL_REFUSED',
      'URL_FAILED',
      'MEDIA_UPLOAD_FAILED',
      'MESSAGE_REFUSED',
      'MESSAGE_FAILED',
      'GROUP_NOT_FOUND',
      'GROUP_FORBIDDEN',
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
  reactToMessage: {
    method: 'PUT',
    path: '/sessions/:sessionId/messages/:messageId/reaction',
    summary: 'Reacts to a message with one emoji; an empty one takes the reaction back.',
    access: 'messages:send',
    params: messageParams,
    query: z.strictObject({ chatId: chatFilter }),
    body: { json: reactSchema },
    responses: { 200: { json: messageSchema } },
    errors: ACTION_ERRORS,
  },
  voteInPoll: {
    method: 'PUT',
    path: '/sessions/:sessionId/messages/:messageId/vote',
    summary: 'Votes in a poll: the whole choice, in place of an earlier one.',
    access: 'messages:send',
    params: messageParams,
    query: z.strictObject({ chatId: chatFilter }),
    body: { json: voteSchema },
    responses: { 200: { json: messageSchema } },
    errors: ACTION_ERRORS,
  },
  respondToEvent: {
    method: 'PUT',
    path: '/sessions/:sessionId/messages/:messageId/response',
    summary: 'Says whether the account comes to an event, in place of what it has said before.',
    access: 'messages:send',
    params: messageParams,
    query: z.strictObject({ chatId: chatFilter }),
    body: { json: respondSchema },
    responses: { 200: { json: messageSchema } },
    errors: ACTION_ERRORS,
  },
  editMessage: {
    method: 'PATCH',
    path: '/sessions/:sessionId/messages/:messageId',
    summary: 'Gives a message of the account another text, or caption, within 15 minutes.',
    access: 'messages:send',
    params: messageParams,
    query: z.strictObject({ chatId: chatFilter }),
    body: { json: editMessageSchema },
    responses: { 200: { json: messageSchema } },
    errors: ACTION_ERRORS,
  },
  deleteMessage: {
    method: 'DELETE',
    path: '/sessions/:sessionId/messages/:messageId',
    summary:
      'Deletes a message for everyone within 60 hours (of the account, or as an admin of the group), or for this account alone.',
    access: 'messages:send',
    params: messageParams,
    query: z.strictObject({
      chatId: chatFilter,
      for: z
        .enum(['everyone', 'me'])
        .optional()
        .meta({ description: 'Whom it is deleted for; everyone unless given.', example: 'everyone' }),
    }),
    responses: { 200: { json: messageSchema } },
    errors: [...ACTION_ERRORS, 'CHAT_CHANGE_FAILED'],
  },
  starMessage: {
    method: 'PUT',
    path: '/sessions/:sessionId/messages/:messageId/star',
    summary: 'Puts a star on a message, or takes it off, here and on the phone.',
    access: 'chats:manage',
    params: messageParams,
    query: z.strictObject({ chatId: chatFilter }),
    body: { json: starSchema },
    responses: { 200: { json: messageSchema } },
    errors: [
      'SESSION_NOT_CONNECTED',
      'MESSAGE_NOT_FOUND',
      'MESSAGE_ID_AMBIGUOUS',
      'RECIPIENT_INVALID',
      'CHAT_CHANGE_FAILED',
      'CONNECTION_LOST',
      'LEASE_HELD',
    ],
  },
  getMessageMedia: {
    method: 'GET',
    path: '/sessions/:sessionId/messages/:messageId/media',
    summary:
      'The file of a message, verified; fetched from WhatsApp, or once more from the phone, when it is not here yet. Ranges are taken.',
    access: 'messages:read',
    params: messageParams,
    query: z.strictObject({ chatId: chatFilter }),
    responses: { 200: { stream: ['*/*'] } },
    errors: [
      'MESSAGE_NOT_FOUND',
      'MESSAGE_ID_AMBIGUOUS',
      'RECIPIENT_INVALID',
      'MEDIA_NOT_FOUND',
      'MEDIA_NOT_AVAILABLE',
      'MEDIA_EXPIRED',
      'SESSION_NOT_CONNECTED',
      'CONNECTION_LOST',
      'LEASE_HELD',
      'STORE_FULL',
      'OPERATION_ABORTED',
    ],
  },
} as const satisfies Record<string, Route>
