import type { LoggedEvent } from '@trunkline/core'
import { z } from 'zod'
import { chatSchema, contactSchema } from './chat.js'
import { countSchema, sessionIdSchema, timeSchema } from './fields.js'
import { messageSchema, messageStatusSchema, reactionSchema } from './message.js'
import {
  accountSchema,
  healthCheckSchema,
  pairingCodeSchema,
  qrSchema,
  sessionHealthSchema,
  sessionSchema,
  sessionStatusSchema,
  statusReasonSchema,
} from './session.js'

/** On every event: the session it belongs to, when it happened and its place in the session's log. */
const envelope = z.object({ sessionId: sessionIdSchema, at: timeSchema, seq: countSchema })

const statusChange = envelope.extend({
  status: sessionStatusSchema,
  previousStatus: sessionStatusSchema,
  account: accountSchema.optional(),
  reason: statusReasonSchema.optional(),
})

const withMessage = envelope.extend({ message: messageSchema })

/** Every live event as it arrives: the same on Socket.IO, in the event log and in process. */
export const EVENTS = {
  /** `image`: the code as a data URL, added for sockets. */
  qr: envelope.extend(qrSchema.shape).extend({ image: z.string().optional() }),
  connected: statusChange,
  message: withMessage,
  'message.notice': withMessage,
  'message-sent': withMessage,
  'session.status': statusChange,
  'session.created': envelope.extend({ session: sessionSchema }),
  'session.deleted': envelope.extend({ reason: z.enum(['deleted', 'cleaned']) }),
  'pairing-code': envelope.extend(pairingCodeSchema.shape),
  'message.status': envelope.extend({
    messageId: z.string(),
    chatId: z.string(),
    status: messageStatusSchema,
    previousStatus: messageStatusSchema,
  }),
  'message.edited': withMessage,
  'message.deleted': withMessage,
  'message.reaction': withMessage.extend({ reaction: reactionSchema }),
  'poll.vote': withMessage.extend({ voterId: z.string(), options: z.array(z.string()) }),
  'chat.updated': envelope.extend({ chat: chatSchema, mergedFrom: z.string().optional() }),
  'contact.updated': envelope.extend({ contact: contactSchema }),
  presence: envelope.extend({
    chatId: z.string(),
    senderId: z.string(),
    state: z.enum(['available', 'unavailable', 'composing', 'recording', 'paused']),
  }),
  call: envelope.extend({ callId: z.string(), from: z.string(), kind: z.enum(['audio', 'video']), state: z.string() }),
  'group.updated': envelope.extend({ groupId: z.string() }),
  'history.progress': envelope.extend({
    progress: z.number().optional(),
    chats: countSchema,
    messages: countSchema,
    done: z.boolean(),
  }),
  'session.health': envelope.extend({ health: sessionHealthSchema, check: healthCheckSchema.optional() }),
} as const

export type EventName = keyof typeof EVENTS

export const EVENT_NAMES = Object.keys(EVENTS) as [EventName, ...EventName[]]

/** What link an account to a session: sent to sockets that may manage it only. */
export const SECRET_EVENTS = ['qr', 'pairing-code'] as const satisfies readonly EventName[]

/** Some events between `after` and `nextSeq` are no longer kept: read the state again by REST. Sockets only. */
export const eventsGapSchema = z.object({ sessionId: sessionIdSchema, after: countSchema, nextSeq: countSchema })

export type EventsGap = z.infer<typeof eventsGapSchema>

export type ServerToClientEvents = {
  [Name in EventName]: (event: z.infer<(typeof EVENTS)[Name]>) => void
} & { 'events.gap': (gap: EventsGap) => void }

/** What a client puts in the `auth` of its handshake; a host's own authenticator may take further fields. */
export const handshakeSchema = z.looseObject({
  token: z.string().max(8192).optional(),
  apiKey: z.string().max(8192).optional(),
  /** Only these sessions; all permitted ones when left out. */
  sessions: z.array(sessionIdSchema).max(1000).optional(),
  /** The last `seq` seen of each session: what came after it is sent again. */
  after: z
    .record(sessionIdSchema, countSchema)
    .refine((after) => Object.keys(after).length <= 1000, 'must name at most 1000 sessions')
    .optional(),
})

export type Handshake = z.infer<typeof handshakeSchema>

const loggedEvents = EVENT_NAMES.map((name) => z.object({ name: z.literal(name), event: EVENTS[name] }))

/** An event as the log keeps it. */
export const loggedEventSchema = z.discriminatedUnion(
  'name',
  loggedEvents as [(typeof loggedEvents)[number], ...typeof loggedEvents],
) as unknown as z.ZodType<LoggedEvent, LoggedEvent>

/** `nextCursor` goes back as `after`. `gap`: events between `after` and the first item are no longer kept. */
export const eventPageSchema = z.object({
  items: z.array(loggedEventSchema),
  nextCursor: z.string().optional(),
  gap: z.boolean(),
})
