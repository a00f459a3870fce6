import { bareJid } from '../model/jid.js'
import type { AccountState, GroupState } from '../model/state.js'
import { changeDescription, changeSettings, changeSubject } from '../server/group-facts.js'
import { addRequestNode, changeParticipants, type ParticipantChange, refusalOf } from '../server/group-members.js'
import { createGroup, groupNode, isAdmin, participantNode } from '../server/groups.js'
import { type BinaryNode, childOf, childrenNamed, node, textOf } from '../wire/node.js'
import { type Query, QueryError, type QueryHandler, type QueryTable } from './query.js'

const MAX_SUBJECT_LENGTH = 100
/** The only times that WhatsApp takes: a day, a week, 90 days. */
const TIMES = ['86400', '604800', '7776000']

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
    const subject = checkedSubject(child?.attrs.subject)
    const asked = peopleIn(query, child).filter(({ account }) => account !== party.account)
    const before = { participants: new Map([[party.account.number, 'superadmin' as const]]) }
    const refusals = asked.map(({ account }) => (account ? refusalOf(before, party.account, 'add', account) : 404))
    const members = asked.flatMap(({ account }, place) => (account && refusals[place] === undefined ? account : []))
    const group = createGroup(server, { subject, creator: party.account, members, addressing: 'lid' })
    // Those who could not be added stand among the members, with an error beside them.
    const { attrs, content } = groupNode(server, group)
    const refused = asked.flatMap((one, place) => {
      const error = refusals[place]
      return error === undefined ? [] : [answerNode(query, group, one, error)]
    })
    return [node('group', attrs, [...(Array.isArray(content) ? content : []), ...refused])]
  },
  'w:g2/set/add': participantHandler('add'),
  'w:g2/set/remove': participantHandler('remove'),
  'w:g2/set/promote': participantHandler('promote'),
  'w:g2/set/demote': participantHandler('demote'),
  'w:g2/set/subject': (query) => {
    const group = groupToEdit(query)
    changeSubject(query.server, group, query.party.account, checkedSubject(textOf(query.child)))
    return undefined
  },
  'w:g2/set/description': (query) => {
    const group = groupToEdit(query)
    const { attrs } = query.child ?? node('')
    // Who has not seen the description that is replaced replaces it by mistake.
    if (attrs.prev !== undefined && attrs.prev !== group.descriptionId) throw new QueryError(409, 'conflict')
    const text = attrs.delete === 'true' ? undefined : textOf(childOf(query.child, 'body'))
    changeDescription(query.server, group, query.party.account, { text, id: attrs.id })
    return undefined
  },
  'w:g2/set/announcement': settingHandler(() => ({ announce: true })),
  'w:g2/set/not_announcement': settingHandler(() => ({ announce: false })),
  'w:g2/set/locked': settingHandler(() => ({ locked: true })),
  'w:g2/set/unlocked': settingHandler(() => ({ locked: false })),
  'w:g2/set/member_add_mode': settingHandler((child) => ({ memberAdd: textOf(child) === 'all_member_add' })),
  'w:g2/set/membership_approval_mode': settingHandler((child) => ({
    joinApproval: childOf(child, 'group_join')?.attrs.state === 'on',
  })),
  'w:g2/set/ephemeral': (query) => {
    const { expiration = '' } = query.child?.attrs ?? {}
    if (!TIMES.includes(expiration)) throw new QueryError(400, 'bad-request')
    changeSettings(query.server, groupToEdit(query), query.party.account, { ephemeral: Number(expiration) })
    return undefined
  },
  'w:g2/set/not_ephemeral': (query) => {
    changeSettings(query.server, groupToEdit(query), query.party.account, { ephemeral: 0 })
    return undefined
  },
  'w:g2/set/leave': ({ server, party, child }) => {
    const left = childrenNamed(child, 'group').flatMap(({ attrs }) => server.world.group(attrs.id ?? '') ?? [])
    if (left.some(({ participants }) => !participants.has(party.account.number))) throw new QueryError(404, 'not-in')
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
    const { party, child } = query
    const group = groupFor(query)
    const mayAdd = change === 'add' && group.settings?.memberAdd
    if (!isAdmin(group, party.account) && !mayAdd) throw new QueryError(403, 'forbidden')
    return [
      node(
        change,
        {},
        peopleIn(query, child).map((one) => changeOne(query, group, change, one)),
      ),
    ]
  }
}

function changeOne(query: Query, group: GroupState, change: ParticipantChange, asked: Asked): BinaryNode {
  const { server, party } = query
  const { account } = asked
  const error = account ? refusalOf(group, party.account, change, account) : 404
  const answer = answerNode(query, group, asked, error)
  if (account && error === undefined) changeParticipants(server, group, party.account, change, [account])
  return answer
}

function answerNode(
  { server }: Query,
  group: GroupState,
  { account, jid }: Asked,
  error: number | undefined,
): BinaryNode {
  if (!account) return node('participant', { jid, error: '404' })
  return participantNode(group, account, { error, ...(error === 403 ? { content: [addRequestNode(server)] } : {}) })
}

function settingHandler(
  settingsOf: (child: BinaryNode | undefined) => Parameters<typeof changeSettings>[3],
): QueryHandler {
  return (query) => {
    changeSettings(query.server, groupOfAdmin(query), query.party.account, settingsOf(query.child))
    return undefined
  }
}

/** The group that is asked about by one of its members. */
function groupFor({ server, party, iq }: Query): GroupState {
  const group = server.world.group(iq.attrs.to ?? '')
  if (!group) throw new QueryError(404, 'item-not-found')
  if (!group.participants.has(party.account.number)) throw new QueryError(403, 'forbidden')
  return group
}

export function groupOfAdmin(query: Query, code = 403): GroupState {
  const group = groupFor(query)
  if (!isAdmin(group, query.party.account)) throw new QueryError(code, code === 401 ? 'not-authorized' : 'forbidden')
  return group
}

/** What everybody may change until admins keep it to themselves. */
function groupToEdit(query: Query): GroupState {
  const group = groupFor(query)
  return group.settings?.locked ? groupOfAdmin(query) : group
}

function checkedSubject(subject: string | undefined): string {
  if (subject && subject.length <= MAX_SUBJECT_LENGTH) return subject
  throw new QueryError(406, 'not-acceptable')
}

/** Somebody whom a client names; without an account when nobody of that address is on WhatsApp. */
export interface Asked {
  jid: string
  account: AccountState | undefined
}

export const peopleIn = ({ server }: Query, parent: BinaryNode | undefined): Asked[] =>
  childrenNamed(parent, 'participant').map(({ attrs: { jid = '' } }) => ({ jid, account: server.world.accountOf(jid) }))

/** As the group addresses people. */
export const requestNode = (group: GroupState, account: AccountState, atSeconds: number): BinaryNode =>
  node('membership_approval_request', {
    jid: bareJid(account, group.addressing),
    phone_number: bareJid(account),
    request_method: 'InviteLink',
    request_time: String(atSeconds),
  })
