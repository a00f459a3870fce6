import type { SEND_PRIORITIES } from '@trunkline/core'
import { z } from 'zod'
import { addressSchema, flagSchema, messageIdSchema, timeSchema } from './fields.js'
import { LIMITS } from './limits.js'

export const PRIORITIES = ['high', 'normal', 'low'] as const satisfies typeof SEND_PRIORITIES

export const clientMessageIdSchema = z
  .string()
  .min(1)
  .max(LIMITS.clientMessageId.maxLength)
  .meta({ description: "The caller's own id: the message is sent once, a repeat answers with the stored one." })

/** What everything that is sent has beside its own fields. */
const shared = {
  to: addressSchema.meta({
    description:
      'A phone number, a JID or a chat id; `status@broadcast` posts a text, image, video or voice note as status.',
    example: '15550000001',
  }),
  quotedMessageId: messageIdSchema.optional().meta({ description: 'A stored message of the same chat to answer.' }),
  mentions: z
    .union([z.literal('everyone'), z.array(addressSchema).max(LIMITS.mentions.maxCount)])
    .optional()
    .meta({ description: 'Phone numbers or JIDs of the people named with `@` in the text; `everyone` in a group.' }),
  clientMessageId: clientMessageIdSchema.optional(),
  queue: z.boolean().optional().meta({
    description:
      'Whether it waits for its turn, and for the session where that is not connected; as `queueWhenOffline` of the session unless given.',
  }),
  sendAt: timeSchema.optional().meta({ description: 'Queued, and not sent before (ISO 8601).' }),
  expiresAt: timeSchema.optional().meta({ description: 'Queued, and not sent later (ISO 8601).' }),
  priority: z
    .enum(PRIORITIES)
    .optional()
    .meta({ description: 'Of what is queued for different chats, what goes first; `normal` unless given.' }),
  typing: z
    .boolean()
    .optional()
    .meta({ description: 'Whether it is shown that the account types; as the pacing of the session unless given.' }),
}

const sendTextSchema = z
  .strictObject({
    ...shared,
    type: z.literal('text').optional().meta({ description: 'What is sent; a text unless given.' }),
    text: z.string().min(1).max(LIMITS.text.maxLength).meta({ description: 'The text.', example: 'Hello' }),
    linkPreview: z.boolean().optional().meta({
      description:
        'Whether the page of the first link is shown below the text; false unless given. A page that cannot be fetched in some seconds, or is at an inside address, is left out.',
      example: true,
    }),
  })
  .meta({ id: 'SendText', description: 'A text to send. WhatsApp cuts it at 65,536 characters.' })

const place = {
  latitude: z.number().min(-90).max(90).meta({ description: 'In degrees.', example: 52.5163 }),
  longitude: z.number().min(-180).max(180).meta({ description: 'In degrees.', example: 13.3777 }),
  name: z.string().min(1).max(LIMITS.place.maxLength).optional().meta({ description: 'Name of the place.' }),
  address: z.string().min(1).max(LIMITS.place.maxLength).optional().meta({ description: 'Address of the place.' }),
}

const typed = <Type extends string>(type: Type) => z.literal(type).meta({ description: 'What is sent.', example: type })

const sendLocationSchema = z
  .strictObject({
    ...shared,
    type: typed('location'),
    ...place,
    live: z.boolean().optional().meta({
      description: 'Whether it is shown as a place that moves, with `name` as its caption; it has no address then.',
    }),
  })
  .meta({ id: 'SendLocation', description: 'A place to send.' })

const cardName = z
  .string()
  .min(1)
  .max(LIMITS.contacts.maxNameLength)
  .meta({ description: 'Name of the person.', example: 'Dan' })

const contactToSendSchema = z
  .union([
    z.strictObject({
      name: cardName,
      phone: addressSchema.meta({ description: 'Phone number.', example: '15550000004' }),
    }),
    z.strictObject({
      name: cardName,
      vcard: z.string().min(1).max(LIMITS.contacts.maxVcardLength).meta({ description: 'A whole vCard.' }),
    }),
  ])
  .meta({ id: 'ContactToSend', description: 'A person by a phone number, or by a whole vCard.' })

