import { z } from 'zod'
import { chatSchema } from '../chat.js'
import { pageOf } from '../fields.js'
import { createLabelSchema, labelSchema, updateLabelSchema } from '../label.js'
import { LIMITS } from '../limits.js'
import { messageSchema } from '../message.js'
import type { Route } from '../route.js'
import { chatFilter, chatParams, messageParams, sessionParams } from './parts.js'

const labelId = z
  .string()
  .regex(new RegExp(LIMITS.chatLabel.idPattern), `must match ${LIMITS.chatLabel.idPattern}`)
  .meta({ description: 'The label.', example: '7' })

const ERRORS = ['SESSION_NOT_CONNECTED', 'LEASE_HELD', 'CHAT_CHANGE_FAILED', 'CONNECTION_LOST'] as const

/** A label that is put on a chat, or taken off, here and on the phone. */
const ON_CHAT = {
  path: '/sessions/:sessionId/labels/:labelId/chats/:chatId',
  access: 'chats:manage',
  params: chatParams.extend({ labelId }),
  responses: { 200: { json: chatSchema } },
  errors: [...ERRORS, 'LABEL_NOT_FOUND', 'CHAT_NOT_FOUND', 'RECIPIENT_INVALID'],
} as const satisfies Omit<Route, 'method' | 'summary'>

const ON_MESSAGE = {
  path: '/sessions/:sessionId/labels/:labelId/messages/:messageId',
  access: 'chats:manage',
  params: messageParams.extend({ labelId }),
  query: z.strictObject({ chatId: chatFilter }),
  responses: { 200: { json: messageSchema } },
  errors: [...ERRORS, 'LABEL_NOT_FOUND', 'MESSAGE_NOT_FOUND', 'MESSAGE_ID_AMBIGUOUS', 'RECIPIENT_INVALID'],
} as const satisfies Omit<Route, 'method' | 'summary'>

export const LABELS_ROUTES = {
  listLabels: {
    method: 'GET',
    path: '/sessions/:sessionId/labels',
    summary: 'The labels of the account, in the order in which they were made.',
    access: 'messages:read',
    params: sessionParams,
    responses: { 200: { json: pageOf(labelSchema) } },
    errors: [],
  },
  createLabel: {
    method: 'POST',
    path: '/sessions/:sessionId/labels',
    summary: 'Makes a label, here and on the phone.',
    access: 'chats:manage',
    params: sessionParams,
    body: { json: createLabelSchema },
    responses: { 201: { json: labelSchema } },
    errors: ERRORS,
  },
  updateLabel: {
    method: 'PATCH',
    path: '/sessions/:sessionId/labels/:labelId',
    summary: 'Gives a label another name or colour, here and on the phone.',
    access: 'chats:manage',
    params: sessionParams.extend({ labelId }),
    body: { json: updateLabelSchema },
    responses: { 200: { json: labelSchema } },
    errors: [...ERRORS, 'LABEL_NOT_FOUND'],
  },
  deleteLabel: {
    method: 'DELETE',
    path: '/sessions/:sessionId/labels/:labelId',
    summary: 'Ends a label, here and on the phone: it is on no chat and no message any more.',
    access: 'chats:manage',
    params: sessionParams.extend({ labelId }),
    responses: { 204: {} },
    errors: [...ERRORS, 'LABEL_NOT_FOUND'],
  },
  labelChat: { ...ON_CHAT, method: 'PUT', summary: 'Puts a label on a chat, here and on the phone.' },
  unlabelChat: { ...ON_CHAT, method: 'DELETE', summary: 'Takes a label off a chat, here and on the phone.' },
  labelMessage: { ...ON_MESSAGE, method: 'PUT', summary: 'Puts a label on a message, here and on the phone.' },
  unlabelMessage: { ...ON_MESSAGE, method: 'DELETE', summary: 'Takes a label off a message, here and on the phone.' },
} as const satisfies Record<string, Route>
