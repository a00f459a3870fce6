import { z } from 'zod'
import { chatKindSchema, chatSchema } from './chat.js'
import { eventPageSchema } from './events.js'
import {
  addressSchema,
  countSchema,
  cursorSchema,
  decimal,
  flagSchema,
  messageIdSchema,
  pageOf,
  pageQueryFields,
  sessionIdSchema,
} from './fields.js'
import { LIMITS } from './limits.js'
import { messageSchema, messageTypeSchema, sendMessageSchema } from './message.js'
import type { Route } from './route.js'
import { versionSchema } from './service.js'
import {
  cleanupInactiveSchema,
  createSessionSchema,
  healthCheckSchema,
  pairingCodeSchema,
  qrSchema,
  requestPairingCodeSchema,
  sessionDetailsSchema,
  sessionSchema,
  sessionStatsSchema,
  updateSessionSchema,
} from './session.js'
import { credentialsSchema, loginSchema, refreshTokenSchema, userSchema } from './user.js'

const sessionParams = z.strictObject({ sessionId: sessionIdSchema })
const messageParams = sessionParams.extend({ messageId: messageIdSchema })
const chatParams = sessionParams.extend({ chatId: addressSchema })

const pageQuery = z.strictObject(pageQueryFields)

/** `before` and `after` take a message's time (ISO 8601) or a cursor. `q`: part of the text. */
const messageQuery = pageQuery.extend({
  before: cursorSchema.optional(),
  after: cursorSchema.optional(),
  type: messageTypeSchema.optional(),
  fromMe: flagSchema.optional(),
  q: z.string().min(1).max(LIMITS.search.maxLength).optional(),
})

const nothing = z.undefined()
const sessionPage = pageOf(sessionSchema)

