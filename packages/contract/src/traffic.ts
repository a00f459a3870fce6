import { z } from 'zod'
import { decimal, sessionIdSchema, timeSchema } from './fields.js'
import { LIMITS } from './limits.js'

const countOf = (description: string) => z.number().int().min(0).meta({ description })

export const trafficHourSchema = z
  .object({
    at: timeSchema.meta({ description: 'When the hour began (ISO 8601).' }),
    sent: countOf('Messages sent.'),
    received: countOf('Messages received.'),
    failed: countOf('Messages that could not be sent.'),
  })
  .meta({ id: 'TrafficHour', description: 'Messages of one hour.' })

export const trafficSchema = z.object({
  items: z.array(trafficHourSchema).meta({
    description:
      'Hours with messages, oldest first; hours without any are left out. The newest is some seconds behind.',
  }),
})

export const trafficQuery = z.strictObject({
  hours: decimal.pipe(z.number().int().min(1).max(LIMITS.traffic.maxHours)).optional().meta({
    description: 'How many hours, up to 31 days; the current one is the last. 24 unless given.',
    example: 168,
  }),
  sessionId: sessionIdSchema.optional().meta({ description: 'Of this session only.', example: 'shop' }),
})
