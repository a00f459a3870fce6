import { z } from 'zod'
import { sessionIdSchema } from './fields.js'
import { LIMITS } from './limits.js'

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.chatLabel.maxNameLength)
  .meta({ description: 'What people read.', example: 'New order' })

const colorSchema = z
  .int()
  .min(0)
  .max(LIMITS.chatLabel.maxColor)
  .meta({ description: 'The place of its colour among those that phones offer, from 0.', example: 3 })

export const labelSchema = z
  .object({
    id: z.string().meta({ description: "WhatsApp's own: a whole number, as a text.", example: '7' }),
    sessionId: sessionIdSchema,
    name: z.string().meta({ description: 'What people read.', example: 'New order' }),
    color: z.int().meta({ description: 'The place of its colour among those that phones offer, from 0.', example: 3 }),
  })
  .meta({ id: 'Label', description: 'A label of chats and messages, or a list of chats.' })

export const createLabelSchema = z
  .strictObject({ name: nameSchema, color: colorSchema.optional() })
  .meta({ id: 'CreateLabel', description: 'A new label; the first colour unless another is given.' })

export const updateLabelSchema = z
  .strictObject({ name: nameSchema.optional(), color: colorSchema.optional() })
  .refine((changes) => Object.keys(changes).length > 0, 'must name something')
  .meta({ id: 'UpdateLabel', description: 'What of a label is to change.' })
