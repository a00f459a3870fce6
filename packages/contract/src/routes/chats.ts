import { chatKindSchema, chatSchema } from '../chat.js'
import { flagSchema, pageOf } from '../fields.js'
import { readMessageSchema } from '../message.js'
import type { Route } from '../route.js'
import { chatParams, messageQuery, pageQuery, sessionParams } from './parts.js'

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
} as const satisfies Record<string, Route>
