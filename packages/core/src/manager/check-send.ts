import { type FieldError, TrunklineError } from '../errors/trunkline-error.js'
import { MEDIA_TYPES } from '../ports/media-desk.js'
import { chatKindOf, normalizeJid } from '../records/jid.js'
import type {
  AudioContent,
  ContactContent,
  DeliveryOptions,
  DocumentContent,
  EventContent,
  ForwardContent,
  ImageContent,
  LocationContent,
  MediaInput,
  PollContent,
  SendOptions,
  SendRequest,
  StickerContent,
  TextContent,
  VideoContent,
} from '../types/content.js'
import { LIMITS } from '../types/limits.js'
import type { Location } from '../types/message.js'
import { SEND_PRIORITIES } from '../types/queue.js'
import {
  abortSignal,
  address,
  type Check,
  fields,
  flag,
  list,
  numberWithin,
  oneOf,
  optional,
  refuse,
  text,
  time,
  wholeNumber,
  wrong,
} from './checks.js'

type ContentType = NonNullable<SendOptions['type']>

const mentions: Check = (value, field) => (value === 'everyone' ? [] : list(address, LIMITS.mentions)(value, field))

const phoneNumber: Check = (value, field) => {
  const errors = address(value, field)
  if (errors.length > 0) return errors
  return PHONE.test(String(value).trim()) ? [] : wrong(field, 'must be a phone number with its country code')
}
const PHONE = /^\+?[\d\s().-]{5,32}$/

/** What everything that is sent has beside its own fields. */
const shared = {
  to: address,
  quotedMessageId: optional(text(LIMITS.messageId)),
  mentions: optional(mentions),
  clientMessageId: optional(text(LIMITS.clientMessageId)),
  queue: optional(flag),
  sendAt: optional(time),
  expiresAt: optional(time),
  priority: optional(oneOf(SEND_PRIORITIES)),
  typing: optional(flag),
  signal: optional(abortSignal),
}

const place = {
  latitude: numberWithin({ min: -90, max: 90 }),
  longitude: numberWithin({ min: -180, max: 180 }),
  name: optional(text(LIMITS.place)),
  address: optional(text(LIMITS.place)),
}

const cardName = text({ maxLength: LIMITS.contacts.maxNameLength })
const byPhone = fields<{ name: string; phone: string }>({ name: cardName, phone: phoneNumber })
const byCard = fields<{ name: string; vcard: string }>({
  name: cardName,
  vcard: text({ maxLength: LIMITS.contacts.maxVcardLength }),
})

/** A person by one of the two, and not by both. */
const contactToSend: Check = (value, field) => {
  const given = Object(value)
  if ('phone' in given === 'vcard' in given) return wrong(field, 'must have a phone or a vcard')
  return 'phone' in given ? byPhone(value, field) : byCard(value, field)
}

const pollOptions: Check = (value, field) => {
  const { minOptions: minCount, maxOptions: maxCount, maxOptionLength: maxLength } = LIMITS.poll
  const errors = list(text({ maxLength }), { minCount, maxCount })(value, field)
  if (errors.length > 0 || new Set(value as string[]).size === (value as string[]).length) return errors
  return wrong(field, 'must have each option once')
}

type Sent<Content> = { to: string; clientMessageId?: string; signal?: AbortSignal } & DeliveryOptions & Content

const mediaFields = fields<{ data?: unknown; url?: unknown; stream?: unknown; mimetype?: string; fileName?: string }>({
  data: optional(fileData),
  url: optional(text({ maxLength: LIMITS.media.maxUrlLength })),
  stream: optional((value, field) => (isStream(value) ? [] : wrong(field, 'must be a stream of bytes'))),
  mimetype: optional(text(LIMITS.mediaType)),
  fileName: optional(text(LIMITS.fileName)),
})

const media: Check = (value, field) => {
  const errors = mediaFields(value, field)
  if (errors.length > 0) return errors
  const given = ['data', 'url', 'stream'].filter((name) => Object(value)[name] !== undefined)
  return given.length === 1 ? [] : wrong(field, 'must have one of data, url and stream')
}

const caption = optional(text(LIMITS.caption))
const withMedia = { ...shared, media }

/** What is told of a place that stands still, or of a voice note, alone. */
const never: Check = (value, field) => (value === undefined ? [] : wrong(field, 'is not known'))

const locationFields = { ...shared, type: oneOf(['location']), ...place, live: optional(flag) }

const locationContent: Check = (value, field) => {
  const isLive = Object(value).live === true
  return fields<SendOptions & LocationContent>({ ...locationFields, ...(isLive ? { address: never } : {}) })(
    value,
    field,
  )
}

