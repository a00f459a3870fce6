import { chatKindSchema, chatSchema } from '../chat.js'
import {
  clearSchema,
  disappearingSchema,
  muteSchema,
  requestHistorySchema,
  sendPresenceSchema,
} from '../chat-actions.js'
import { flagSchema, pageOf } from '../fields.js'
import { readMessageSchema } from '../message.js'
import type { Route } from '../route.js'
import { chatParams, messageQuery, pageQuery, sessionParams } from './parts.js'

const ACTION_ERRORS = ['SESSION_NOT_CONNECTED', 'CHAT_NOT_FOUND', 'RECIPIENT_INVALID', 'LEASE_HELD'] as const

/** What is done to a chat, here and on the phone, answers the chat after it. */
const CHANGE = {
  method: 'POST',
  access: 'chats:manage',
  params: chatParams,
  responses: { 200: { json: chatSchema } },
  errors: [...ACTION_ERRORS, 'CHAT_CHANGE_FAILED', 'CONNECTION_LOST'],
} as const satisfies Omit<Route, 'path' | 'summary'>

export const CHATS_ROUTES = {
  listChats: {
    method: 'GET',
    path: '/sessions/:sessionId/chats',
    summary: 'Chats, pinned first, then by their last message.',
    access: 'messages:read',
    params: sessionParams,
    query: pageQuery.extend({
      kind: chatKindSchema.optional().meta({ description: 'Only chats of this kind.' }),
      archived: flagSchema.optional().meta({ description: 'Only chats in the archive, or only the others.' }),
    }),
    responses: { 200: { json: pageOf(chatSchema) } },
    errors: [],
  },
  getChat: {
    method: 'GET',
    path: '/sessions/:sessionId/chats/:chatId',
    summary: 'One chat, by any form of its id: LID, phone-number JID or a bare phone number.',
    access: 'messages:read',
    params: chatParams,
    responses: { 200: { json: chatSchema } },
    errors: ['CHAT_NOT_FOUND', 'RECIPIENT_INVALID'],
  },
  listChatMessages: {
    method: 'GET',
    path: '/sessions/:sessionId/chats/:chatId/messages',
    summary: 'Stored messages of one chat, newest first; oldest first with `after`.',
    access: 'messages:read',
    params: chatParams,
    query: messageQuery,
    responses: { 200: { json: pageOf(readMessageSchema) } },
    errors: ['RECIPIENT_INVALID'],
  },
  readChat: {
    ...CHANGE,
    path: '/sessions/:sessionId/chats/:chatId/read',
    summary: 'Marks all that is unread as read: who wrote it is told, and the phone.',
  },
  unreadChat: {
    ...CHANGE,
    path: '/sessions/:sessionId/chats/:chatId/unread',
    summary: 'Gives the chat the dot of an unread one, here and on the phone.',
  },
  archiveChat: {
    ...CHANGE,
    path: '/sessions/:sessionId/chats/:chatId/archive',
    summary: 'Puts the chat into the archive; it is not pinned any more then.',
  },
  unarchiveChat: {
    ...CHANGE,
    path: '/sessions/:sessionId/chats/:chatId/unarchive',
    summary: 'Takes the chat out of the archive.',
  },
  pinChat: {
    ...CHANGE,
    path: '/sessions/:sessionId/chats/:chatId/pin',
    summary: 'Keeps the chat on top.',
  },
  unpinChat: {
    ...CHANGE,
    path: '/sessions/:sessionId/chats/:chatId/unpin',
    summary: 'Keeps the chat on top no longer.',
  },
  muteChat: {
    ...CHANGE,
    path: '/sessions/:sessionId/chats/:chatId/mute',
    summary: 'The chat makes no sound for a time, or for ever.',
    body: { json: muteSchema, optional: true },
  },
  unmuteChat: {
    ...CHANGE,
    path: '/sessions/:sessionId/chats/:chatId/unmute',
    summary: 'The chat makes sounds again.',
  },
  clearChat: {
    ...CHANGE,
    path: '/sessions/:sessionId/chats/:chatId/clear',
    summary: 'Empties the chat for this account alone, here and on the phone.',
    body: { json: clearSchema, optional: true },
  },
  setChatDisappearing: {
    ...CHANGE,
    method: 'PUT',
    path: '/sessions/:sessionId/chats/:chatId/disappearing',
    summary: 'After how many seconds new messages of the chat with a person disappear from phones; 0 lets them stay.',
    body: { json: disappearingSchema },
    errors: [...ACTION_ERRORS, 'MESSAGE_REFUSED', 'MESSAGE_FAILED', 'CONNECTION_LOST'],
  },
  deleteChat: {
    method: 'DELETE',
    path: '/sessions/:sessionId/chats/:chatId',
    summary: 'Deletes the chat with its messages for this account alone, here and on the phone.',
    access: 'chats:manage',
    params: chatParams,
    responses: { 204: {} },
    errors: CHANGE.errors,
  },
  sendChatPresence: {
    method: 'POST',
    path: '/sessions/:sessionId/chats/:chatId/presence',
    summary: 'Shows in the chat that the account types or records, or no longer does.',
    access: 'messages:send',
    params: chatParams,
    body: { json: sendPresenceSchema },
    responses: { 204: {} },
    errors: ACTION_ERRORS,
  },
  requestChatHistory: {
    method: 'POST',
    path: '/sessions/:sessionId/chats/:chatId/history',
    summary: 'Asks the phone for messages before the oldest one here; `history.progress` tells when they have come.',
    access: 'chats:manage',
    params: chatParams,
    body: { json: requestHistorySchema, optional: true },
    responses: { 202: {} },
    errors: ACTION_ERRORS,
  },
} as const satisfies Record<string, Route>
