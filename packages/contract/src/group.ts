import type { GroupChange } from '@trunkline/core'
import { z } from 'zod'

const KINDS = [
  'created',
  'participants',
  'subject',
  'description',
  'settings',
] as const satisfies readonly GroupChange['kind'][]
const ACTIONS = [
  'added',
  'removed',
  'promoted',
  'demoted',
  'changed',
] as const satisfies readonly GroupChange['action'][]

const settings = z.object({
  adminsWrite: z.boolean().optional().meta({ description: 'Only admins write.' }),
  adminsEdit: z.boolean().optional().meta({ description: 'Only admins change subject, description and picture.' }),
  adminsAdd: z.boolean().optional().meta({ description: 'Only admins add people.' }),
  joiningIsApproved: z.boolean().optional().meta({ description: 'Admins decide who joins.' }),
  inviteChanged: z.boolean().optional().meta({ description: 'The link by which people join is another one.' }),
})

/** What happened to a group; the fields of other kinds are left out. */
export const groupChangeSchema = z
  .object({
    kind: z.enum(KINDS).meta({ description: 'What it is about.' }),
    byId: z.string().optional().meta({ description: 'JID of who did it, where WhatsApp says so.' }),
    action: z.enum(ACTIONS).optional().meta({ description: 'Of participants: what was done to them.' }),
    participantIds: z
      .array(z.string())
      .optional()
      .meta({ description: 'Of participants: JIDs of whom it was done to.' }),
    subject: z.string().optional().meta({ description: 'Of created and subject: the name.' }),
    description: z.string().optional().meta({ description: 'Of description: left out when it was taken away.' }),
    settings: settings.optional().meta({ description: 'Of settings: those that changed.' }),
  })
  .meta({ id: 'GroupChange', description: 'What happened to a group, and who did it.' })
