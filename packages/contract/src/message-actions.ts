import { z } from 'zod'
import { addressSchema } from './fields.js'
import { LIMITS } from './limits.js'

export const reactSchema = z
  .strictObject({
    emoji: z
      .string()
      .max(LIMITS.emoji.maxLength)
      .meta({ description: 'One emoji; an empty text takes the reaction back.', example: '👍' }),
  })
  .meta({ id: 'React', description: 'A reaction to a message.' })

export const editMessageSchema = z
  .strictObject({
    text: z.string().min(1).max(LIMITS.text.maxLength).meta({ description: 'The new text.', example: 'Hello!' }),
    mentions: z
      .array(addressSchema)
      .max(LIMITS.mentions.maxCount)
      .optional()
      .meta({ description: 'Phone numbers or JIDs of the people named with `@` in the text.' }),
  })
  .meta({ id: 'EditMessage', description: 'The new words of a message.' })

export const voteSchema = z
  .strictObject({
    options: z
      .array(z.string().min(1).max(LIMITS.poll.maxOptionLength))
      .max(LIMITS.poll.maxOptions)
      .meta({ description: 'The whole choice, by name, each once; none takes the vote back.', example: ['today'] }),
  })
  .meta({ id: 'Vote', description: 'A vote in a poll.' })

export const respondSchema = z
  .strictObject({
    response: z
      .enum(['going', 'not_going', 'maybe'])
      .meta({ description: 'Whether the account comes.', example: 'going' }),
    extraGuests: z
      .int()
      .min(0)
      .max(LIMITS.event.maxExtraGuests)
      .optional()
      .meta({ description: 'How many more it brings along.', example: 1 }),
  })
  .meta({ id: 'Respond', description: 'An answer to the invitation of an event.' })

export const starSchema = z
  .strictObject({ starred: z.boolean().meta({ description: 'Whether the message has a star.', example: true }) })
  .meta({ id: 'StarMessage', description: 'The star of a message.' })
