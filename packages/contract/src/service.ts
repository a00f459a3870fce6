import { z } from 'zod'

export const versionSchema = z
  .object({
    name: z.literal('trunkline').meta({ description: 'The name of this software.' }),
    version: z.string().meta({ description: 'Its version.', example: '0.1.0' }),
  })
  .meta({ id: 'Version', description: 'Which software answers.' })

/** The document describes everything else, and an OpenAPI tool knows its shape: here is told only what to look for. */
export const openApiSchema = z
  .looseObject({
    openapi: z.string().meta({ description: 'Version of OpenAPI.', example: '3.1.1' }),
    info: z
      .looseObject({ title: z.string().meta({ description: 'The name of this interface.', example: 'Trunkline' }) })
      .meta({ description: 'About this interface.' }),
    paths: z
      .record(z.string(), z.looseObject({}))
      .meta({ description: 'Every route.', example: { '/version': { get: { operationId: 'version' } } } }),
  })
  .meta({ id: 'OpenApi', description: 'An OpenAPI 3.1 document.' })

/** Outside the base path: the process answers. */
export const livenessSchema = z.object({ status: z.literal('live').meta({ description: 'The process answers.' }) })

/** Outside the base path: whether requests can be served, 200 or 503. `store` is left out when it does not answer. */
export const readinessSchema = z.object({
  status: z.enum(['ready', 'not_ready']).meta({ description: 'Whether requests can be served.' }),
  reason: z.string().optional().meta({ description: 'Why not.' }),
  store: z
    .object({
      kind: z.string().meta({ description: 'Which store it is.', example: 'sqlite' }),
      durable: z.boolean().meta({ description: 'Whether it survives the process.' }),
      capabilities: z
        .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
        .meta({ description: 'What it says of itself: versions, sizes, features.' }),
    })
    .optional()
    .meta({ description: 'The store; left out when it does not answer.' }),
})

export type Readiness = z.infer<typeof readinessSchema>