/** The fields of each type. One without a row does not compile. */
const CONTENTS = {
  text: fields<SendOptions & TextContent>({
    ...shared,
    type: optional(oneOf(['text'])),
    text: text(LIMITS.text),
    linkPreview: optional(flag),
  }),
  image: fields<Sent<ImageContent>>({ ...withMedia, type: oneOf(['image']), caption, viewOnce: optional(flag) }),
  video: fields<Sent<VideoContent>>({
    ...withMedia,
    type: oneOf(['video']),
    caption,
    viewOnce: optional(flag),
    gif: optional(flag),
    videoNote: optional(flag),
  }),
  document: fields<Sent<DocumentContent>>({ ...withMedia, type: oneOf(['document']), caption }),
  sticker: fields<Sent<StickerContent>>({ ...withMedia, type: oneOf(['sticker']) }),
  audio: fields<Sent<AudioContent>>({ ...withMedia, type: oneOf(MEDIA_TYPES), viewOnce: never }),
  voice: fields<Sent<AudioContent>>({ ...withMedia, type: oneOf(MEDIA_TYPES), viewOnce: optional(flag) }),
  location: locationContent,
  contact: fields<SendOptions & ContactContent>({
    ...shared,
    type: oneOf(['contact']),
    contacts: list(contactToSend, { minCount: 1, maxCount: LIMITS.contacts.maxCount }),
  }),
  poll: fields<SendOptions & PollContent>({
    ...shared,
    type: oneOf(['poll']),
    question: text({ maxLength: LIMITS.poll.maxQuestionLength }),
    options: pollOptions,
    selectableCount: optional(wholeNumber({ min: 0, max: LIMITS.poll.maxOptions })),
  }),
  event: fields<SendOptions & EventContent>({
    ...shared,
    type: oneOf(['event']),
    name: text({ maxLength: LIMITS.event.maxNameLength }),
    description: optional(text({ maxLength: LIMITS.event.maxDescriptionLength })),
    startsAt: time,
    endsAt: optional(time),
    location: optional(fields<Location>(place)),
  }),
  forward: fields<SendOptions & ForwardContent>({
    ...shared,
    type: oneOf(['forward']),
    messageId: text(LIMITS.messageId),
    chatId: optional(address),
  }),
} satisfies Record<ContentType, Check>

const type = optional(oneOf(Object.keys(CONTENTS)))

/** What phones show as a status. */
const POST_TYPES: ReadonlySet<ContentType> = new Set<ContentType>([
  'text',
  'image',
  'video',
  'document',
  'sticker',
  'audio',
  'voice',
])
const STATUS_TYPES: ReadonlySet<ContentType> = new Set<ContentType>(['text', 'image', 'video', 'voice'])

/**
 * Told before anything about the session: nobody has to be connected to learn that an address is none.
 *
 * @throws VALIDATION_FAILED naming each field · RECIPIENT_INVALID naming the first address that is none
 */
export function checkSend(options: SendOptions): void {
  // Whatever types the caller knows.
  const given: ContentType = options?.type ?? 'text'
  refuse(type(given, 'type'))
  refuse(CONTENTS[given](options, ''))
  refuse(contradictions(options))
  const named = Array.isArray(options.mentions) ? options.mentions : []
  const addresses = [['to', options.to], ...named.map((mention, index) => [`mentions.${index}`, mention])]
  for (const [field = '', to = ''] of addresses)
    if (!normalizeJid(to)) throw new TrunklineError('RECIPIENT_INVALID', { details: { field, to } })
}

/** As `checkSend`, for each by itself. @throws VALIDATION_FAILED for what is no list of them */
export function checkBatch(messages: readonly SendRequest[]): ({ message: SendRequest } | { error: TrunklineError })[] {
  const { maxCount } = LIMITS.batch
  refuse(list(() => [], { minCount: 1, maxCount })(messages, 'messages'))
  return messages.map((message) => {
    try {
      checkSend(message)
      return { message }
    } catch (error) {
      if (TrunklineError.is(error)) return { error }
      throw error
    }
  })
}

/** Fields that are right by themselves and not beside each other. */
function contradictions(options: SendOptions): FieldError[] {
  const { type, to, mentions } = options
  const chat = chatKindOf(normalizeJid(to) ?? '')
  if (chat === 'status' && !STATUS_TYPES.has(type ?? 'text'))
    return wrong('type', `must be one of ${[...STATUS_TYPES].join(', ')}`)
  if (chat === 'status' && options.quotedMessageId) return wrong('quotedMessageId', 'a status answers nothing')
  if (chat === 'newsletter' && !POST_TYPES.has(type ?? 'text'))
    return wrong('type', `must be one of ${[...POST_TYPES].join(', ')} in a channel`)
  const special = ['viewOnce', 'videoNote'].find((name) => Object(options)[name])
  if (chat === 'newsletter' && special) return wrong(special, 'is nothing for a channel')
  if (chat === 'newsletter' && options.quotedMessageId)
    return wrong('quotedMessageId', 'a post in a channel answers nothing')
  if (mentions === 'everyone' && !to.trim().endsWith('@g.us'))
    return wrong('mentions', 'can be everyone in a group only')
  if (type === 'poll' && (options.selectableCount ?? 1) > options.options.length)
    return wrong('selectableCount', 'must not be more than there are options')
  if (type === 'event' && options.endsAt !== undefined && Date.parse(options.endsAt) < Date.parse(options.startsAt))
    return wrong('endsAt', 'must not be before startsAt')
  return impossibleDelivery(options)
}

function impossibleDelivery({ queue, sendAt, expiresAt }: DeliveryOptions): FieldError[] {
  if (queue === false && (sendAt ?? expiresAt) !== undefined)
    return wrong('queue', 'must not be false for what waits for its time')
  if (sendAt !== undefined && expiresAt !== undefined && Date.parse(expiresAt) <= Date.parse(sendAt))
    return wrong('expiresAt', 'must be after sendAt')
  return []
}

/** Bytes, or base64 of no more than stand in a request. */
function fileData(value: unknown, field: string): ReturnType<Check> {
  if (value instanceof Uint8Array) return []
  if (typeof value !== 'string') return wrong(field, 'must be base64, or bytes')
  const isBase64 = value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value)
  if (!isBase64) return wrong(field, 'must be base64')
  const { maxInlineBytes } = LIMITS.media
  if ((value.length / 4) * 3 - 2 <= maxInlineBytes) return []
  throw new TrunklineError('PAYLOAD_TOO_LARGE', { message: `${field}: base64 of ${maxInlineBytes} bytes at most` })
}

function isStream(value: unknown): value is Extract<MediaInput, { stream: unknown }>['stream'] {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
