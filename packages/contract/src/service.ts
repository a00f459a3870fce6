import { z } from 'zod'

export const versionSchema = z.object({ name: z.literal('trunkline'), version: z.string() })

/** Outside the base path: the process answers. */
export const livenessSchema = z.object({ status: z.literal('live') })

/** Outside the base path: whether requests can be served, 200 or 503. `store` is left out when it does not answer. */
export const readinessSchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  reason: z.string().optional(),
  store: z
    .object({
      kind: z.string(),
      durable: z.boolean(),
      capabilities: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    })
    .optional(),
})

export type Readiness = z.infer<typeof readinessSchema>
