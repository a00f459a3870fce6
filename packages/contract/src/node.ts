import { z } from 'zod'
import { countSchema, timeSchema } from './fields.js'
import { LIMITS } from './limits.js'

/** By which a node is named in paths and bodies. */
export const nodeRefSchema = z.string().min(1).max(LIMITS.node.maxLength)

export const nodeSchema = z
  .object({
    id: z.string().meta({ description: 'Of one process and no other.', example: 'one.3f2a81c09d4e' }),
    name: z
      .string()
      .meta({ description: 'What it was named; a later process may have the same name.', example: 'one' }),
    version: z.string().meta({ description: 'Its version of Trunkline.', example: '1.0.0' }),
    startedAt: timeSchema.meta({ description: 'When it was started (ISO 8601).' }),
    sessions: countSchema.meta({ description: 'How many sessions it runs, as it told with its last renewal.' }),
    capacity: countSchema.optional().meta({ description: 'How many it takes by itself; left out without a bound.' }),
    draining: z.boolean().meta({ description: 'Whether it gives its sessions away and takes none.' }),
    self: z.boolean().meta({ description: 'Whether it is the one that answers.' }),
  })
  .meta({ id: 'Node', description: 'A process among those that share the store.' })

export const nodesSchema = z.object({ items: z.array(nodeSchema).meta({ description: 'Every node, by id.' }) })

export const moveSessionSchema = z
  .strictObject({
    node: nodeRefSchema.optional().meta({
      description: 'The node that is to run it, by id or by name; the one that runs the fewest unless given.',
    }),
  })
  .meta({
    id: 'MoveSession',
    description: 'Where a session is to run.',
    example: { node: 'two' },
  })
