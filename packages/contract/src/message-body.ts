import { z } from 'zod'
import { countSchema, timeSchema } from './fields.js'

export const messageTypeSchema = z
  .enum([
    'text',
    'image',
    'video',
    'voice',
    'audio',
    'document',
    'sticker',
    'location',
    'contact',
    'poll',
    'event',
    'interactive',
    'product',
    'order',
    'payment',
    'invite',
    'call',
    'system',
    'placeholder',
    'hidden',
    'unknown',
  ])
  .meta({
    id: 'MessageType',
    description:
      'What a person sees of it. `placeholder` stands where a message cannot be read here yet; `hidden` has no bubble.',
  })

export const mediaSchema = z
  .object({
    mimetype: z.string().meta({ description: 'Media type, as the sender says.', example: 'image/jpeg' }),
    bytes: countSchema.meta({ description: 'Size of the file.' }),
    sha256: z.string().optional().meta({ description: 'Hash of the file, as hex.' }),
    width: countSchema.optional().meta({ description: 'In pixels.' }),
    height: countSchema.optional().meta({ description: 'In pixels.' }),
    seconds: z.number().min(0).optional().meta({ description: 'Duration.' }),
    fileName: z.string().optional().meta({ description: 'Name of the file, as the sender says.' }),
    caption: z.string().optional().meta({ description: 'Text below the medium.' }),
    thumbnail: z.string().optional().meta({ description: 'A small picture of it, as a data URL.' }),
    waveform: z.array(countSchema).optional().meta({ description: 'Of a voice note: how loud it is, from 0 to 100.' }),
    animated: z.literal(true).optional().meta({ description: 'A sticker that moves.' }),
    viewOnce: z.literal(true).optional().meta({ description: 'To be seen once; often only the phone gets it.' }),
    gif: z.literal(true).optional().meta({ description: 'A film without sound that plays by itself.' }),
    videoNote: z.literal(true).optional().meta({ description: 'A film that is shown as a circle.' }),
    state: z
      .enum(['remote', 'stored', 'expired'])
      .meta({ description: 'Where the file is: at WhatsApp, here, or gone.' }),
  })
  .meta({ id: 'Media', description: 'The file of a message.' })

const personSchema = z.string().meta({ description: 'JID of a person.' })

const pollSchema = z
  .object({
    question: z.string().meta({ description: 'What is asked.' }),
    options: z
      .array(
        z.object({
          name: z.string().meta({ description: 'What can be chosen.' }),
          voters: z.array(personSchema).meta({ description: 'Who chose it.' }),
          count: countSchema
            .optional()
            .meta({ description: 'How many chose it, where a result is told without names.' }),
        }),
      )
      .meta({ description: 'The options with those who chose them.' }),
    selectableCount: countSchema.meta({ description: 'How many options one person may choose; 0 means any number.' }),
    votes: z
      .array(
        z.object({
          voterId: z.string().meta({ description: 'JID of who voted.' }),
          at: timeSchema.meta({ description: 'When they voted last (ISO 8601).' }),
        }),
      )
      .optional()
      .meta({ description: 'When each person voted last; left out before the first vote.' }),
  })
  .meta({ id: 'Poll', description: 'A poll with its votes.' })

const locationSchema = z
  .object({
    latitude: z.number().meta({ description: 'In degrees.' }),
    longitude: z.number().meta({ description: 'In degrees.' }),
    name: z.string().optional().meta({ description: 'Name of the place.' }),
    address: z.string().optional().meta({ description: 'Address of the place.' }),
  })
  .meta({ id: 'Location', description: 'A place.' })

const cardSchema = z
  .object({
    name: z.string().meta({ description: 'Name of the person.' }),
    vcard: z.string().meta({ description: 'The card itself (vCard).' }),
  })
  .meta({ id: 'ContactCard', description: 'A contact card.' })

const quotedSchema = z
  .object({
    chatId: z.string().optional().meta({ description: 'The chat it stands in, where that is another one.' }),
    senderId: z.string().optional().meta({ description: 'JID of who wrote it.' }),
    type: messageTypeSchema.optional(),
    text: z.string().optional().meta({ description: 'Its text, cut at 1,000 characters.' }),
  })
  .meta({ id: 'QuotedMessage', description: 'What the message answers, as its sender shows it.' })

export const eventResponseSchema = z
  .object({
    senderId: z.string().meta({ description: 'JID of who answered.' }),
    response: z.enum(['going', 'not_going', 'maybe']).meta({ description: 'What they said.' }),
    extraGuests: countSchema.optional().meta({ description: 'How many more they bring along.' }),
    at: timeSchema.meta({ description: 'When they said it (ISO 8601).' }),
  })
  .meta({ id: 'EventResponse', description: 'Whether a person comes to an event.' })

const eventSchema = z
  .object({
    name: z.string().meta({ description: 'What it is.' }),
    description: z.string().optional().meta({ description: 'More about it.' }),
    startsAt: timeSchema.optional().meta({ description: 'When it begins (ISO 8601).' }),
    endsAt: timeSchema.optional().meta({ description: 'When it ends (ISO 8601).' }),
    location: locationSchema.optional(),
    joinUrl: z.string().optional().meta({ description: 'Where to take part by call.' }),
    canceled: z.boolean().optional().meta({ description: 'Whether it was called off.' }),
    responses: z
      .array(eventResponseSchema)
      .optional()
      .meta({ description: 'The last answer of each person; left out before the first one.' }),
  })
  .meta({ id: 'CalendarEvent', description: 'A date that the chat was invited to.' })

