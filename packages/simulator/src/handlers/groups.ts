import type { AccountState, GroupState } from '../model/state.js'
import {
  changeDescription,
  changeParticipants,
  changeSubject,
  createGroup,
  groupNode,
  type ParticipantChange,
  participantNode,
} from '../server/groups.js'
import { type BinaryNode, childOf, childrenNamed, childrenOf, node, textOf } from '../wire/node.js'
import { type Query, QueryError, type QueryHandler, type QueryTable } from './query.js'

/** `w:g2`: what members ask about their groups, and what admins change. */
export const groupHandlers: QueryTable = {
  'w:g2/get/query': (query) => [groupNode(query.server, groupFor(query))],
  'w:g2/get/participating': ({ server, party }) => {
    const groups = [...server.world.state.groups.values()].filter(({ participants }) =>
      participants.has(party.account.number),
    )
    return [
      node(
        'groups',
        {},
        groups.map((group) => groupNode(server, group)),
      ),
    ]
  },
  'w:g2/set/create': (query) => {
    const { server, party, child } = query
    const members = accountsIn(query, child).filter((account) => account !== party.account)
    const subject = child?.attrs.subject ?? ''
    return [groupNode(server, createGroup(server, { subject, creator: party.account, members, addressing: 'lid' }))]
  },
  'w:g2/set/add': participantHandler('add'),
  'w:g2/set/remove': participantHandler('remove'),
  'w:g2/set/promote': participantHandler('promote'),
  'w:g2/set/demote': participantHandler('demote'),
  'w:g2/set/subject': (query) => {
    changeSubject(query.server, groupFor(query), query.party.account, textOf(query.child) ?? '')
    return undefined
  },
  'w:g2/set/description': (query) => {
    changeDescription(query.server, groupFor(query), query.party.account, textOf(childOf(query.child, 'body')))
    return undefined
  },
  'w:g2/set/leave': ({ server, party, child }) => {
    const left = childrenNamed(child, 'group').flatMap(({ attrs }) => server.world.group(attrs.id ?? '') ?? [])
    for (const group of left) changeParticipants(server, group, party.account, 'remove', [party.account])
    return [
      node(
        'leave',
        {},
        left.map(({ jid }) => node('group', { id: jid })),
      ),
    ]
  },
}

function participantHandler(change: ParticipantChange): QueryHandler {
  return (query) => {
    const { server, party, child } = query
    const group = groupFor(query)
    if (!isAdmin(group, party.account)) throw new QueryError(403, 'forbidden')
    const accounts = accountsIn(query, child)
    const answers = accounts.map((account) => participantNode(group, account))
    changeParticipants(server, group, party.account, change, accounts)
    return [node(change, {}, answers)]
  }
}

const isAdmin = (group: GroupState, { number }: AccountState): boolean =>
  ['admin', 'superadmin'].includes(group.participants.get(number) ?? '')

function groupFor({ server, party, iq }: Query): GroupState {
  const group = server.world.group(iq.attrs.to ?? '')
  if (!group) throw new QueryError(404, 'item-not-found')
  if (!group.participants.has(party.account.number)) throw new QueryError(403, 'forbidden')
  return group
}

/** Those of them who are on WhatsApp. */
const accountsIn = ({ server }: Query, parent: BinaryNode | undefined): AccountState[] =>
  childrenOf(parent).flatMap(({ attrs }) => server.world.accountOf(attrs.jid) ?? [])
