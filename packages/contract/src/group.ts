import type { GROUP_CHANGE_ACTIONS, GROUP_CHANGE_KINDS, GROUP_ROLES, PARTICIPANT_PROBLEMS } from '@trunkline/core'
import { z } from 'zod'
import { addressSchema, timeSchema } from './fields.js'
import { LIMITS } from './limits.js'

const ROLES = ['member', 'admin', 'owner'] as const satisfies typeof GROUP_ROLES
const PROBLEMS = [
  'NOT_ON_WHATSAPP',
  'NOT_IN_GROUP',
  'ALREADY_IN_GROUP',
  'LEFT_RECENTLY',
  'INVITATION_NEEDED',
  'BLOCKED',
  'GROUP_FULL',
  'NOT_ALLOWED',
  'REFUSED',
] as const satisfies typeof PARTICIPANT_PROBLEMS
const KINDS = [
  'created',
  'participants',
  'requests',
  'subject',
  'description',
  'picture',
  'settings',
  'deleted',
] as const satisfies typeof GROUP_CHANGE_KINDS
const ACTIONS = [
  'added',
  'removed',
  'left',
  'promoted',
  'demoted',
  'changed',
  'requested',
  'withdrawn',
  'declined',
] as const satisfies typeof GROUP_CHANGE_ACTIONS

const groupIdSchema = z.string().meta({ description: 'The id of the group.', example: '120363000000000001@g.us' })
const personSchema = z.string().meta({ description: 'JID of the person.', example: '200000000000001@lid' })
const phoneSchema = z.string().optional().meta({ description: 'Phone number, digits only.', example: '15550000001' })

const announce = z.boolean().meta({ description: 'Only admins write.' })
const locked = z.boolean().meta({ description: 'Only admins change subject, description and picture.' })
const joinApproval = z.boolean().meta({ description: 'Admins decide who joins.' })
const memberAdd = z.boolean().meta({ description: 'Every member adds people; otherwise only admins do.' })
const ephemeralSeconds = z.int().min(0).max(LIMITS.ephemeralSeconds.max)

const groupSettingsSchema = z
  .object({
    announce,
    locked,
    joinApproval,
    memberAdd,
    ephemeralSeconds: ephemeralSeconds
      .optional()
      .meta({ description: 'After how many seconds new messages disappear from phones.' }),
  })
  .meta({ id: 'GroupSettings', description: 'What holds in a group.' })

const participantSchema = z
  .object({
    id: personSchema,
    phone: phoneSchema,
    role: z.enum(ROLES).meta({ description: 'The owner made the group; nobody makes them anything less.' }),
  })
  .meta({ id: 'GroupParticipant', description: 'Somebody in a group.' })

export const groupSchema = z
  .object({
    id: groupIdSchema,
    subject: z.string().meta({ description: 'Its name.', example: 'Team' }),
    description: z.string().optional().meta({ description: 'What it is about.' }),
    ownerId: z.string().optional().meta({ description: 'JID of who made it.' }),
    createdAt: timeSchema.optional().meta({ description: 'When it was made (ISO 8601).' }),
    participants: z.array(participantSchema).meta({ description: 'Who is in it.' }),
    settings: groupSettingsSchema,
    isCommunity: z.literal(true).optional().meta({ description: 'Groups are linked to it; nobody writes in it.' }),
    communityId: z.string().optional().meta({ description: 'The community that it is linked to.' }),
  })
  .meta({ id: 'Group', description: 'A group, as WhatsApp has it.' })

const outcomeSchema = z
  .object({
    id: personSchema,
    ok: z.boolean().meta({ description: 'Whether it was done.' }),
    code: z.enum(PROBLEMS).optional().meta({
      description:
        'Why it was not. `INVITATION_NEEDED`: nobody may add them; send them the invitation. `BLOCKED`: they have blocked the account.',
    }),
  })
  .meta({ id: 'ParticipantOutcome', description: 'What became of one of several people.' })

const outcomes = z.array(outcomeSchema).meta({ description: 'One for each person, in the order of the request.' })

export const outcomesSchema = z.object({ outcomes })

export const createdGroupSchema = z
  .object({ group: groupSchema, outcomes })
  .meta({ id: 'CreatedGroup', description: 'A group that was just made.' })

