import type { Jid } from './jid.js'

/** A group that the account is in, as WhatsApp tells it. Of one that was only looked at by its invitation, what that shows. */
export interface Group {
  id: Jid
  subject: string
  description?: string
  /** Who made it. */
  ownerId?: Jid
  /** ISO 8601. */
  createdAt?: string
  participants: GroupParticipant[]
  settings: GroupSettings
  /** It is a community: groups are linked to it, and nobody writes in it. */
  isCommunity?: true
  /** The community that it is linked to. */
  communityId?: Jid
}

/** The roles of a group. There is one `owner`; nobody else makes them anything less. */
export const GROUP_ROLES = ['member', 'admin', 'owner'] as const
/** One of `GROUP_ROLES`. */
export type GroupRole = (typeof GROUP_ROLES)[number]

/** Somebody in a group. */
export interface GroupParticipant {
  id: Jid
  /** Digits only. */
  phone?: string
  role: GroupRole
}

/** What holds in a group. */
export interface GroupSettings {
  /** Only admins write. */
  announce: boolean
  /** Only admins change subject, description and picture. */
  locked: boolean
  /** Admins decide who joins. */
  joinApproval: boolean
  /** Every member adds people; otherwise only admins do. */
  memberAdd: boolean
  /** After how many seconds new messages disappear from phones; left out where they stay. In a change, 0 ends it. */
  ephemeralSeconds?: number
}

/** What is to change of a group; fields that are left out stay, `null` clears. */
export interface GroupChanges {
  subject?: string
  description?: string | null
  settings?: Partial<GroupSettings>
}

/** What can be done to people of a group. */
export type ParticipantAction = 'add' | 'remove' | 'promote' | 'demote'

/** Why something could not be done to one person. */
export const PARTICIPANT_PROBLEMS = [
  'NOT_ON_WHATSAPP',
  'NOT_IN_GROUP',
  'ALREADY_IN_GROUP',
  'LEFT_RECENTLY',
  'INVITATION_NEEDED',
  'BLOCKED',
  'GROUP_FULL',
  'NOT_ALLOWED',
  'REFUSED',
] as const
/** One of `PARTICIPANT_PROBLEMS`. */
export type ParticipantProblem = (typeof PARTICIPANT_PROBLEMS)[number]

/** What became of one of several people that something was to be done to. */
export interface ParticipantOutcome {
  id: Jid
  ok: boolean
  /** `INVITATION_NEEDED`: the person lets nobody add them; send them the invitation. `BLOCKED`: they have blocked the account. */
  code?: ParticipantProblem
}

/** A group that was just made. */
export interface CreatedGroup {
  group: Group
  /** In the order in which they were asked for. */
  outcomes: ParticipantOutcome[]
}

/** Lets anybody who has it into a group: a secret. */
export interface GroupInvite {
  code: string
  url: string
}

/** Where an invitation led: into the group, or to its admins, who decide. */
export interface JoinedGroup {
  /** Left out where WhatsApp does not tell it. */
  groupId?: Jid
  state: 'joined' | 'requested'
}

/** Somebody who wants to join. */
export interface JoinRequest {
  id: Jid
  /** Digits only. */
  phone?: string
  /** ISO 8601. */
  requestedAt?: string
}

/** What happened to a group; the fields of other kinds are left out. */
export interface GroupChange {
  kind: GroupChangeKind
  /** Who did it, where WhatsApp says so. */
  byId?: Jid
  /** Of `participants` and `requests`: what was done, to them or by them. */
  action?: GroupChangeAction
  /** Of `participants` and `requests`: whom it is about. */
  participantIds?: Jid[]
  /** Of `created` and `subject`. */
  subject?: string
  /** Of `description`: the new one, left out when it was taken away. */
  description?: string
  /** Of `settings`: those that changed. `ephemeralSeconds` is 0 where messages stay from now on. */
  settings?: GroupSettingsChange
}

/** What holds in a group from now on; what is left out is as it was. */
export interface GroupSettingsChange extends Partial<GroupSettings> {
  /** The link by which people join is another one. */
  inviteChanged?: boolean
}

/** Every kind of change; `requests` are those to join. */
export const GROUP_CHANGE_KINDS = [
  'created',
  'participants',
  'requests',
  'subject',
  'description',
  'picture',
  'settings',
  'deleted',
] as const
/** One of `GROUP_CHANGE_KINDS`. */
export type GroupChangeKind = (typeof GROUP_CHANGE_KINDS)[number]

/**
 * What happened to people of a group. `left`: by themselves; `changed`: their number; `requested`, `withdrawn` and `declined`: to
 * join. Who was let in is `added`.
 */
export const GROUP_CHANGE_ACTIONS = [
  'added',
  'removed',
  'left',
  'promoted',
  'demoted',
  'changed',
  'requested',
  'withdrawn',
  'declined',
] as const
/** One of `GROUP_CHANGE_ACTIONS`. */
export type GroupChangeAction = (typeof GROUP_CHANGE_ACTIONS)[number]
