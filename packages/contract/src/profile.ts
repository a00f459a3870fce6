import type { PRIVACY_CHOICES } from '@trunkline/core'
import { z } from 'zod'
import { aboutSchema, pictureSchema } from './contact.js'
import { jsonBytesOf, LIMITS } from './limits.js'

const CHOICES = {
  lastSeen: ['all', 'contacts', 'contact_blacklist', 'none'],
  online: ['all', 'match_last_seen'],
  picture: ['all', 'contacts', 'contact_blacklist', 'none'],
  about: ['all', 'contacts', 'contact_blacklist', 'none'],
  readReceipts: ['all', 'none'],
  groupAdd: ['all', 'contacts', 'contact_blacklist', 'none'],
  calls: ['all', 'known'],
  messages: ['all', 'contacts'],
} as const satisfies typeof PRIVACY_CHOICES

const WORDS = {
  lastSeen: 'Who sees when the account was there last.',
  online: 'Who sees that it is there.',
  picture: 'Who sees its picture.',
  about: 'Who sees what it says of itself.',
  readReceipts: 'Whether others see what was read, and the account sees it of others.',
  groupAdd: 'Who may add it to groups.',
  calls: 'Who may call it.',
  messages: 'Who may write to it.',
} as const satisfies Record<keyof typeof CHOICES, string>

export const profileSchema = z
  .object({
    id: z.string().meta({ description: 'JID of the account.', example: '200000000000001@lid' }),
    phone: z.string().meta({ description: 'Phone number, digits only.', example: '15550000001' }),
    lid: z.string().optional().meta({ description: 'The LID JID of the account, once it is known.' }),
    name: z.string().optional().meta({ description: 'The name that the account gave itself.' }),
    about: aboutSchema,
    picture: pictureSchema,
  })
  .meta({ id: 'Profile', description: 'What others see of the account.' })

export const updateProfileSchema = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(LIMITS.profileName.maxLength)
      .optional()
      .meta({ description: 'The name that the account gives itself.', example: 'The shop' }),
    about: z
      .string()
      .max(LIMITS.about.maxLength)
      .optional()
      .meta({ description: 'What the account says of itself; empty for nothing.', example: 'At the shop' }),
  })
  .meta({ id: 'UpdateProfile', description: 'What is to change of the profile.' })

const said = <Name extends keyof typeof CHOICES>(name: Name) => z.string().optional().meta({ description: WORDS[name] })

export const privacySchema = z
  .object({
    lastSeen: said('lastSeen'),
    online: said('online'),
    picture: said('picture'),
    about: said('about'),
    readReceipts: said('readReceipts'),
    groupAdd: said('groupAdd'),
    calls: said('calls'),
    messages: said('messages'),
  })
  .meta({ id: 'Privacy', description: "Who may see and do what, in WhatsApp's own words." })

const chosen = <const Words extends readonly [string, ...string[]]>(words: Words, description: string) =>
  z.enum(words).optional().meta({ description, example: words[0] })

export const updatePrivacySchema = z
  .strictObject({
    lastSeen: chosen(CHOICES.lastSeen, WORDS.lastSeen),
    online: chosen(CHOICES.online, WORDS.online),
    picture: chosen(CHOICES.picture, WORDS.picture),
    about: chosen(CHOICES.about, WORDS.about),
    readReceipts: chosen(CHOICES.readReceipts, WORDS.readReceipts),
    groupAdd: chosen(CHOICES.groupAdd, WORDS.groupAdd),
    calls: chosen(CHOICES.calls, WORDS.calls),
    messages: chosen(CHOICES.messages, WORDS.messages),
  })
  .meta({ id: 'UpdatePrivacy', description: 'What is to change of it.' })

/** The bytes of an image, or the same in JSON. */
const pictureDataSchema = z
  .strictObject({ data: z.base64().min(1).meta({ description: 'The bytes of an image in base64.' }) })
  .meta({ id: 'PictureData', description: 'A picture to set.' })

export const PICTURE_BODY = {
  json: pictureDataSchema,
  maxJsonBytes: jsonBytesOf(LIMITS.picture.maxBytes),
  bytes: { mediaTypes: ['image/*'], maxBytes: LIMITS.picture.maxBytes },
} as const
