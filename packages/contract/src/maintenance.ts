import { z } from 'zod'
import { timeSchema } from './fields.js'
import { LIMITS } from './limits.js'
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

const { minMs, maxMs } = LIMITS.maintenance
const timeSetting = z.int().min(minMs).max(maxMs)
const timeOrOff = z.union([timeSetting, z.literal('off')])
const TIME_OR_OFF = `must be a whole number from ${minMs} to ${maxMs}, or off`
const shown = (description: string) => z.union([z.number(), z.literal('off')]).meta({ description, example: 300_000 })

const SETTINGS = {
  healthCheckIntervalMs: 'How often each connected session is asked for a sign of life, in milliseconds.',
  problemResetIntervalMs: 'How often sessions that could not connect for long begin anew, in milliseconds.',
  cleanupIntervalMs: 'How often inactive sessions are cleaned up, in milliseconds.',
  inactiveAfterMs: 'A session without a message for this long is inactive, in milliseconds.',
  keyCollectionIntervalMs: 'How often each session removes keys that nothing can need again, in milliseconds.',
}

const shownSettings = {
  healthCheckIntervalMs: shown(SETTINGS.healthCheckIntervalMs),
  problemResetIntervalMs: shown(SETTINGS.problemResetIntervalMs),
  cleanupIntervalMs: shown(SETTINGS.cleanupIntervalMs),
  inactiveAfterMs: shown(SETTINGS.inactiveAfterMs),
  keyCollectionIntervalMs: shown(SETTINGS.keyCollectionIntervalMs),
}

export const maintenanceChangesSchema = z
  .object({
    revision: z.int().min(0).meta({ description: 'One more with each change; 0 until the first.', example: 3 }),
    updatedAt: timeSchema.optional().meta({ description: 'When it was changed last (ISO 8601).' }),
    settings: z
      .object(shownSettings)
      .partial()
      .meta({ description: 'What is set for all processes; it wins over what they were started with.' }),
    atStart: z.object(shownSettings).meta({ description: 'What the process that answers was started with.' }),
  })
  .meta({
    id: 'MaintenanceChanges',
    description: 'What people have changed of the maintenance, in milliseconds or off.',
  })

export const maintenanceSchema = z
  .object({
    items: z.array(maintenanceStepSchema).meta({ description: 'Every step.' }),
    changes: maintenanceChangesSchema
      .optional()
      .meta({ description: 'Left out where the store keeps no settings: nothing can be changed then.' }),
  })
  .meta({ id: 'Maintenance', description: 'What the process does by itself, and what was changed of it.' })

const change = (name: keyof typeof SETTINGS) =>
  z.union([timeOrOff, z.null()], TIME_OR_OFF).optional().meta({ description: SETTINGS[name], example: 60_000 })

export const updateMaintenanceSchema = z
  .strictObject({
    revision: z.int().min(0).meta({ description: 'The `revision` that the change is of, as it was read.', example: 3 }),
    settings: z
      .strictObject({
        healthCheckIntervalMs: change('healthCheckIntervalMs'),
        problemResetIntervalMs: change('problemResetIntervalMs'),
        cleanupIntervalMs: change('cleanupIntervalMs'),
        inactiveAfterMs: timeSetting
          .nullable()
          .optional()
          .meta({ description: SETTINGS.inactiveAfterMs, example: 2_592_000_000 }),
        keyCollectionIntervalMs: change('keyCollectionIntervalMs'),
      })
      .meta({ description: 'Those that are named change; `null` goes back to what each process was started with.' }),
  })
  .meta({
    id: 'UpdateMaintenance',
    description: 'A change of the maintenance, for all processes that share the store.',
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
