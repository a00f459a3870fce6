import { z } from 'zod'
import { addressSchema, countSchema, sessionIdSchema, timeSchema } from './fields.js'
import { LIMITS } from './limits.js'
import { pacingSchema, sendRestrictionSchema } from './pacing.js'
import { errorCodeSchema } from './problem.js'

export const sessionStatusSchema = z
  .enum([
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
  .meta({ id: 'SessionStatus', description: 'What the session is doing.' })

export const sessionSortSchema = z
  .enum([
    'id',
    '-id',
    'createdAt',
    '-createdAt',
    'label',
    '-label',
    'status',
    '-status',
    'lastActivityAt',
    '-lastActivityAt',
  ])
  .meta({ id: 'SessionSort', description: 'A field to sort by; with `-` in front from the last to the first.' })

export const sessionHealthSchema = z
  .enum(['ok', 'degraded', 'unhealthy'])
  .meta({ id: 'SessionHealth', description: 'Whether the session does what it should.' })

const errorText = z.string().meta({ description: 'A sentence for people.' })

export const statusReasonSchema = z
  .object({
    code: errorCodeSchema,
    message: errorText,
    action: z.string().meta({ description: 'What a person can do about it.' }),
    retryAt: timeSchema
      .optional()
      .meta({ description: 'When the next try happens by itself (ISO 8601); left out when none does.' }),
  })
  .meta({ id: 'StatusReason', description: 'Why the session has its status.' })

export const accountSchema = z
  .object({
    jid: z.string().meta({ description: 'Phone-number JID, without the device.' }),
    lid: z.string().optional().meta({ description: 'LID JID, once it is known.' }),
    phone: z.string().meta({ description: 'Phone number, digits only.', example: '15550000001' }),
    pushName: z.string().optional().meta({ description: 'Name that the account gave itself.' }),
    platform: z
      .string()
      .optional()
      .meta({ description: 'Platform of the phone, as WhatsApp says.', example: 'android' }),
  })
  .meta({ id: 'Account', description: 'The linked WhatsApp account.' })

const preloadFields = {
  type: z.enum(['individual', 'group', 'all', 'none']).meta({ description: 'Which kind of chats is kept.' }),
  limit: z.int().min(0).max(LIMITS.settings.maxPreload).meta({ description: 'How many of them, the newest.' }),
}

const PRELOAD = { description: 'What the history sync at linking keeps.' }

const upTo = (kind: keyof typeof LIMITS.media.maxBytes, what: string) =>
  z
    .int()
    .min(0)
    .max(LIMITS.media.maxBytes[kind])
    .optional()
    .meta({ description: `${what} up to this size.` })

const AUTO_DOWNLOAD = {
  description: 'Which files of messages are fetched as they come in, by size in bytes; others when they are wanted.',
}

const autoDownloadSchema = z
  .strictObject({
    image: upTo('image', 'Pictures'),
    video: upTo('video', 'Films'),
    document: upTo('document', 'Documents'),
    sticker: upTo('sticker', 'Stickers'),
    audio: upTo('audio', 'Sound'),
    voice: upTo('voice', 'Voice notes'),
  })
  .meta({
    ...AUTO_DOWNLOAD,
    id: 'AutoDownload',
    example: { image: 5_000_000, voice: 5_000_000 },
  })

const settingsFields = {
  proxyUrl: z.string().trim().min(1).max(LIMITS.settings.maxProxyUrlLength).optional().meta({
    description:
      'The proxy to connect through: `http:`, `https:`, `socks4:` or `socks5:`. Shown with `***` for its password.',
    example: 'socks5://user:secret@proxy.example:1080',
  }),
  deviceName: z
    .string()
    .trim()
    .min(1)
    .max(LIMITS.settings.maxDeviceNameLength)
    .optional()
    .meta({ description: 'The name shown under "Linked devices" on the phone.' }),
  markOnline: z.boolean().optional().meta({ description: 'Shows the account as online while it is connected.' }),
  readOnReceive: z.boolean().optional().meta({ description: 'Sends a read receipt for every inbound message.' }),
  rejectCalls: z.boolean().optional().meta({ description: 'Refuses every call.' }),
  ignoreGroups: z.boolean().optional().meta({ description: 'Takes no messages of groups.' }),
  pacing: pacingSchema.optional(),
  autoDownload: autoDownloadSchema.optional(),
  queueWhenOffline: z.boolean().optional().meta({
    description: 'Queues what is sent while the session is not connected, instead of refusing it. Holds at once.',
  }),
}

const SETTINGS = { description: 'How the session behaves; changes take effect with its next connection.' }

const settingsInputSchema = z
  .strictObject({ ...settingsFields, preload: z.strictObject(preloadFields).optional().meta(PRELOAD) })
  .meta({ ...SETTINGS, id: 'SessionSettingsInput' })

/** Settings that are not named stay as they are; `null` clears one. */
const settingsChangesSchema = z
  .strictObject({
    proxyUrl: settingsFields.proxyUrl.nullable(),
    deviceName: settingsFields.deviceName.nullable(),
    markOnline: settingsFields.markOnline.nullable(),
    readOnReceive: settingsFields.readOnReceive.nullable(),
    rejectCalls: settingsFields.rejectCalls.nullable(),
    ignoreGroups: settingsFields.ignoreGroups.nullable(),
    pacing: pacingSchema.nullable().optional().meta({ description: 'How fast what is queued goes out.' }),
    autoDownload: autoDownloadSchema.nullable().optional().meta(AUTO_DOWNLOAD),
    queueWhenOffline: settingsFields.queueWhenOffline.nullable(),
    preload: z.strictObject(preloadFields).nullable().optional().meta(PRELOAD),
  })
  .meta({
    id: 'SessionSettingsChanges',
    description: 'Settings to change; those not named stay as they are, `null` clears one.',
  })

export const sessionSettingsSchema = z
  .object({ ...settingsFields, preload: z.object(preloadFields).optional().meta(PRELOAD) })
  .meta({ ...SETTINGS, id: 'SessionSettings' })

const { maxEntries, keyPattern, reservedKey, maxValueLength } = LIMITS.metadata

const metadataEntries = z
  .record(
    z.string().regex(new RegExp(keyPattern), 'must be 1 to 64 letters, digits, _, : or -'),
    z.string().max(maxValueLength),
  )
  .refine((metadata) => Object.keys(metadata).length <= maxEntries, `must have at most ${maxEntries} entries`)

/** A record drops the reserved key in silence, so it is looked for before. */
export const metadataSchema = z.preprocess((metadata, { issues }) => {
  if (Object.hasOwn(Object(metadata), reservedKey)) {
    issues.push({ code: 'custom', input: metadata, path: [reservedKey], message: 'is no name for a field' })
  }
  return metadata
}, metadataEntries)

const METADATA = { description: "The caller's own names and values.", example: { team: 'sales' } }

const sessionErrorSchema = z
  .object({
    at: timeSchema.meta({ description: 'When it happened (ISO 8601).' }),
    code: errorCodeSchema,
    message: errorText,
  })
  .meta({ id: 'SessionError', description: 'Something that went wrong.' })

const when = (description: string) => timeSchema.optional().meta({ description: `${description} (ISO 8601).` })
const countOf = (description: string) => countSchema.meta({ description })

export const sessionSchema = z
  .object({
    id: sessionIdSchema,
    label: z.string().optional().meta({ description: 'Name for people.' }),
    metadata: z.record(z.string(), z.string()).meta(METADATA),
    status: sessionStatusSchema,
    health: sessionHealthSchema,
    statusReason: statusReasonSchema.optional(),
    desired: z
      .enum(['running', 'stopped'])
      .meta({ description: 'What is wanted: `running` is restored at the next start of the process.' }),
    node: z
      .string()
      .optional()
      .meta({ description: 'The id of the node that runs it; left out while none does.', example: 'one.3f2a81c09d4e' }),
    account: accountSchema.optional(),
    settings: sessionSettingsSchema,
    counters: z
      .object({
        sent: countOf('Messages sent.'),
        received: countOf('Messages received.'),
        failed: countOf('Messages that could not be sent.'),
        chats: countOf('Chats.'),
      })
      .meta({ id: 'SessionCounters', description: 'Totals since the session was made.' }),
    attempts: z
      .object({
        count: countOf('Failed tries since the session was connected last.'),
        lastAt: when('When the last try was'),
        nextAt: when('When the next try is'),
      })
      .meta({ id: 'SessionAttempts', description: 'Tries to connect.' }),
    lastError: sessionErrorSchema.optional().meta({ description: 'What went wrong last.' }),
    restrictions: z
      .array(sendRestrictionSchema)
      .optional()
      .meta({ description: 'What WhatsApp has told of its limits; left out where there is none.' }),
    lastConnectedAt: when('When it was connected last'),
    lastActivityAt: when('When a message was sent or received last'),
    createdAt: timeSchema.meta({ description: 'When it was made (ISO 8601).' }),
    updatedAt: timeSchema.meta({ description: 'When its record changed last (ISO 8601).' }),
  })
  .meta({ id: 'Session', description: 'A session: one WhatsApp account, or the place for one.' })

export const healthCheckSchema = z
  .object({
    at: timeSchema.meta({ description: 'When it was asked (ISO 8601).' }),
    ok: z.boolean().meta({ description: 'Whether WhatsApp answered.' }),
    latencyMs: z.number().min(0).optional().meta({ description: 'How long the answer took, in milliseconds.' }),
    problem: z.string().optional().meta({ description: 'Why not.' }),
  })
  .meta({ id: 'HealthCheck', description: 'A health check and what came of it.' })

export const sessionDetailsSchema = sessionSchema
  .extend({
    device: z
      .object({
        id: countOf('The number of the device, 1 and up.'),
        name: z.string().optional().meta({ description: 'Its name on the phone.' }),
        linkedAt: when('When it was linked'),
        webVersion: z.string().optional().meta({
          description: 'The version of WhatsApp Web that it was let in with last.',
          example: '2.3000.1035194821',
        }),
      })
      .optional()
      .meta({ description: 'The linked device: this session, as WhatsApp knows it.' }),
    errors: z.array(sessionErrorSchema).meta({ description: 'What went wrong, newest last, at most 20.' }),
    attemptsLog: z
      .array(
        z.object({
          at: timeSchema.meta({ description: 'When it was (ISO 8601).' }),
          outcome: z.enum(['open', 'close']).meta({ description: 'Whether the connection opened or closed.' }),
          code: errorCodeSchema.optional(),
          message: errorText.optional(),
        }),
      )
      .meta({ description: 'Connections that opened and closed, newest last, at most 20.' }),
    healthCheck: healthCheckSchema.optional(),
    memoryBytes: countOf("This session's share of the process's memory: an estimate."),
    advice: z.string().meta({ description: 'What a person can do, if anything.' }),
  })
  .meta({ id: 'SessionDetails', description: 'A session with all that is known of it.' })

export const sessionStatsSchema = z
  .object({
    total: countOf('All sessions.'),
    byStatus: z.record(sessionStatusSchema, countSchema).meta({ description: 'Sessions by status.' }),
    active: countOf('Sessions that are desired to run.'),
    connected: countOf('Sessions that are connected.'),
    problematic: countOf(
      'Sessions that failed, were banned or logged out, reconnect for long, or failed a health check.',
    ),
    messages: z
      .object({
        sent: countOf('Messages sent.'),
        received: countOf('Messages received.'),
        failed: countOf('Messages that could not be sent.'),
      })
      .meta({ description: 'Totals since the sessions were made.' }),
    chats: countOf('Chats of all sessions.'),
    memory: z
      .object({
        rss: countOf('Resident memory of the process, in bytes.'),
        heapUsed: countOf('Heap in use, in bytes.'),
        perSession: countOf('Heap in use divided by running sessions, in bytes.'),
      })
      .meta({ description: 'Memory of this process.' }),
    uptimeSeconds: z.number().min(0).meta({ description: 'How long this process has run.' }),
  })
  .meta({ id: 'SessionStats', description: 'Totals over sessions.' })

export const cleanupInactiveSchema = z
  .object({
    stopped: z.array(sessionIdSchema).meta({ description: 'Linked sessions that were stopped.' }),
    removed: z.array(sessionIdSchema).meta({ description: 'Sessions that were never linked and are gone.' }),
  })
  .meta({ id: 'CleanedSessions', description: 'What a clean-up did.' })

export const qrSchema = z
  .object({
    sessionId: sessionIdSchema,
    qr: z
      .string()
      .meta({ description: 'The text of the QR. Secret: whoever scans it links an account to the session.' }),
    attempt: z.int().min(1).meta({ description: 'Which QR of this linking it is, from 1.' }),
    maxAttempts: z.int().min(1).meta({ description: 'How many there will be.' }),
    issuedAt: timeSchema.meta({ description: 'When it was made (ISO 8601).' }),
    expiresAt: timeSchema.meta({ description: 'When the next one replaces it (ISO 8601).' }),
  })
  .meta({ id: 'Qr', description: 'The QR that links an account.' })

export const pairingCodeSchema = z
  .object({
    sessionId: sessionIdSchema,
    phone: z.string().meta({ description: 'The number it was asked for, digits only.' }),
    code: z.string().meta({ description: 'Eight characters, without the dash that phones show. Secret, like the QR.' }),
    expiresAt: timeSchema.meta({ description: 'Until when the phone takes it (ISO 8601).' }),
  })
  .meta({ id: 'PairingCode', description: 'A code that links an account, to be typed on its phone.' })

const labelSchema = z.string().trim().min(1).max(LIMITS.label.maxLength)

export const createSessionSchema = z
  .strictObject({
    id: sessionIdSchema
      .refine(
        (id) => !LIMITS.sessionId.reserved.some((reserved) => reserved === id),
        'is part of a route: choose another id',
      )
      .optional()
      .meta({ description: 'The id of the session; made up (UUID v7) unless given.', example: 'shop' }),
    label: labelSchema.optional().meta({ description: 'Name for people.' }),
    metadata: metadataSchema.optional().meta(METADATA),
    settings: settingsInputSchema.optional(),
    start: z.boolean().optional().meta({ description: 'Whether it connects at once; `true` unless given.' }),
  })
  .meta({ id: 'CreateSession', description: 'A session to make.' })

/** `null` clears the label. */
export const updateSessionSchema = z
  .strictObject({
    label: labelSchema.nullable().optional().meta({ description: 'Name for people; `null` clears it.' }),
    metadata: metadataSchema.optional().meta({ ...METADATA, description: 'Takes the place of all metadata.' }),
    settings: settingsChangesSchema.optional(),
  })
  .meta({ id: 'UpdateSession', description: 'What to change of a session.' })

export const requestPairingCodeSchema = z
  .strictObject({
    phone: addressSchema.meta({
      description: 'The phone number of the account, with its country code.',
      example: '15550000001',
    }),
  })
  .meta({ id: 'RequestPairingCode', description: 'Which phone the code is for.' })
