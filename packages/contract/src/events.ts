import type { UNLOGGED_EVENTS as CORE_UNLOGGED_EVENTS, LoggedEvent } from '@trunkline/core'
import { z } from 'zod'
import { chatSchema, contactSchema } from './chat.js'
import { countSchema, sessionIdSchema, timeSchema } from './fields.js'
import { groupChangeSchema } from './group.js'
import { labelSchema } from './label.js'
import { messageSchema, messageStatusSchema, reactionSchema } from './message.js'
import { eventResponseSchema } from './message-body.js'
import { sendRestrictionSchema } from './pacing.js'
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
const envelope = z.object({
  sessionId: sessionIdSchema,
  at: timeSchema.meta({ description: 'When it happened (ISO 8601).' }),
  seq: countSchema.meta({ description: "Its place in the session's log; the last place for what is not logged." }),
  metadata: z
    .record(z.string(), z.string())
    .optional()
    .meta({
      description: "The session's metadata when it was told; left out while there is none.",
      example: { team: 'sales' },
    }),
})

const statusChange = envelope
  .extend({
    status: sessionStatusSchema,
    previousStatus: sessionStatusSchema.meta({ description: 'The status before.' }),
    account: accountSchema.optional(),
    reason: statusReasonSchema.optional(),
  })
  .meta({ id: 'StatusChangeEvent', description: 'A session has another status.' })

const withMessage = envelope
  .extend({ message: messageSchema.meta({ description: 'The message as it is stored.' }) })
  .meta({ id: 'MessageEvent', description: 'Something happened to a message.' })

const chatIdSchema = z.string().meta({ description: 'The chat that it is about.' })

/** Every live event as it arrives: the same on Socket.IO, in the event log and in process. */
export const EVENTS = {
  /** `image`: the code as a data URL, added for sockets. */
  qr: envelope
    .extend(qrSchema.shape)
    .extend({ image: z.string().optional().meta({ description: 'The code as a PNG (data URL), for sockets.' }) }),
  connected: statusChange,
  message: withMessage,
  'message.notice': withMessage,
  'message-sent': withMessage,
  'session.status': statusChange,
  'session.created': envelope.extend({ session: sessionSchema.meta({ description: 'The session as it was made.' }) }),
  'session.deleted': envelope.extend({
    reason: z.enum(['deleted', 'cleaned']).meta({ description: 'Whether its messages are kept for a while.' }),
  }),
  'pairing-code': envelope.extend(pairingCodeSchema.shape),
  'message.status': envelope.extend({
    messageId: z.string().meta({ description: "WhatsApp's id of the message." }),
    chatId: chatIdSchema,
    status: messageStatusSchema,
    previousStatus: messageStatusSchema
      .optional()
      .meta({ description: 'The status before; left out of a message that has just been queued.' }),
  }),
  'message.edited': withMessage,
  'message.deleted': withMessage,
  'message.starred': withMessage,
  'message.labeled': withMessage,
  'message.reaction': withMessage.extend({ reaction: reactionSchema }),
  'poll.vote': withMessage.extend({
    voterId: z.string().meta({ description: 'JID of who voted.' }),
    options: z.array(z.string()).meta({ description: 'Their whole choice; empty when they took it back.' }),
  }),
  'event.response': withMessage.extend({ response: eventResponseSchema }),
  'chat.updated': envelope.extend({
    chat: chatSchema.meta({ description: 'The chat as it is now.' }),
    mergedFrom: z.string().optional().meta({ description: 'The id that the chat had before it moved to its LID.' }),
  }),
  'chat.deleted': envelope.extend({ chatId: chatIdSchema }),
  'label.updated': envelope.extend({ label: labelSchema.meta({ description: 'The label as it is now.' }) }),
  'label.deleted': envelope.extend({ labelId: z.string().meta({ description: 'Id of the label that is no more.' }) }),
  'contact.updated': envelope.extend({ contact: contactSchema.meta({ description: 'The contact as it is now.' }) }),
  presence: envelope.extend({
    chatId: chatIdSchema,
    senderId: z.string().meta({ description: 'JID of the person.' }),
    state: z
      .enum(['available', 'unavailable', 'composing', 'recording', 'paused'])
      .meta({ description: 'What they do.' }),
    lastSeenAt: timeSchema
      .optional()
      .meta({ description: 'When somebody who is not there was there last (ISO 8601), where that may be seen.' }),
  }),
  call: envelope.extend({
    callId: z.string().meta({ description: "WhatsApp's id of the call." }),
    from: z.string().meta({ description: 'JID of who calls.' }),
    kind: z.enum(['audio', 'video']).meta({ description: 'With a picture or without.' }),
    state: z.string().meta({ description: 'What became of it, as WhatsApp says.', example: 'offer' }),
  }),
  'group.updated': envelope.extend({
    groupId: z.string().meta({ description: 'JID of the group.' }),
    change: groupChangeSchema.meta({ description: 'What happened to it, and who did it.' }),
  }),
  'history.progress': envelope.extend({
    progress: z.number().optional().meta({ description: 'Per cent, as the phone says.' }),
    chats: countSchema.meta({ description: 'Chats of this part.' }),
    messages: countSchema.meta({ description: 'Messages of this part.' }),
    done: z.boolean().meta({ description: 'Whether it was the last part.' }),
  }),
  'session.limited': envelope.extend({
    restriction: sendRestrictionSchema,
    active: z.boolean().meta({ description: 'Whether it holds; false when it is over.' }),
  }),
  'session.health': envelope.extend({ health: sessionHealthSchema, check: healthCheckSchema.optional() }),
} as const

