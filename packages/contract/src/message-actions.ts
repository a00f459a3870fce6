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

export const starSchema = z
  .strictObject({ starred: z.boolean().meta({ description: 'Whether the message has a star.', example: true }) })
  .meta({ id: 'StarMessage', description: 'The star of a message.' })
