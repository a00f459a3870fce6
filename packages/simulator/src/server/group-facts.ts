import { bareJid } from '../model/jid.js'
import type { AccountState, GroupSettings, GroupState } from '../model/state.js'
import { type BinaryNode, node } from '../wire/node.js'
import { descriptionNodes, tellMembers } from './groups.js'
import type { ServerContext } from './server-context.js'

export function changeSubject(server: ServerContext, group: GroupState, by: AccountState, subject: string): void {
  group.subject = subject
  const attributes = { subject, s_t: server.seconds(), s_o: bareJid(by, group.addressing) }
  tellMembers(server, group, by, node('subject', attributes))
}

export function changeDescription(
  server: ServerContext,
  group: GroupState,
  by: AccountState,
  { text, id = server.nextId() }: { text: string | undefined; id?: string | undefined },
): void {
  if (text === undefined) {
    delete group.description
    delete group.descriptionId
  } else {
    group.description = text
    group.descriptionId = id
  }
  const [described = node('description', { id }, [node('delete')])] = descriptionNodes(group)
  tellMembers(server, group, by, described)
}

/** Those that are given; a time of 0 lets messages stay. */
export function changeSettings(
  server: ServerContext,
  group: GroupState,
  by: AccountState,
  { announce, locked, joinApproval, memberAdd, ephemeral }: GroupSettings,
): void {
  const version = { v_id: server.nextId() }
  const told: BinaryNode[] = [
    ...(announce === undefined ? [] : [node(announce ? 'announcement' : 'not_announcement', version)]),
    ...(locked === undefined ? [] : [node(locked ? 'locked' : 'unlocked')]),
    ...(joinApproval === undefined ? [] : [approvalNode(joinApproval)]),
    ...(memberAdd === undefined
      ? []
      : [node('member_add_mode', {}, Buffer.from(memberAdd ? 'all_member_add' : 'admin_add'))]),
    ...(ephemeral === undefined
      ? []
      : [ephemeral > 0 ? node('ephemeral', { expiration: String(ephemeral) }) : node('not_ephemeral')]),
  ]
  const given = Object.entries({ announce, locked, joinApproval, memberAdd, ephemeral })
  group.settings = { ...group.settings, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) }
  for (const change of told) tellMembers(server, group, by, change)
}

const approvalNode = (isOn: boolean): BinaryNode =>
  node('membership_approval_mode', {}, [node('group_join', { state: isOn ? 'on' : 'off' })])

/** The code that lets people in; with `renew` another one, of which the members are told. */
export function inviteCodeOf(
  server: ServerContext,
  group: GroupState,
  { renewedBy }: { renewedBy?: AccountState } = {},
): string {
  if (group.inviteCode === undefined || renewedBy) {
    group.inviteCode = server.randomBytes(11).toString('hex')
    if (renewedBy) tellMembers(server, group, renewedBy, node('invite', { code: group.inviteCode }))
  }
  return group.inviteCode
}