const sendContactSchema = z
  .strictObject({
    ...shared,
    type: typed('contact'),
    contacts: z
      .array(contactToSendSchema)
      .min(1)
      .max(LIMITS.contacts.maxCount)
      .meta({ description: 'The cards.', example: [{ name: 'Dan', phone: '15550000004' }] }),
  })
  .meta({ id: 'SendContact', description: 'Contact cards to send.' })

const sendPollSchema = z
  .strictObject({
    ...shared,
    type: typed('poll'),
    question: z
      .string()
      .min(1)
      .max(LIMITS.poll.maxQuestionLength)
      .meta({ description: 'What is asked.', example: 'When?' }),
    options: z
      .array(z.string().min(1).max(LIMITS.poll.maxOptionLength))
      .min(LIMITS.poll.minOptions)
      .max(LIMITS.poll.maxOptions)
      .meta({ description: 'What can be chosen, each once.', example: ['today', 'tomorrow'] }),
    selectableCount: z
      .int()
      .min(0)
      .max(LIMITS.poll.maxOptions)
      .optional()
      .meta({ description: 'How many options one person may choose: 1 unless given; 0 means any number.', example: 1 }),
  })
  .meta({ id: 'SendPoll', description: 'A poll to send.' })

const sendEventSchema = z
  .strictObject({
    ...shared,
    type: typed('event'),
    name: z.string().min(1).max(LIMITS.event.maxNameLength).meta({ description: 'What it is.', example: 'Lunch' }),
    description: z
      .string()
      .min(1)
      .max(LIMITS.event.maxDescriptionLength)
      .optional()
      .meta({ description: 'More about it.' }),
    startsAt: timeSchema.meta({ description: 'When it begins (ISO 8601).', example: '2030-01-01T12:00:00.000Z' }),
    endsAt: timeSchema.optional().meta({ description: 'When it ends (ISO 8601).' }),
    location: z.strictObject(place).optional().meta({ description: 'Where it is.' }),
  })
  .meta({ id: 'SendEvent', description: 'A date to invite a chat to.' })

const sendForwardSchema = z
  .strictObject({
    ...shared,
    type: typed('forward'),
    messageId: messageIdSchema.meta({
      description: 'The stored message that goes on.',
      example: '3EB0C767D82E6F3A1B2C',
    }),
    chatId: addressSchema
      .optional()
      .meta({ description: 'The chat it stands in; needed where several chats have a message of this id.' }),
  })
  .meta({ id: 'SendForward', description: 'A stored message that goes on to another chat as it is.' })

const named = {
  mimetype: z
    .string()
    .min(1)
    .max(LIMITS.mediaType.maxLength)
    .optional()
    .meta({ description: 'The media type; found out unless given.', example: 'application/pdf' }),
  fileName: z
    .string()
    .min(1)
    .max(LIMITS.fileName.maxLength)
    .optional()
    .meta({ description: 'The name of the file, as the other side sees it.', example: 'offer.pdf' }),
}

const mediaInputSchema = z
  .union(
    [
      z.strictObject({
        data: z.base64().min(1).meta({ description: 'The file as base64: 16 MiB at most.', example: 'JVBERi0xLjQK' }),
        ...named,
      }),
      z.strictObject({
        url: z.string().min(1).max(LIMITS.media.maxUrlLength).meta({
          description: 'Fetched by the server, from a public address or one that it allows.',
          example: 'https://example.org/offer.pdf',
        }),
        ...named,
      }),
    ],
    { error: 'must have one of data and url' },
  )
  .meta({ id: 'MediaInput', description: 'A file to send. Larger ones are uploaded as `multipart/form-data`.' })

