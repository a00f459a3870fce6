import type { IdentityPair } from '../types/chat.js'
import type { Group, GroupSettings, ParticipantAction, ParticipantProblem } from '../types/group.js'
import type { Jid } from '../types/jid.js'

/**
 * What a connection can do with groups. Ids are any address of a person that WhatsApp knows; what comes back has the addresses
 * that WhatsApp uses, and tells which belong together.
 *
 * Every call rejects with SESSION_NOT_CONNECTED, with CONNECTION_LOST when WhatsApp is silent (a change may have been made then),
 * and with GROUP_NOT_FOUND · GROUP_FORBIDDEN · GROUP_CHANGED_MEANWHILE · GROUP_FULL · WHATSAPP_RATE_LIMITED · WHATSAPP_REFUSED
 * when it refuses.
 */
export interface GroupConnection {
  /** All that the account is in. */
  list(): Promise<WireGroup[]>
  /** Remembered until the group changes, or for ten minutes. */
  get(groupId: Jid): Promise<WireGroup>
  create(options: { subject: string; participants: readonly Jid[] }): Promise<{
    group: WireGroup
    /** Of those who could not be added. */
    outcomes: WireOutcome[]
  }>
  change(groupId: Jid, change: GroupEdit): Promise<void>
  /** An answer for each, as far as WhatsApp gives one. */
  changeParticipants(groupId: Jid, action: ParticipantAction, participants: readonly Jid[]): Promise<WireOutcome[]>
  leave(groupId: Jid): Promise<void>
  /** The code of the invitation; with `renew` a new one, after which the old one lets nobody in. */
  inviteCode(groupId: Jid, options?: { renew?: boolean }): Promise<string>
  /** What a code leads to. @throws GROUP_INVITE_INVALID */
  invited(code: string): Promise<WireGroup>
  /** @throws GROUP_INVITE_INVALID */
  join(code: string): Promise<{ groupId?: Jid; isPending: boolean }>
  joinRequests(groupId: Jid): Promise<WireJoinRequest[]>
  decideJoinRequests(groupId: Jid, verdict: 'approve' | 'reject', asking: readonly Jid[]): Promise<WireOutcome[]>
}

/** One change. A description of `null` takes it away; `ephemeralSeconds` of 0 lets messages stay. */
export type GroupEdit =
  | { subject: string }
  | { description: string | null }
  | { [Name in keyof GroupSettings]-?: { setting: Name; value: NonNullable<GroupSettings[Name]> } }[keyof GroupSettings]

/** A group as it came over the wire, before its ids are made canonical. */
export type WireGroup = Group & { identities: IdentityPair[] }

/** What became of one person. Their addresses: all that WhatsApp has named. */
export interface WireOutcome {
  addresses: Jid[]
  problem?: ParticipantProblem
}

/** Somebody who asks to be let in. */
export interface WireJoinRequest {
  id: Jid
  identities: IdentityPair[]
  requestedAt?: string
}
