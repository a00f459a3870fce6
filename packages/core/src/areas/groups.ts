import {
  checkGroupChanges,
  checkGroupId,
  checkInvite,
  checkNewGroup,
  checkParticipants,
} from '../manager/group-validation.js'
import { checkPicture } from '../manager/profile-validation.js'
import type {
  CreatedGroup,
  Group,
  GroupChanges,
  GroupInvite,
  JoinedGroup,
  JoinRequest,
  ParticipantOutcome,
} from '../types/group.js'
import type { GroupRequest, GroupResultOf } from '../types/group-request.js'
import type { AreaParts } from './area.js'

/**
 * The groups of one session, as WhatsApp has them. What changes, by whomever, arrives as `group.updated`.
 *
 * People are given as phone numbers or JIDs. Every method rejects with SESSION_NOT_FOUND · SESSION_NOT_CONNECTED · LEASE_HELD ·
 * VALIDATION_FAILED, with CONNECTION_LOST when WhatsApp does not answer, with WHATSAPP_RATE_LIMITED · SERVICE_UNAVAILABLE ·
 * WHATSAPP_REFUSED, and, about one group, with GROUP_NOT_FOUND · GROUP_FORBIDDEN.
 */
export class SessionGroups {
  readonly #sessionId: string
  readonly #parts: AreaParts

  constructor(sessionId: string, parts: AreaParts) {
    this.#sessionId = sessionId
    this.#parts = parts
  }

  /** All that the account is in. WhatsApp is asked each time, and does not like to be asked often. */
  list(): Promise<Group[]> {
    return this.#ask({ do: 'list' })
  }

  /** One group, with who is in it; asked for once until it changes. */
  async get(groupId: string): Promise<Group> {
    return this.#ask({ do: 'get', groupId: checkGroupId(groupId) })
  }

  /** Makes a group. Whom WhatsApp does not let in is told by `outcomes`, and is no error. */
  async create(options: { subject: string; participants: readonly string[] }): Promise<CreatedGroup> {
    const { subject, participants } = checkNewGroup(options)
    return this.#ask({ do: 'create', subject, participants })
  }

  /** Answers the group as it is then. @throws GROUP_CHANGED_MEANWHILE */
  async update(groupId: string, changes: GroupChanges): Promise<Group> {
    return this.#ask({ do: 'change', groupId: checkGroupId(groupId), changes: checkGroupChanges(changes) })
  }

  /** An outcome for each, in order. */
  addParticipants(groupId: string, participants: readonly string[]): Promise<ParticipantOutcome[]> {
    return this.#change('add', groupId, participants)
  }

  /** As `addParticipants`. Who is removed cannot read what comes. */
  removeParticipants(groupId: string, participants: readonly string[]): Promise<ParticipantOutcome[]> {
    return this.#change('remove', groupId, participants)
  }

  /** As `addParticipants`: makes admins of them. */
  promoteParticipants(groupId: string, participants: readonly string[]): Promise<ParticipantOutcome[]> {
    return this.#change('promote', groupId, participants)
  }

  /** As `addParticipants`: they are admins no more. */
  demoteParticipants(groupId: string, participants: readonly string[]): Promise<ParticipantOutcome[]> {
    return this.#change('demote', groupId, participants)
  }

  /** The link that lets people in; a secret. */
  async invite(groupId: string): Promise<GroupInvite> {
    return this.#ask({ do: 'invite', groupId: checkGroupId(groupId) })
  }

  /** Another link, after which the old one lets nobody in. */
  async renewInvite(groupId: string): Promise<GroupInvite> {
    return this.#ask({ do: 'invite', groupId: checkGroupId(groupId), renew: true })
  }

  /** What an invitation leads to, without going there. `code`: the code, or the whole link. @throws GROUP_INVITE_INVALID */
  async invited(code: string): Promise<Group> {
    return this.#ask({ do: 'invited', code: checkInvite(code) })
  }

  /** Follows an invitation; as `invited`. Where admins decide, `requested`. @throws GROUP_INVITE_INVALID · GROUP_FULL */
  async join(code: string): Promise<JoinedGroup> {
    return this.#ask({ do: 'join', code: checkInvite(code) })
  }

  async leave(groupId: string): Promise<void> {
    await this.#ask({ do: 'leave', groupId: checkGroupId(groupId) })
  }

  /** Who wants to join. */
  async joinRequests(groupId: string): Promise<JoinRequest[]> {
    return this.#ask({ do: 'join-requests', groupId: checkGroupId(groupId) })
  }

  /** Lets people in who want to join. An outcome for each, in order. */
  approveJoinRequests(groupId: string, participants: readonly string[]): Promise<ParticipantOutcome[]> {
    return this.#decide('approve', groupId, participants)
  }

  /** Turns people away who want to join. An outcome for each, in order. */
  rejectJoinRequests(groupId: string, participants: readonly string[]): Promise<ParticipantOutcome[]> {
    return this.#decide('reject', groupId, participants)
  }

  /** As `SessionProfile.setPicture`, for the group. @throws PICTURE_INVALID */
  async setPicture(groupId: string, picture: Uint8Array): Promise<void> {
    await this.#picture({ groupId: checkGroupId(groupId), picture: checkPicture(picture) })
  }

  async removePicture(groupId: string): Promise<void> {
    await this.#picture({ groupId: checkGroupId(groupId) })
  }

  async #picture(request: { groupId: string; picture?: string }): Promise<void> {
    await this.#parts.use()
    await this.#parts.router.call(this.#sessionId, { kind: 'profile', request: { do: 'picture', ...request } })
  }

  async #change(
    action: 'add' | 'remove' | 'promote' | 'demote',
    groupId: string,
    participants: readonly string[],
  ): Promise<ParticipantOutcome[]> {
    const people = { groupId: checkGroupId(groupId), participants: checkParticipants(participants) }
    return this.#ask({ do: 'participants', action, ...people })
  }

  async #decide(
    verdict: 'approve' | 'reject',
    groupId: string,
    participants: readonly string[],
  ): Promise<ParticipantOutcome[]> {
    const people = { groupId: checkGroupId(groupId), participants: checkParticipants(participants) }
    return this.#ask({ do: 'decide', verdict, ...people })
  }

  async #ask<Request extends GroupRequest>(request: Request): Promise<GroupResultOf<Request>> {
    await this.#parts.use()
    return (await this.#parts.router.call(this.#sessionId, { kind: 'groups', request })) as GroupResultOf<Request>
  }
}
