import { bareJid } from '../model/jid.js'
import type { AccountState, GroupState } from '../model/state.js'
import { partiesOf } from '../model/world.js'
import { SimulatorError } from '../util/errors.js'
import { type BinaryNode, node } from '../wire/node.js'
import type { ServerContext } from './server-context.js'

export type GroupRole = 'member' | 'admin' | 'superadmin'

export interface NewGroup {
  subject: string
  creator: AccountState
  /** The others. */
  members: AccountState[]
  addressing: 'pn' | 'lid'
  maxSize?: number
}

const ID_DIGITS = 12

export function createGroup(
  server: ServerContext,
  { subject, creator, members, addressing, maxSize }: NewGroup,
): GroupState {
  const digits = [...server.randomBytes(ID_DIGITS)].map((byte) => byte % 10).join('')
  const group: GroupState = {
    jid: `120363${digits}@g.us`,
    subject,
    addressing,
    creator: creator.number,
    createdAt: Math.floor(server.clock.now() / 1000),
    ...(maxSize === undefined ? {} : { maxSize }),
    participants: new Map([
      ...members.map(({ number }) => [number, 'member'] as const),
      [creator.number, 'superadmin'] as const,
    ]),
  }
  server.world.state.groups.set(group.jid, group)
  tellMembers(server, group, creator, node('create', { type: 'new', key: server.nextId() }, [groupNode(server, group)]))
  return group
}

export const isAdmin = ({ participants }: GroupState, { number }: AccountState): boolean =>
  ['admin', 'superadmin'].includes(participants.get(number) ?? '')

export function membersOf(server: ServerContext, group: GroupState): AccountState[] {
  return [...group.participants.keys()].flatMap((number) => server.world.account(number) ?? [])
}

/** Throws `GROUP_NOT_FOUND`. */
export function groupOf(server: ServerContext, jid: string): GroupState {
  const group = server.world.group(jid)
  if (group) return group
  throw new SimulatorError('GROUP_NOT_FOUND', `There is no group ${jid}`, { field: 'group' })
}

/** What clients call group metadata. */
export function groupNode(server: ServerContext, group: GroupState): BinaryNode {
  const creator = server.world.account(group.creator)
  const participants = membersOf(server, group).map((account) => participantNode(group, account))
  return node(
    'group',
    {
      id: group.jid.slice(0, group.jid.indexOf('@')),
      subject: group.subject,
      s_t: String(group.createdAt),
      s_o: creator && bareJid(creator, group.addressing),
      creation: String(group.createdAt),
      creator: creator && bareJid(creator, group.addressing),
      creator_pn: creator && bareJid(creator),
      addressing_mode: group.addressing,
      size: String(participants.length),
    },
    [...participants, ...descriptionNodes(group), ...settingNodes(group)],
  )
}

export function descriptionNodes({ description, descriptionId, createdAt }: GroupState): BinaryNode[] {
  if (description === undefined) return []
  const body = node('body', {}, Buffer.from(description))
  return [node('description', { id: descriptionId ?? '', t: String(createdAt) }, [body])]
}

function settingNodes({ settings = {} }: GroupState): BinaryNode[] {
  const { announce, locked, joinApproval, memberAdd, ephemeral } = settings
  return [
    ...(announce ? [node('announcement')] : []),
    ...(locked ? [node('locked')] : []),
    ...(joinApproval ? [node('membership_approval_mode', {}, [node('group_join', { state: 'on' })])] : []),
    ...(ephemeral ? [node('ephemeral', { expiration: String(ephemeral) })] : []),
    node('member_add_mode', {}, Buffer.from(memberAdd ? 'all_member_add' : 'admin_add')),
  ]
}

/** Somebody, in a group or about it. `error`: why nothing could be done. */
export function participantNode(
  group: GroupState,
  account: AccountState,
  { error, content }: { error?: number | undefined; content?: BinaryNode[] } = {},
): BinaryNode {
  const role = group.participants.get(account.number)
  const other = group.addressing === 'lid' ? { phone_number: bareJid(account) } : { lid: bareJid(account, 'lid') }
  const attributes = {
    jid: bareJid(account, group.addressing),
    ...other,
    type: role === 'member' ? undefined : role,
    error: error === undefined ? undefined : String(error),
  }
  return node('participant', attributes, content)
}

export const tellMembers = (
  server: ServerContext,
  group: GroupState,
  by: AccountState,
  change: BinaryNode,
  type?: 'picture',
): void => tell(server, { group, by, change, ...(type ? { type } : {}) }, membersOf(server, group))

/** A change, to every device of these people: also to those of who has made it. */
export function tell(
  server: ServerContext,
  { group, by, change, type = 'w:gp2' }: { group: GroupState; by: AccountState; change: BinaryNode; type?: string },
  accounts: Iterable<AccountState>,
): void {
  const attributes = {
    participant: bareJid(by, group.addressing),
    participant_pn: bareJid(by),
    notify: by.name,
    addressing_mode: group.addressing,
  }
  for (const party of [...accounts].flatMap(partiesOf)) server.notify(party, type, group.jid, [change], attributes)
  server.changed()
}
