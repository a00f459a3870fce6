import { z } from 'zod'
import { addressSchema, countSchema, sessionIdSchema, timeSchema } from './fields.js'
import { ERROR_CODES } from './http-status.js'
import { LIMITS } from './limits.js'

export const sessionStatusSchema = z.enum([
  'stopped',
  'connecting',
  'awaiting_scan',
  'awaiting_code',
  'passkey_required',
  'connected',
  'reconnecting',
  'logged_out',
  'banned',
  'failed',
])

export const sessionHealthSchema = z.enum(['ok', 'degraded', 'unhealthy'])

const errorCodeSchema = z.enum(ERROR_CODES)

export const statusReasonSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  action: z.string(),
  retryAt: timeSchema.optional(),
})

export const accountSchema = z.object({
  jid: z.string(),
  lid: z.string().optional(),
  phone: z.string(),
  pushName: z.string().optional(),
  platform: z.string().optional(),
})

const preloadFields = {
  type: z.enum(['individual', 'group', 'all', 'none']),
  limit: z.int().min(0).max(LIMITS.settings.maxPreload),
}

const settingsFields = {
  proxyUrl: z.string().trim().min(1).max(LIMITS.settings.maxProxyUrlLength).optional(),
  deviceName: z.string().trim().min(1).max(LIMITS.settings.maxDeviceNameLength).optional(),
  markOnline: z.boolean().optional(),
  readOnReceive: z.boolean().optional(),
  rejectCalls: z.boolean().optional(),
  ignoreGroups: z.boolean().optional(),
}

const settingsInputSchema = z.strictObject({ ...settingsFields, preload: z.strictObject(preloadFields).optional() })

/** Settings that are not named stay as they are; `null` clears one. */
const settingsChangesSchema = z.strictObject({
  proxyUrl: settingsFields.proxyUrl.nullable(),
  deviceName: settingsFields.deviceName.nullable(),
  markOnline: settingsFields.markOnline.nullable(),
  readOnReceive: settingsFields.readOnReceive.nullable(),
  rejectCalls: settingsFields.rejectCalls.nullable(),
  ignoreGroups: settingsFields.ignoreGroups.nullable(),
  preload: z.strictObject(preloadFields).nullable().optional(),
})

export const sessionSettingsSchema = z.object({ ...settingsFields, preload: z.object(preloadFields).optional() })

const { maxEntries, keyPattern, reservedKey, maxValueLength } = LIMITS.metadata

const metadataEntries = z
  .record(
    z.string().regex(new RegExp(keyPattern), 'must be 1 to 64 letters, digits, _, : or -'),
    z.string().max(maxValueLength),
  )
  .refine((metadata) => Object.keys(metadata).length <= maxEntries, `must have at most ${maxEntries} entries`)

/** A record drops the reserved key in silence, so it is looked for before. */
const metadataSchema = z.preprocess((metadata, { issues }) => {
  if (Object.hasOwn(Object(metadata), reservedKey)) {
    issues.push({ code: 'custom', input: metadata, path: [reservedKey], message: 'is no name for a field' })
  }
  return metadata
}, metadataEntries)

const sessionErrorSchema = z.object({ at: timeSchema, code: errorCodeSchema, message: z.string() })

export const sessionSchema = z.object({
  id: sessionIdSchema,
  label: z.string().optional(),
  metadata: z.record(z.string(), z.string()),
  status: sessionStatusSchema,
  health: sessionHealthSchema,
  statusReason: statusReasonSchema.optional(),
  desired: z.enum(['running', 'stopped']),
  account: accountSchema.optional(),
  settings: sessionSettingsSchema,
  counters: z.object({ sent: countSchema, received: countSchema, failed: countSchema, chats: countSchema }),
  attempts: z.object({ count: countSchema, lastAt: timeSchema.optional(), nextAt: timeSchema.optional() }),
  lastError: sessionErrorSchema.optional(),
  lastConnectedAt: timeSchema.optional(),
  lastActivityAt: timeSchema.optional(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
})

export const healthCheckSchema = z.object({
  at: timeSchema,
  ok: z.boolean(),
  latencyMs: z.number().min(0).optional(),
  problem: z.string().optional(),
})

export const sessionDetailsSchema = sessionSchema.extend({
  device: z.object({ id: countSchema, name: z.string().optional(), linkedAt: timeSchema.optional() }).optional(),
  errors: z.array(sessionErrorSchema),
  attemptsLog: z.array(
    z.object({
      at: timeSchema,
      outcome: z.enum(['open', 'close']),
      code: errorCodeSchema.optional(),
      message: z.string().optional(),
    }),
  ),
  healthCheck: healthCheckSchema.optional(),
  memoryBytes: countSchema,
  advice: z.string(),
})

export const sessionStatsSchema = z.object({
  total: countSchema,
  byStatus: z.record(sessionStatusSchema, countSchema),
  active: countSchema,
  connected: countSchema,
  problematic: countSchema,
  messages: z.object({ sent: countSchema, received: countSchema, failed: countSchema }),
  chats: countSchema,
  memory: z.object({ rss: countSchema, heapUsed: countSchema, perSession: countSchema }),
  uptimeSeconds: z.number().min(0),
})

export const cleanupInactiveSchema = z.object({ stopped: z.array(sessionIdSchema), removed: z.array(sessionIdSchema) })

export const qrSchema = z.object({
  sessionId: sessionIdSchema,
  qr: z.string(),
  attempt: z.int().min(1),
  maxAttempts: z.int().min(1),
  issuedAt: timeSchema,
  expiresAt: timeSchema,
})

export const pairingCodeSchema = z.object({
  sessionId: sessionIdSchema,
  phone: z.string(),
  code: z.string(),
  expiresAt: timeSchema,
})

export const createSessionSchema = z.strictObject({
  id: sessionIdSchema
    .refine(
      (id) => !LIMITS.sessionId.reserved.some((reserved) => reserved === id),
      'is part of a route: choose another id',
    )
    .optional(),
  label: z.string().trim().min(1).max(LIMITS.label.maxLength).optional(),
  metadata: metadataSchema.optional(),
  settings: settingsInputSchema.optional(),
  start: z.boolean().optional(),
})

/** `null` clears the label. */
export const updateSessionSchema = z.strictObject({
  label: z.string().trim().min(1).max(LIMITS.label.maxLength).nullable().optional(),
  metadata: metadataSchema.optional(),
  settings: settingsChangesSchema.optional(),
})

export const requestPairingCodeSchema = z.strictObject({ phone: addressSchema })
