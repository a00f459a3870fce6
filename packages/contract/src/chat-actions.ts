import { z } from 'zod'
import { timeSchema } from './fields.js'
import { LIMITS } from './limits.js'

export const muteSchema = z
  .strictObject({
    until: timeSchema.optional().meta({
      description: 'Until when the chat makes no sound (ISO 8601); for ever unless given.',
      example: '2030-01-01T00:00:00.000Z',
    }),
  })
  .meta({ id: 'MuteChat', description: 'For how long a chat is muted.' })

export const disappearingSchema = z
  .strictObject({
    seconds: z.union([z.literal(0), z.literal(86_400), z.literal(604_800), z.literal(7_776_000)]).meta({
      description: 'A day, a week or 90 days; 0 lets new messages stay.',
      example: 604_800,
    }),
  })
  .meta({ id: 'SetDisappearing', description: 'After how many seconds new messages disappear.' })

export const clearSchema = z
  .strictObject({
    keepStarred: z.boolean().optional().meta({ description: 'Whether messages with a star stay.', example: true }),
  })
  .meta({ id: 'ClearChat', description: 'How a chat is emptied.' })

export const sendPresenceSchema = z
  .strictObject({
    state: z
      .enum(['composing', 'recording', 'paused'])
      .meta({ description: 'Typing, recording, or no longer either.', example: 'composing' }),
  })
  .meta({ id: 'SendPresence', description: 'What the chat partner sees the account do.' })

export const requestHistorySchema = z
  .strictObject({
    count: z
      .int()
      .min(1)
      .max(LIMITS.history.maxCount)
      .optional()
      .meta({ description: `How many older messages; ${LIMITS.history.maxCount} unless given.`, example: 50 }),
  })
  .meta({ id: 'RequestHistory', description: 'How much is asked of the phone.' })