/** The HTTP interface. api and hosts route by this table; the order does not matter, fixed path parts win over parameters. */
export const ROUTES = {
  login: {
    method: 'POST',
    path: '/auth/login',
    summary: 'Signs in with e-mail and password.',
    access: 'public',
    body: credentialsSchema,
    responses: { 200: loginSchema },
    errors: ['INVALID_CREDENTIALS', 'RATE_LIMITED', 'STORE_UNAVAILABLE'],
  },
  refresh: {
    method: 'POST',
    path: '/auth/refresh',
    summary: 'Swaps a refresh token for new tokens. A token that was swapped before ends the whole login.',
    access: 'public',
    body: refreshTokenSchema,
    responses: { 200: loginSchema },
    errors: ['UNAUTHENTICATED', 'STORE_UNAVAILABLE'],
  },
  signOut: {
    method: 'POST',
    path: '/auth/logout',
    summary: 'Ends the login that the refresh token belongs to.',
    access: 'public',
    body: refreshTokenSchema,
    responses: { 204: nothing },
    errors: ['STORE_UNAVAILABLE'],
  },
  me: {
    method: 'GET',
    path: '/auth/me',
    summary: 'The user who is signed in.',
    access: 'viewer',
    responses: { 200: userSchema },
    errors: [],
  },

  createSession: {
    method: 'POST',
    path: '/sessions',
    summary: 'Makes a session and starts it unless `start` is false.',
    access: 'operator',
    body: createSessionSchema,
    responses: { 201: sessionSchema },
    errors: ['SESSION_ID_IN_USE', 'SESSION_LIMIT_REACHED'],
  },
  listSessions: {
    method: 'GET',
    path: '/sessions',
    summary: "The caller's sessions.",
    access: 'viewer',
    query: pageQuery,
    responses: { 200: sessionPage },
    errors: [],
  },
  sessionStats: {
    method: 'GET',
    path: '/sessions/stats',
    summary: "Totals over the caller's sessions.",
    access: 'viewer',
    responses: { 200: sessionStatsSchema },
    errors: [],
  },
  listActiveSessions: {
    method: 'GET',
    path: '/sessions/active',
    summary: 'Sessions that are desired to run.',
    access: 'viewer',
    query: pageQuery,
    responses: { 200: sessionPage },
    errors: [],
  },
  listConnectedSessions: {
    method: 'GET',
    path: '/sessions/connected',
    summary: 'Sessions that are connected.',
    access: 'viewer',
    query: pageQuery,
    responses: { 200: sessionPage },
    errors: [],
  },
  listProblematicSessions: {
    method: 'GET',
    path: '/sessions/problematic',
    summary: 'Sessions that failed, were banned or logged out, reconnect for long, or failed a health check.',
    access: 'viewer',
    query: pageQuery,
    responses: { 200: sessionPage },
    errors: [],
  },
  cleanupInactiveSessions: {
    method: 'POST',
    path: '/sessions/cleanup-inactive',
    summary: 'Stops sessions without activity and removes those that were never linked.',
    access: 'operator',
    responses: { 200: cleanupInactiveSchema },
    errors: [],
  },
  getSession: {
    method: 'GET',
    path: '/sessions/:sessionId',
    summary: 'One session.',
    access: 'viewer',
    params: sessionParams,
    responses: { 200: sessionSchema },
    errors: [],
  },
  updateSession: {
    method: 'PATCH',
    path: '/sessions/:sessionId',
    summary: 'Changes label, metadata or settings.',
    access: 'operator',
    params: sessionParams,
    body: updateSessionSchema,
    responses: { 200: sessionSchema },
    errors: ['SESSION_BUSY'],
  },
  deleteSession: {
    method: 'DELETE',
    path: '/sessions/:sessionId',
    summary: 'Unlinks the device, archives its credentials and removes the session; its messages stay for a while.',
    access: 'operator',
    params: sessionParams,
    responses: { 204: nothing },
    errors: ['SESSION_BUSY'],
  },
  startSession: {
    method: 'POST',
    path: '/sessions/:sessionId/start',
    summary: 'Connects the session and keeps it connected.',
    access: 'operator',
    params: sessionParams,
    responses: { 200: sessionSchema },
    errors: ['SESSION_BUSY', 'LEASE_HELD', 'SESSION_LIMIT_REACHED'],
  },
  stopSession: {
    method: 'POST',
    path: '/sessions/:sessionId/stop',
    summary: 'Disconnects the session; it stays linked.',
    access: 'operator',
    params: sessionParams,
    responses: { 200: sessionSchema },
    errors: ['SESSION_BUSY'],
  },
  restartSession: {
    method: 'POST',
    path: '/sessions/:sessionId/restart',
    summary: 'Closes the connection and opens a new one.',
    access: 'operator',
    params: sessionParams,
    responses: { 200: sessionSchema },
    errors: ['SESSION_BUSY', 'LEASE_HELD'],
  },
  logoutSession: {
    method: 'POST',
    path: '/sessions/:sessionId/logout',
    summary: 'Unlinks the device at WhatsApp; the session stays and can be linked again.',
    access: 'operator',
    params: sessionParams,
    responses: { 200: sessionSchema },
    errors: ['SESSION_BUSY', 'SESSION_NOT_LINKED', 'SESSION_NOT_CONNECTED'],
  },
  getQr: {
    method: 'GET',
    path: '/sessions/:sessionId/qr',
    summary: 'The QR to scan, as JSON or as an image. Secret: whoever scans it links an account to the session.',
    access: 'operator',
    params: sessionParams,
    responses: { 200: qrSchema },
    produces: ['application/json', 'image/png', 'image/svg+xml'],
    errors: ['QR_NOT_AVAILABLE'],
  },
  requestPairingCode: {
    method: 'POST',
    path: '/sessions/:sessionId/pairing-code',
    summary: 'A code to type on the phone instead of scanning. Starts a stopped session.',
    access: 'operator',
    params: sessionParams,
    body: requestPairingCodeSchema,
    responses: { 200: pairingCodeSchema },
    errors: [
      'SESSION_ALREADY_LINKED',
      'SESSION_BUSY',
      'PAIRING_CODE_FAILED',
      'PASSKEY_REQUIRED',
      'RECIPIENT_INVALID',
      'CONNECTION_LOST',
      'CONNECTION_TIMEOUT',
      'OPERATION_ABORTED',
      'LEASE_HELD',
    ],
  },
  getSessionDetails: {
    method: 'GET',
    path: '/sessions/:sessionId/details',
    summary: 'One session with its device, errors, attempts, last health check, memory and advice.',
    access: 'viewer',
    params: sessionParams,
    responses: { 200: sessionDetailsSchema },
    errors: [],
  },
  resetAttempts: {
    method: 'POST',
    path: '/sessions/:sessionId/reset-attempts',
    summary: 'Forgets failed connection attempts, so that the next try happens at once.',
    access: 'operator',
    params: sessionParams,
    responses: { 200: sessionSchema },
    errors: ['SESSION_BUSY'],
  },
  checkHealth: {
    method: 'POST',
    path: '/sessions/:sessionId/health-check',
    summary: 'Asks WhatsApp for a sign of life over the connection of the session.',
    access: 'operator',
    params: sessionParams,
    responses: { 200: healthCheckSchema },
    errors: [],
  },
  cleanupSession: {
    method: 'DELETE',
    path: '/sessions/:sessionId/cleanup',
    summary: 'Removes the session with its messages, chats, media and archived credentials, for good.',
    access: 'admin',
    params: sessionParams,
    responses: { 204: nothing },
    errors: ['SESSION_BUSY'],
  },

  sendMessage: {
    method: 'POST',
    path: '/sessions/:sessionId/messages',
    summary:
      'Sends a message. `Idempotency-Key` or `clientMessageId` makes a repeat harmless. 202 while it is pending.',
    access: 'operator',
    params: sessionParams,
    body: sendMessageSchema,
    responses: { 201: messageSchema, 202: messageSchema },
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
    ],
  },
  listMessages: {
    method: 'GET',
    path: '/sessions/:sessionId/messages',
    summary: 'Stored messages, newest first; oldest first with `after`.',
    access: 'viewer',
    params: sessionParams,
    query: messageQuery.extend({ chatId: addressSchema.optional() }),
    responses: { 200: pageOf(messageSchema) },
    errors: ['RECIPIENT_INVALID', 'CHAT_NOT_FOUND'],
  },
  getMessage: {
    method: 'GET',
    path: '/sessions/:sessionId/messages/:messageId',
    summary: 'One message. `chatId` is needed when several chats have a message of this id.',
    access: 'viewer',
    params: messageParams,
    query: z.strictObject({ chatId: addressSchema.optional() }),
    responses: { 200: messageSchema },
    errors: ['MESSAGE_NOT_FOUND', 'MESSAGE_ID_AMBIGUOUS', 'RECIPIENT_INVALID'],
  },

  listChats: {
    method: 'GET',
    path: '/sessions/:sessionId/chats',
    summary: 'Chats, pinned first, then by their last message.',
    access: 'viewer',
    params: sessionParams,
    query: pageQuery.extend({ kind: chatKindSchema.optional(), archived: flagSchema.optional() }),
    responses: { 200: pageOf(chatSchema) },
    errors: [],
  },
  getChat: {
    method: 'GET',
    path: '/sessions/:sessionId/chats/:chatId',
    summary: 'One chat, by any form of its id: LID, phone-number JID or a bare phone number.',
    access: 'viewer',
    params: chatParams,
    responses: { 200: chatSchema },
    errors: ['CHAT_NOT_FOUND', 'RECIPIENT_INVALID'],
  },
  listChatMessages: {
    method: 'GET',
    path: '/sessions/:sessionId/chats/:chatId/messages',
    summary: 'Stored messages of one chat, newest first; oldest first with `after`.',
    access: 'viewer',
    params: chatParams,
    query: messageQuery,
    responses: { 200: pageOf(messageSchema) },
    errors: ['CHAT_NOT_FOUND', 'RECIPIENT_INVALID'],
  },

  listEvents: {
    method: 'GET',
    path: '/events',
    summary: 'The event log of a session, after a sequence number.',
    access: 'viewer',
    query: z.strictObject({
      sessionId: sessionIdSchema,
      after: decimal.pipe(countSchema).optional(),
      limit: pageQueryFields.limit,
    }),
    responses: { 200: eventPageSchema },
    errors: [],
  },

  version: {
    method: 'GET',
    path: '/version',
    summary: 'Which Trunkline this is.',
    access: 'public',
    responses: { 200: versionSchema },
    errors: [],
  },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof ROUTES

/** The data a route takes, after validation. */
export type ParamsOf<Name extends RouteName> = Parsed<Name, 'params'>
export type QueryOf<Name extends RouteName> = Parsed<Name, 'query'>
export type BodyOf<Name extends RouteName> = Parsed<Name, 'body'>

/** What a route answers: one `{ status, body }` for each status. */
export type ResultOf<Name extends RouteName> = Name extends RouteName
  ? ResultsOf<(typeof ROUTES)[Name]['responses']>
  : never

type ResultsOf<Responses> = {
  [Status in keyof Responses]: Responses[Status] extends z.ZodType
    ? { status: Status; body: z.input<Responses[Status]> }
    : never
}[keyof Responses]

type Parsed<Name extends RouteName, Part extends 'params' | 'query' | 'body'> =
  (typeof ROUTES)[Name] extends Record<Part, infer Schema extends z.ZodType> ? z.output<Schema> : Record<string, never>
