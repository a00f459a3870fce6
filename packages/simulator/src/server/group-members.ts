import { bareJid } from '../model/jid.js'
import type { AccountState, GroupState } from '../model/state.js'
import { type BinaryNode, node } from '../wire/node.js'
import { isAdmin, membersOf, participantNode, tell } from './groups.js'
import type { ServerContext } from './server-context.js'

export type ParticipantChange = 'add' | 'remove' | 'promote' | 'demote'

const MAX_SIZE = 1_024

/** Carried out as it is: `refusalOf` says what WhatsApp would refuse. */
export function changeParticipants(
  server: ServerContext,
  group: GroupState,
  by: AccountState,
  change: ParticipantChange,
  accounts: AccountState[],
): void {
  if (accounts.length === 0) return
  const before = membersOf(server, group)
  for (const { number } of accounts) apply(group, change, number)
  // Who is out must not read what comes: every phone makes a new sender key.
  if (change === 'remove') for (const member of before) forgetSenderKey(group, member)
  const participants = accounts.map((account) => participantNode(group, account))
  const told = new Set([...before, ...membersOf(server, group)])
  tell(server, { group, by, change: node(change, {}, participants) }, told)
}

/** WhatsApp's number for why this cannot be done to somebody. */
export function refusalOf(
  group: Room,
  by: AccountState,
  change: ParticipantChange,
  account: AccountState,
): number | undefined {
  const role = group.participants.get(account.number)
  if (change === 'add') return role ? 409 : addRefusal(group, by, account)
  if (!role) return 404
  if (role === 'superadmin' && account !== by) return 406
  return undefined
}

function addRefusal(group: Room, by: AccountState, account: AccountState): number | undefined {
  const { blocked, privacy, peers } = account
  if (blocked.has(by.number)) return 401
  const who = privacy.get('groupadd')
  if (who === 'none' || (who === 'contacts' && !peers.has(by.number))) return 403
  return isFull(group) ? 419 : undefined
}

type Room = Pick<GroupState, 'participants' | 'maxSize'>

export const isFull = ({ participants, maxSize = MAX_SIZE }: Room): boolean => participants.size >= maxSize

/** How somebody can be told to come who lets nobody add them. */
export function addRequestNode(server: ServerContext): BinaryNode {
  const expiration = String(Math.floor(server.clock.now() / 1000) + 3 * 24 * 60 * 60)
  return node('add_request', { code: server.randomBytes(8).toString('hex'), expiration })
}

/** Somebody follows the invitation: in, or to the admins. */
export function askToJoin(server: ServerContext, group: GroupState, account: AccountState): 'joined' | 'requested' {
  if (group.participants.has(account.number)) return 'joined'
  if (!group.settings?.joinApproval) {
    changeParticipants(server, group, account, 'add', [account])
    return 'joined'
  }
  group.requests ??= new Map()
  group.requests.set(account.number, Math.floor(server.clock.now() / 1000))
  const change = node('created_membership_requests', { request_method: 'invite_link' }, [
    node('requested_user', { jid: bareJid(account, group.addressing), phone_number: bareJid(account) }),
  ])
  tell(server, { group, by: account, change }, adminsOf(server, group))
  return 'requested'
}

/** An admin lets somebody in, or not. Answers WhatsApp's number where there is nobody to decide about. */
export function decide(
  server: ServerContext,
  group: GroupState,
  by: AccountState,
  verdict: 'approve' | 'reject',
  account: AccountState,
): number | undefined {
  if (!group.requests?.has(account.number)) return 404
  if (verdict === 'approve' && isFull(group)) return 419
  group.requests.delete(account.number)
  if (verdict === 'approve') changeParticipants(server, group, by, 'add', [account])
  else {
    const change = node('revoked_membership_requests', {}, [participantNode(group, account)])
    tell(server, { group, by, change }, adminsOf(server, group))
  }
  return undefined
}

const adminsOf = (server: ServerContext, group: GroupState): AccountState[] =>
  membersOf(server, group).filter((member) => isAdmin(group, member))

function apply(group: GroupState, change: ParticipantChange, number: string): void {
  const known = group.participants.has(number)
  if (change === 'remove') group.participants.delete(number)
  else if (change === 'add' && !known) group.participants.set(number, 'member')
  else if (known && change === 'promote') group.participants.set(number, 'admin')
  else if (known && change === 'demote') group.participants.set(number, 'member')
}

function forgetSenderKey(group: GroupState, { number, phone }: AccountState): void {
  phone.senderKeyHolders.delete(group.jid)
  phone.senderKeys.delete(`${group.jid}::${number}::0`)
}
