import { z } from 'zod'
import { timeSchema } from './fields.js'
import { LIMITS } from './limits.js'

const { maxMessages, maxChatGapMs } = LIMITS.settings.pacing

const messages = z.int().min(1).max(maxMessages).optional()
const gapMs = z.int().min(0).max(maxChatGapMs)
const timeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be HH:MM')

const quietHoursSchema = z
  .strictObject({
    from: timeOfDay.meta({ description: 'By the clock on the wall, included.', example: '22:00' }),
    to: timeOfDay.meta({ description: 'Over midnight where it is earlier than `from`.', example: '07:30' }),
    timeZone: z
      .string()
      .refine(isTimeZone, 'must be a time zone of the IANA database, such as Europe/Berlin')
      .meta({ description: 'A name of the IANA database.', example: 'Europe/Berlin' }),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must be another time than from' })

/** How fast what is queued goes out. */
export const pacingSchema = z
  .strictObject({
    preset: z.enum(['off', 'careful', 'warm_up']).meta({
      description:
        '`careful`: what a busy person does. `warm_up`: little on the day when the account was linked, growing to `careful` in two weeks.',
      example: 'careful',
    }),
    perMinute: messages.meta({ description: 'At most so many messages in any 60 seconds.', example: 12 }),
    perHour: messages.meta({ description: 'At most so many messages in any 60 minutes.', example: 200 }),
    perDay: messages.meta({ description: 'At most so many messages in any 24 hours.', example: 1_000 }),
    newChatsPerDay: z.int().min(0).max(maxMessages).optional().meta({
      description:
        'At most so many first messages in any 24 hours to people who have not written within a day and were never written to.',
      example: 50,
    }),
    chatGapMs: z
      .tuple([gapMs, gapMs])
      .refine(([least, most]) => least <= most, 'must have the shorter time first')
      .optional()
      .meta({
        description: 'The least and the most time between two messages to one chat, in milliseconds.',
        example: [2_000, 6_000],
      }),
    typing: z
      .boolean()
      .optional()
      .meta({ description: 'Shows typing before a message, for as long as its text takes.' }),
    quietHours: quietHoursSchema.optional().meta({ description: 'When nothing is sent.' }),
  })
  .meta({ id: 'Pacing', description: 'How fast what is queued goes out. What is given takes the place of the preset.' })

export const sendRestrictionSchema = z
  .object({
    code: z
      .enum(['REACHOUT_TIMELOCK', 'NEW_CHAT_CAP', 'RATE_LIMITED'])
      .meta({ description: 'What WhatsApp limits: new conversations for a time, how many of them, or everything.' }),
    since: timeSchema.meta({ description: 'When WhatsApp told (ISO 8601).' }),
    until: timeSchema.optional().meta({ description: 'Until when (ISO 8601), where WhatsApp says so.' }),
  })
  .meta({ id: 'SendRestriction', description: 'What WhatsApp has told of its own limits.' })

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