/** What every message with a file has beside its own fields. */
const withMedia = { ...shared, media: mediaInputSchema }
const caption = z
  .string()
  .min(1)
  .max(LIMITS.caption.maxLength)
  .optional()
  .meta({ description: 'Text below it.', example: 'As promised' })
const viewOnce = z.boolean().optional().meta({ description: 'To be seen once.' })

const sendImageSchema = z
  .strictObject({ ...withMedia, type: typed('image'), caption, viewOnce })
  .meta({ id: 'SendImage', description: 'A picture to send.' })

const sendVideoSchema = z
  .strictObject({
    ...withMedia,
    type: typed('video'),
    caption,
    viewOnce,
    gif: z.boolean().optional().meta({ description: 'Plays by itself without sound.' }),
    videoNote: z.boolean().optional().meta({ description: 'Is shown as a circle.' }),
  })
  .meta({ id: 'SendVideo', description: 'A film to send.' })

const sendDocumentSchema = z
  .strictObject({ ...withMedia, type: typed('document'), caption })
  .meta({ id: 'SendDocument', description: 'Any file to send.' })

const sendStickerSchema = z
  .strictObject({ ...withMedia, type: typed('sticker') })
  .meta({ id: 'SendSticker', description: 'A sticker to send: WebP, or any picture where the server has sharp.' })

const sendAudioSchema = z
  .strictObject({
    ...withMedia,
    type: z.enum(['audio', 'voice']).meta({ description: 'What is sent.', example: 'voice' }),
    viewOnce: viewOnce.meta({ description: 'Of a voice note: to be heard once.' }),
  })
  .meta({ id: 'SendAudio', description: 'Sound to send. A voice note is Ogg with Opus, or anything with ffmpeg.' })

/** The fields of a form with a file. Which of them belong to a type is told by the message that it is. */
export const sendFileFields = z
  .strictObject({
    ...shared,
    queue: flagSchema.optional().meta({ description: 'Whether it waits for its turn; `true` or `false`.' }),
    typing: flagSchema
      .optional()
      .meta({ description: 'Whether it is shown that the account types; `true` or `false`.' }),
    type: z.enum(['image', 'video', 'document', 'sticker', 'audio', 'voice']).meta({
      description: 'What the file is sent as.',
      example: 'document',
    }),
    mentions: z
      .string()
      .max((LIMITS.address.maxLength + 1) * LIMITS.mentions.maxCount)
      .transform((text) => (text === 'everyone' ? text : text.split(',').map((one) => one.trim())))
      .pipe(shared.mentions.unwrap())
      .optional()
      .meta({
        description: 'Phone numbers or JIDs with commas in between, of the people named with `@`; or `everyone`.',
      }),
    ...named,
    caption,
    viewOnce: flagSchema
      .optional()
      .meta({ description: 'Of pictures, films and voice notes: to be seen, or heard, once.' }),
    gif: flagSchema.optional().meta({ description: 'Of films: plays by itself without sound.' }),
    videoNote: flagSchema.optional().meta({ description: 'Of films: is shown as a circle.' }),
  })
  .meta({ id: 'SendFile', description: 'A file to send, and what is told of it.' })

const CONTENTS = [
  sendTextSchema,
  sendImageSchema,
  sendVideoSchema,
  sendDocumentSchema,
  sendStickerSchema,
  sendAudioSchema,
  sendLocationSchema,
  sendContactSchema,
  sendPollSchema,
  sendEventSchema,
  sendForwardSchema,
] as const

const TYPES = CONTENTS.flatMap(({ shape }) => [...shape.type._zod.values]).filter((type) => type !== undefined)

/** What can be sent: discriminated by `type`, text when left out. */
export const sendMessageSchema = z
  .discriminatedUnion('type', CONTENTS, {
    error: ({ code }) => (code === 'invalid_union' ? `must be one of ${TYPES.join(', ')}` : undefined),
  })
  .meta({ id: 'SendMessage', description: 'A message to send: `type` says what it is.' })