export type EventName = keyof typeof EVENTS

export const EVENT_NAMES = Object.keys(EVENTS) as [EventName, ...EventName[]]

/** What is told when it happens and never kept: secrets and noise. Their `seq` is that of the last event that is kept. */
export const UNLOGGED_EVENTS = [
  'qr',
  'pairing-code',
  'presence',
  'history.progress',
] as const satisfies typeof CORE_UNLOGGED_EVENTS

/** What link an account to a session: sent to sockets that may manage it only. */
export const SECRET_EVENTS = ['qr', 'pairing-code'] as const satisfies readonly EventName[]

/** Some events between `after` and `nextSeq` are no longer kept: read the state again by REST. Sockets only. */
export const eventsGapSchema = z.object({
  sessionId: sessionIdSchema,
  after: countSchema.meta({ description: 'The last event that the client has seen.' }),
  nextSeq: countSchema.meta({ description: 'The next event that it gets.' }),
})

export type EventsGap = z.infer<typeof eventsGapSchema>

/** A webhook was switched off by what its receiver did. Sockets only, of those who may manage it; it belongs to no session. */
export const webhookDisabledSchema = z.object({
  webhookId: z.string().meta({ description: 'The webhook that is off.' }),
  at: timeSchema.meta({ description: 'When it was switched off (ISO 8601).' }),
  reason: z.string().meta({ description: 'Why, for people.', example: 'The receiver answered 410 Gone' }),
})

export type WebhookDisabled = z.infer<typeof webhookDisabledSchema>

export type ServerToClientEvents = {
  [Name in EventName]: (event: z.infer<(typeof EVENTS)[Name]>) => void
} & { 'events.gap': (gap: EventsGap) => void; 'webhook.disabled': (event: WebhookDisabled) => void }

/** What a client puts in the `auth` of its handshake; a host's own authenticator may take further fields. */
export const handshakeSchema = z.looseObject({
  token: z.string().max(8192).optional().meta({ description: 'The access token.' }),
  apiKey: z.string().max(8192).optional().meta({ description: 'An API key, instead of the token.' }),
  sessions: z
    .array(sessionIdSchema)
    .max(1000)
    .optional()
    .meta({ description: 'Only these sessions; all permitted ones when left out.' }),
  after: z
    .record(sessionIdSchema, countSchema)
    .refine((after) => Object.keys(after).length <= 1000, 'must name at most 1000 sessions')
    .optional()
    .meta({ description: 'The last `seq` seen of each session: what came after it is sent again.' }),
})

export type Handshake = z.infer<typeof handshakeSchema>

const loggedEvents = EVENT_NAMES.map((name) =>
  z.object({
    name: z.literal(name).meta({ description: 'Which event it is.' }),
    event: EVENTS[name].meta({ description: 'The event as sockets get it.' }),
  }),
)

/** An event as the log keeps it. */
export const loggedEventSchema = z.discriminatedUnion(
  'name',
  loggedEvents as [(typeof loggedEvents)[number], ...typeof loggedEvents],
) as unknown as z.ZodType<LoggedEvent, LoggedEvent>

/** `nextCursor` goes back as `after`. `gap`: events between `after` and the first item are no longer kept. */
export const eventPageSchema = z.object({
  items: z.array(loggedEventSchema).meta({ description: 'Events, oldest first.' }),
  nextCursor: z.string().optional().meta({ description: 'Goes back as `after`; left out on the last page.' }),
  gap: z.boolean().meta({ description: 'Whether events between `after` and the first item are no longer kept.' }),
})
