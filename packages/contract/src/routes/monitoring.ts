import { z } from 'zod'
import { pageOf } from '../fields.js'
import {
  healthReportSchema,
  maintenanceSchema,
  maintenanceStepNameSchema,
  maintenanceStepSchema,
  updateMaintenanceSchema,
} from '../maintenance.js'
import { queueLengthsSchema } from '../queue.js'
import type { Route } from '../route.js'
import {
  cleanupInactiveSchema,
  healthCheckSchema,
  sessionDetailsSchema,
  sessionSchema,
  sessionStatsSchema,
} from '../session.js'
import { trafficQuery, trafficSchema } from '../traffic.js'
import { pageQuery, sessionParams } from './parts.js'

const sessionPage = pageOf(sessionSchema)

export const MONITORING_ROUTES = {
  sessionStats: {
    method: 'GET',
    path: '/sessions/stats',
    summary: "Totals over the caller's sessions.",
    access: 'sessions:read',
    responses: { 200: { json: sessionStatsSchema } },
    errors: [],
  },
  sessionTraffic: {
    method: 'GET',
    path: '/sessions/stats/traffic',
    summary: "Messages of the caller's sessions by hour: sent, received, failed.",
    access: 'sessions:read',
    query: trafficQuery,
    responses: { 200: { json: trafficSchema } },
    errors: [],
  },
  sessionQueues: {
    method: 'GET',
    path: '/sessions/stats/queues',
    summary: "How much waits to be sent in the caller's sessions, the longest queues first.",
    access: 'sessions:read',
    responses: { 200: { json: queueLengthsSchema } },
    errors: [],
  },
  listActiveSessions: {
    method: 'GET',
    path: '/sessions/active',
    summary: 'Sessions that are desired to run.',
    access: 'sessions:read',
    query: pageQuery,
    responses: { 200: { json: sessionPage } },
    errors: [],
  },
  listConnectedSessions: {
    method: 'GET',
    path: '/sessions/connected',
    summary: 'Sessions that are connected.',
    access: 'sessions:read',
    query: pageQuery,
    responses: { 200: { json: sessionPage } },
    errors: [],
  },
  listProblematicSessions: {
    method: 'GET',
    path: '/sessions/problematic',
    summary: 'Sessions that failed, were banned or logged out, reconnect for long, or failed a health check.',
    access: 'sessions:read',
    query: pageQuery,
    responses: { 200: { json: sessionPage } },
    errors: [],
  },
  sessionHealth: {
    method: 'GET',
    path: '/sessions/health',
    summary:
      "How the caller's sessions do, with those that somebody should look at. Asks nobody: see the health check.",
    access: 'sessions:read',
    responses: { 200: { json: healthReportSchema } },
    errors: [],
  },
  listMaintenance: {
    method: 'GET',
    path: '/maintenance',
    summary: 'What the process does by itself to keep its sessions well: when it did it last, and what came of it.',
    access: 'system:read',
    responses: { 200: { json: maintenanceSchema } },
    errors: [],
  },
  updateMaintenance: {
    method: 'PATCH',
    path: '/maintenance',
    summary: 'Changes how often the steps of the maintenance are done, for all processes that share the store.',
    access: 'system:manage',
    body: { json: updateMaintenanceSchema },
    responses: { 200: { json: maintenanceSchema } },
    errors: ['SETTINGS_CHANGED_MEANWHILE', 'SETTINGS_NOT_KEPT'],
  },
  runMaintenance: {
    method: 'POST',
    path: '/maintenance/:step/run',
    summary: 'Does one step of the maintenance now, and answers when it is done.',
    access: 'system:manage',
    params: z.strictObject({ step: maintenanceStepNameSchema }),
    responses: { 200: { json: maintenanceStepSchema } },
    errors: [],
  },
  getSessionDetails: {
    method: 'GET',
    path: '/sessions/:sessionId/details',
    summary: 'One session with its device, errors, attempts, last health check, memory and advice.',
    access: 'sessions:read',
    params: sessionParams,
    responses: { 200: { json: sessionDetailsSchema } },
    errors: [],
  },
  resetAttempts: {
    method: 'POST',
    path: '/sessions/:sessionId/reset-attempts',
    summary: 'Forgets failed connection attempts, so that the next try happens at once.',
    access: 'sessions:manage',
    params: sessionParams,
    responses: { 200: { json: sessionSchema } },
    errors: ['LEASE_HELD'],
  },
  checkHealth: {
    method: 'POST',
    path: '/sessions/:sessionId/health-check',
    summary: 'Asks WhatsApp for a sign of life over the connection of the session.',
    access: 'sessions:manage',
    params: sessionParams,
    responses: { 200: { json: healthCheckSchema } },
    errors: ['LEASE_HELD'],
  },
  cleanupSession: {
    method: 'DELETE',
    path: '/sessions/:sessionId/cleanup',
    summary: 'Removes the session with its messages, chats, media and archived credentials, for good.',
    access: 'sessions:delete',
    params: sessionParams,
    responses: { 204: {} },
    errors: ['LEASE_HELD'],
  },
  cleanupInactiveSessions: {
    method: 'POST',
    path: '/sessions/cleanup-inactive',
    summary: 'Stops sessions without activity and removes those that were never linked.',
    access: 'sessions:manage',
    responses: { 200: { json: cleanupInactiveSchema } },
    errors: [],
  },
} as const satisfies Record<string, Route>
