import type {
  CreatedGroup,
  Group,
  GroupChanges,
  GroupInvite,
  JoinedGroup,
  JoinRequest,
  ParticipantAction,
  ParticipantOutcome,
} from './group.js'
import type { Jid } from './jid.js'

/** What can be asked of the groups of a session, as data that JSON carries to whichever node owns it. People are given as callers name them. */
export type GroupRequest =
  | { do: 'list' }
  | { do: 'get'; groupId: Jid }
  | { do: 'create'; subject: string; participants: string[] }
  | { do: 'change'; groupId: Jid; changes: GroupChanges }
  | { do: 'participants'; groupId: Jid; action: ParticipantAction; participants: string[] }
  | { do: 'invite'; groupId: Jid; renew?: boolean }
  | { do: 'invited'; code: string }
  | { do: 'join'; code: string }
  | { do: 'leave'; groupId: Jid }
  | { do: 'join-requests'; groupId: Jid }
  | { do: 'decide'; groupId: Jid; verdict: 'approve' | 'reject'; participants: string[] }

interface Results {
  list: Group[]
  get: Group
  create: CreatedGroup
  change: Group
  participants: ParticipantOutcome[]
  invite: GroupInvite
  invited: Group
  join: JoinedGroup
  'join-requests': JoinRequest[]
  decide: ParticipantOutcome[]
}

/** What a request answers. */
export type GroupResultOf<Request extends GroupRequest> = Request['do'] extends keyof Results
  ? Results[Request['do']]
  : undefined
