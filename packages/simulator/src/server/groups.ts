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
}

const ID_DIGITS = 12

export function createGroup(server: ServerContext, { subject, creator, members, addressing }: NewGroup): GroupState {
  const digits = [...server.randomBytes(ID_DIGITS)].map((byte) => byte % 10).join('')
  const group: GroupState = {
    jid: `120363${digits}@g.us`,
    subject,
    addressing,
    creator: creator.number,
    createdAt: Math.floor(server.clock.now() / 1000),
    participants: new Map([
      ...members.map(({ number }) => [number, 'member'] as const),
      [creator.number, 'superadmin'] as const,
    ]),
  }
  server.world.state.groups.set(group.jid, group)
  tellMembers(server, group, creator, node('create', { type: 'new', key: server.nextId() }, [groupNode(server, group)]))
  return group
}

export type ParticipantChange = 'add' | 'remove' | 'promote' | 'demote'

/** Those who are not what they are made to be: nobody is added twice. */
export function changeParticipants(
  server: ServerContext,
  group: GroupState,
  by: AccountState,
  change: ParticipantChange,
  accounts: AccountState[],
): void {
  const before = membersOf(server, group)
  for (const { number } of accounts) apply(group, change, number)
  // Who is out must not read what comes: everybody makes a new sender key.
  if (change === 'remove') for (const member of before) forgetSenderKey(group, member)
  const participants = accounts.map((account) => participantNode(group, account))
  tell(server, group, by, node(change, {}, participants), new Set([...before, ...membersOf(server, group)]))
}

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

export function changeSubject(server: ServerContext, group: GroupState, by: AccountState, subject: string): void {
  group.subject = subject
  const attributes = { subject, s_t: server.seconds(), s_o: bareJid(by, group.addressing) }
  tellMembers(server, group, by, node('subject', attributes))
}

export function changeDescription(
  server: ServerContext,
  group: GroupState,
  by: AccountState,
  text: string | undefined,
): void {
  if (text === undefined) delete group.description
  else group.description = text
  tellMembers(
    server,
    group,
    by,
    descriptionNode(group) ?? node('description', { id: descriptionId(group) }, [node('delete')]),
  )
}

function membersOf(server: ServerContext, group: GroupState): AccountState[] {
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
  const description = descriptionNode(group)
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
    description ? [...participants, description] : participants,
  )
}

const descriptionNode = ({ description, createdAt }: GroupState): BinaryNode | undefined =>
  description === undefined
    ? undefined
    : node('description', { id: descriptionId({ createdAt }), t: String(createdAt) }, [
        node('body', {}, Buffer.from(description)),
      ])

const descriptionId = ({ createdAt }: Pick<GroupState, 'createdAt'>): string => `D${createdAt}`

export function participantNode(group: GroupState, account: AccountState): BinaryNode {
  const role = group.participants.get(account.number)
  const other = group.addressing === 'lid' ? { phone_number: bareJid(account) } : { lid: bareJid(account, 'lid') }
  const type = role === 'member' ? undefined : role
  return node('participant', { jid: bareJid(account, group.addressing), ...other, type })
}

const tellMembers = (server: ServerContext, group: GroupState, by: AccountState, change: BinaryNode): void =>
  tell(server, group, by, change, membersOf(server, group))

function tell(
  server: ServerContext,
  group: GroupState,
  by: AccountState,
  change: BinaryNode,
  accounts: Iterable<AccountState>,
): void {
  const attributes = {
    participant: bareJid(by, group.addressing),
    participant_pn: bareJid(by),
    notify: by.name,
    addressing_mode: group.addressing,
  }
  for (const party of [...accounts].flatMap(partiesOf)) {
    if (party.deviceId !== 0) server.notify(party, 'w:gp2', group.jid, [change], attributes)
  }
  server.changed()
}
