import { z } from 'zod'
import { pageOf } from '../fields.js'
import { LIMITS } from '../limits.js'
import type { Route } from '../route.js'
import {
  createSessionSchema,
  pairingCodeSchema,
  qrSchema,
  requestPairingCodeSchema,
  sessionSchema,
  sessionSortSchema,
  sessionStatusSchema,
  updateSessionSchema,
} from '../session.js'
import { pageQuery, sessionParams } from './parts.js'

const sessionPage = pageOf(sessionSchema)

/** `team=sales`; a name has no `=` in it. */
const METADATA_PAIR = /^[A-Za-z0-9_:-]{1,64}=/

const sessionQuery = pageQuery.extend({
  sort: sessionSortSchema.optional().meta({
    description: 'The order, `id` unless given. What has no label or no activity comes first, or last with a `-`.',
    example: '-lastActivityAt',
  }),
  status: sessionStatusSchema.optional().meta({ description: 'Only sessions with this status.' }),
  q: z.string().min(1).max(LIMITS.search.maxLength).optional().meta({
    description: 'Only sessions with this in their id or label, whatever the case of its letters.',
    example: 'shop',
  }),
  metadata: z
    .string()
    .regex(METADATA_PAIR, 'must be a name and a value with = between them')
    .max(1_100)
    .optional()
    .meta({ description: 'Only sessions that have this name and value in their metadata.', example: 'team=sales' }),
})

export const SESSIONS_ROUTES = {
  createSession: {
    method: 'POST',
    path: '/sessions',
    summary: 'Makes a session and starts it unless `start` is false.',
    access: 'sessions:manage',
    body: { json: createSessionSchema },
    responses: { 201: { json: sessionSchema } },
    errors: ['SESSION_ID_IN_USE', 'SESSION_LIMIT_REACHED'],
  },
  listSessions: {
    method: 'GET',
    path: '/sessions',
    summary: "The caller's sessions, sorted: all of them, or those that fit everything that is asked for.",
    access: 'sessions:read',
    query: sessionQuery,
    responses: { 200: { json: sessionPage } },
    errors: [],
  },
  getSession: {
    method: 'GET',
    path: '/sessions/:sessionId',
    summary: 'One session.',
    access: 'sessions:read',
    params: sessionParams,
    responses: { 200: { json: sessionSchema } },
    errors: [],
  },
  updateSession: {
    method: 'PATCH',
    path: '/sessions/:sessionId',
    summary: 'Changes label, metadata or settings.',
    access: 'sessions:manage',
    params: sessionParams,
    body: { json: updateSessionSchema },
    responses: { 200: { json: sessionSchema } },
    errors: ['SESSION_BUSY'],
  },
  deleteSession: {
    method: 'DELETE',
    path: '/sessions/:sessionId',
    summary: 'Unlinks the device, archives its credentials and removes the session; its messages stay for a while.',
    access: 'sessions:manage',
    params: sessionParams,
    responses: { 204: {} },
    errors: ['LEASE_HELD'],
  },
  startSession: {
    method: 'POST',
    path: '/sessions/:sessionId/start',
    summary: 'Connects the session and keeps it connected.',
    access: 'sessions:manage',
    params: sessionParams,
    responses: { 200: { json: sessionSchema } },
    errors: [],
  },
  stopSession: {
    method: 'POST',
    path: '/sessions/:sessionId/stop',
    summary: 'Disconnects the session; it stays linked.',
    access: 'sessions:manage',
    params: sessionParams,
    responses: { 200: { json: sessionSchema } },
    errors: ['LEASE_HELD'],
  },
  restartSession: {
    method: 'POST',
    path: '/sessions/:sessionId/restart',
    summary: 'Closes the connection and opens a new one.',
    access: 'sessions:manage',
    params: sessionParams,
    responses: { 200: { json: sessionSchema } },
    errors: ['LEASE_HELD'],
  },
  logoutSession: {
    method: 'POST',
    path: '/sessions/:sessionId/logout',
    summary: 'Unlinks the device at WhatsApp; the session stays and can be linked again.',
    access: 'sessions:manage',
    params: sessionParams,
    responses: { 200: { json: sessionSchema } },
    errors: ['LEASE_HELD'],
  },
  getQr: {
    method: 'GET',
    path: '/sessions/:sessionId/qr',
    summary: 'The QR to scan, as JSON or as an image. Secret: whoever scans it links an account to the session.',
    access: 'sessions:manage',
    params: sessionParams,
    responses: { 200: { json: qrSchema, bytes: ['image/png', 'image/svg+xml'] } },
    errors: ['QR_NOT_AVAILABLE', 'LEASE_HELD'],
  },
  requestPairingCode: {
    method: 'POST',
    path: '/sessions/:sessionId/pairing-code',
    summary: 'A code to type on the phone instead of scanning. Starts a stopped session.',
    access: 'sessions:manage',
    params: sessionParams,
    body: { json: requestPairingCodeSchema },
    responses: { 200: { json: pairingCodeSchema } },
    errors: ['SESSION_ALREADY_LINKED', 'PAIRING_CODE_FAILED', 'PASSKEY_REQUIRED', 'LEASE_HELD'],
  },
} as const satisfies Record<string, Route>