export const groupInviteSchema = z
  .object({
    code: z.string().meta({ description: 'The code of the link.', example: 'AbCdEfGhIjKlMnOpQrStUv' }),
    url: z.string().meta({ description: 'The link.' }),
  })
  .meta({ id: 'GroupInvite', description: 'Lets anybody who has it into a group: a secret.' })

export const joinedGroupSchema = z
  .object({
    groupId: groupIdSchema.optional(),
    state: z.enum(['joined', 'requested']).meta({ description: 'In the group, or waiting for its admins.' }),
  })
  .meta({ id: 'JoinedGroup', description: 'Where an invitation led.' })

export const joinRequestSchema = z
  .object({
    id: personSchema,
    phone: phoneSchema,
    requestedAt: timeSchema.optional().meta({ description: 'Since when (ISO 8601).' }),
  })
  .meta({ id: 'JoinRequest', description: 'Somebody who wants to join.' })

const subjectSchema = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.groupSubject.maxLength)
  .meta({ description: 'The name of the group.', example: 'Team' })

const peopleSchema = z
  .array(addressSchema)
  .max(LIMITS.participants.maxCount)
  .meta({ description: 'Phone numbers or JIDs.', example: ['15550000002'] })

export const createGroupSchema = z
  .strictObject({ subject: subjectSchema, participants: peopleSchema })
  .meta({ id: 'CreateGroup', description: 'A group to make.' })

export const updateGroupSchema = z
  .strictObject({
    subject: subjectSchema.optional(),
    description: z
      .string()
      .max(LIMITS.groupDescription.maxLength)
      .nullable()
      .optional()
      .meta({ description: 'What it is about; `null` takes it away.' }),
    settings: z
      .strictObject({
        announce: announce.optional(),
        locked: locked.optional(),
        joinApproval: joinApproval.optional(),
        memberAdd: memberAdd.optional(),
        ephemeralSeconds: ephemeralSeconds.optional().meta({
          description: 'After how many seconds new messages disappear: 86400, 604800, 7776000, or 0 to let them stay.',
        }),
      })
      .optional()
      .meta({ description: 'Those that are to change.' }),
  })
  .meta({ id: 'UpdateGroup', description: 'What is to change of a group.', example: { subject: 'The team' } })

export const participantsSchema = z
  .strictObject({ participants: peopleSchema.min(1) })
  .meta({ id: 'Participants', description: 'People, of a group or for one.' })

export const inviteCodeSchema = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.inviteCode.maxLength)
  .meta({ description: 'The code of an invitation, or the whole link.', example: 'AbCdEfGhIjKlMnOpQrStUv' })

export const joinGroupSchema = z
  .strictObject({ code: inviteCodeSchema })
  .meta({ id: 'JoinGroup', description: 'An invitation to follow.' })

const settingsChangeSchema = z.object({
  announce: announce.optional(),
  locked: locked.optional(),
  joinApproval: joinApproval.optional(),
  memberAdd: memberAdd.optional(),
  ephemeralSeconds: ephemeralSeconds
    .optional()
    .meta({ description: 'After how many seconds new messages disappear; 0 where they stay from now on.' }),
  inviteChanged: z.boolean().optional().meta({ description: 'The link by which people join is another one.' }),
})

/** What happened to a group; the fields of other kinds are left out. */
export const groupChangeSchema = z
  .object({
    kind: z.enum(KINDS).meta({ description: 'What it is about; `requests` are those to join.' }),
    byId: z.string().optional().meta({ description: 'JID of who did it, where WhatsApp says so.' }),
    action: z
      .enum(ACTIONS)
      .optional()
      .meta({ description: 'Of participants and requests: what was done, to them or by them.' }),
    participantIds: z
      .array(z.string())
      .optional()
      .meta({ description: 'Of participants and requests: JIDs of whom it is about.' }),
    subject: z.string().optional().meta({ description: 'Of created and subject: the name.' }),
    description: z.string().optional().meta({ description: 'Of description: left out when it was taken away.' }),
    settings: settingsChangeSchema.optional().meta({ description: 'Of settings: those that changed.' }),
  })
  .meta({ id: 'GroupChange', description: 'What happened to a group, and who did it.' })