const buttonSchema = z
  .object({
    text: z.string().meta({ description: 'What stands on it.' }),
    id: z.string().optional().meta({ description: 'What an answer by it names.' }),
    description: z.string().optional().meta({ description: 'More about it.' }),
    url: z.string().optional().meta({ description: 'A link that it opens.' }),
    phone: z.string().optional().meta({ description: 'A number that it calls.' }),
  })
  .meta({ id: 'Button', description: 'Something to tap.' })

const selectionSchema = z
  .object({
    id: z.string().optional().meta({ description: 'The id of the button or row.' }),
    data: z.string().optional().meta({ description: 'What was filled into a form, as JSON text.' }),
  })
  .meta({
    id: 'Selection',
    description: 'What was tapped in an `interactive` message; its words are the text of this one.',
  })

const amountSchema = z
  .object({
    currency: z.string().meta({ description: 'Code of the currency.', example: 'EUR' }),
    value: z.string().meta({ description: 'A decimal number as text.', example: '12.5' }),
  })
  .meta({ id: 'Amount', description: 'A price, a total or a payment.' })

const orderSchema = z
  .object({
    id: z.string().optional().meta({ description: "WhatsApp's id of the order." }),
    itemCount: countSchema.optional().meta({ description: 'How many things were ordered.' }),
  })
  .meta({ id: 'Order', description: 'An order.' })

const inviteSchema = z
  .object({
    chatId: z.string().optional().meta({ description: 'JID of the group or channel.' }),
    name: z.string().optional().meta({ description: 'Its name.' }),
    code: z.string().optional().meta({ description: 'The code that lets one in.' }),
    expiresAt: timeSchema.optional().meta({ description: 'Until when it holds (ISO 8601).' }),
  })
  .meta({ id: 'Invite', description: 'An invitation into a group or a channel.' })

const callSchema = z
  .object({
    kind: z.enum(['audio', 'video']).meta({ description: 'With a picture or without.' }),
    outcome: z.string().optional().meta({ description: 'What became of it.' }),
    seconds: countSchema.optional().meta({ description: 'How long it lasted.' }),
    startsAt: timeSchema.optional().meta({ description: 'When it begins (ISO 8601).' }),
  })
  .meta({ id: 'Call', description: 'A call.' })

const adSchema = z
  .object({
    id: z.string().optional().meta({ description: "WhatsApp's id of the advertisement." }),
    title: z.string().optional().meta({ description: 'Its title.' }),
    text: z.string().optional().meta({ description: 'Its text.' }),
    url: z.string().optional().meta({ description: 'Where it stands.' }),
  })
  .meta({ id: 'Advertisement', description: 'The advertisement that brought the sender here.' })

const noticeSchema = z
  .object({
    kind: z.string().meta({ description: 'What happened.' }),
    people: z.array(personSchema).optional().meta({ description: 'Whom it is about.' }),
    value: z.string().optional().meta({ description: 'What it is now.' }),
  })
  .meta({
    id: 'Notice',
    description: 'Of `system` and `placeholder` messages: what happened, or why it cannot be read.',
  })

const linkCardSchema = z
  .object({
    url: z.string().meta({ description: 'The link, as it stands in the text.', example: 'https://example.com' }),
    title: z.string().optional().meta({ description: 'Title of the page.' }),
    description: z.string().optional().meta({ description: 'What it says of itself.' }),
    thumbnail: z.string().optional().meta({ description: 'A small picture of it, as a data URL.' }),
  })
  .meta({ id: 'LinkCard', description: 'What a page says of itself, below a text that has a link to it.' })

/** What a message says: what its sender wrote, and nothing of what happened to it later. */
export const messageBodySchema = z.object({
  text: z.string().optional().meta({ description: 'The text that a person sees.', example: 'Hello' }),
  preview: linkCardSchema.optional(),
  media: mediaSchema.optional(),
  location: locationSchema.optional(),
  contacts: z.array(cardSchema).optional().meta({ description: 'Contact cards.' }),
  poll: pollSchema.optional(),
  event: eventSchema.optional(),
  buttons: z.array(buttonSchema).optional().meta({ description: 'What can be tapped under an `interactive` message.' }),
  selection: selectionSchema.optional(),
  amount: amountSchema.optional(),
  order: orderSchema.optional(),
  invite: inviteSchema.optional(),
  call: callSchema.optional(),
  ad: adSchema.optional(),
  notice: noticeSchema.optional(),
  mentions: z.array(personSchema).optional().meta({ description: 'The people named with `@` in the text.' }),
  everyone: z
    .boolean()
    .optional()
    .meta({ description: 'Whether everybody in the group is mentioned, without a name.' }),
  forwardedTimes: countSchema
    .optional()
    .meta({ description: 'How often it has been forwarded, as far as phones count; from 5 on they say "many times".' }),
  live: z.literal(true).optional().meta({ description: 'Of a location: it moves on the phone of its sender.' }),
  quoted: quotedSchema.optional(),
  disappearsAfterSeconds: countSchema.optional().meta({ description: 'After which time it disappears from phones.' }),
})
