import { z } from 'zod'
import { timeSchema } from './fields.js'
import { healthCheckSchema, sessionHealthSchema, sessionStatusSchema, statusReasonSchema } from './session.js'

export const maintenanceStepNameSchema = z.enum(['health', 'reset', 'cleanup', 'retention', 'keys']).meta({
  description:
    'Connected sessions are asked for a sign of life; those that cannot connect for long begin anew; inactive ones are stopped; what is kept no longer is removed; keys that nothing can need again are removed.',
})

export const maintenanceStepSchema = z
  .object({
    name: maintenanceStepNameSchema,
    intervalSeconds: z
      .number()
      .min(0)
      .optional()
      .meta({ description: 'How often it runs; left out where it is off.', example: 300 }),
    settings: z.record(z.string(), z.number()).meta({
      description:
        'What it is done by, under the names of the options: milliseconds, bytes or counts. What is off, or kept for ever, is left out.',
      example: { cleanupIntervalMs: 21_600_000, inactiveAfterMs: 2_592_000_000 },
    }),
    running: z.boolean().meta({ description: 'Whether it is running now.' }),
    lastRun: z
      .object({
        at: timeSchema.meta({ description: 'When it began (ISO 8601).' }),
        durationMs: z.number().min(0).meta({ description: 'How long it took, in milliseconds.' }),
        did: z
          .record(z.string(), z.number())
          .meta({ description: 'What it did, counted.', example: { checked: 12, problems: 1 } }),
        problem: z.string().optional().meta({ description: 'Why it did not come to its end.' }),
      })
      .optional()
      .meta({ description: 'Its last run; left out until one has ended.' }),
    nextAt: timeSchema.optional().meta({ description: 'When it runs next (ISO 8601).' }),
  })
  .meta({ id: 'MaintenanceStep', description: 'One thing that the process does by itself to keep its sessions well.' })

export const maintenanceSchema = z.object({
  items: z.array(maintenanceStepSchema).meta({ description: 'Every step.' }),
})

const countOf = (description: string) => z.number().int().min(0).meta({ description })

export const healthReportSchema = z
  .object({
    at: timeSchema.meta({ description: 'When this was put together (ISO 8601).' }),
    total: countOf('How many sessions there are.'),
    ok: countOf('How many are well.'),
    degraded: countOf('How many heal by themselves.'),
    unhealthy: countOf('How many need somebody to look.'),
    storeAnswers: z.boolean().meta({ description: 'Whether the store answered when it was asked last.' }),
    problems: z
      .array(
        z.object({
          sessionId: z.string().meta({ description: 'The session.', example: 'shop' }),
          label: z.string().optional().meta({ description: 'Its name for people.' }),
          status: sessionStatusSchema,
          since: timeSchema.meta({ description: 'Since when it has this status (ISO 8601).' }),
          health: sessionHealthSchema,
          reason: statusReasonSchema.optional(),
          healthCheck: healthCheckSchema.optional(),
        }),
      )
      .meta({ description: 'Those that are not well, by id, at most 200.' }),
  })
  .meta({ id: 'HealthReport', description: 'How the sessions do.' })
