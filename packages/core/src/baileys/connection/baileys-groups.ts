import { randomBytes } from 'node:crypto'
import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, type WASocket } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { GroupConnection, GroupEdit, WireGroup } from '../../ports/group-connection.js'
import type { ParticipantAction } from '../../types/group.js'
import type { Jid } from '../../types/jid.js'
import { ADD_PROBLEMS, groupIdOf, MEMBER_PROBLEMS, toGroup, toJoinRequests, toOutcomes } from '../translate/to-group.js'
import { ask, type Question, type Refusals } from './ask.js'
import { GROUP_REFUSALS, type GroupCache } from './group-cache.js'

const INVITE_REFUSALS: Refusals = {
  401: 'GROUP_FORBIDDEN',
  403: 'GROUP_FORBIDDEN',
  404: 'GROUP_INVITE_INVALID',
  406: 'GROUP_INVITE_INVALID',
  410: 'GROUP_INVITE_INVALID',
  419: 'GROUP_FULL',
}

/** Groups over one connection. Its own changes make it forget what it knew of a group, before WhatsApp tells of them. */
export class BaileysGroups implements GroupConnection {
  readonly #cache: GroupCache
  readonly #onSocket: <Result>(work: (socket: WASocket) => Promise<Result>) => Promise<Result>

  constructor(cache: GroupCache, onSocket: <Result>(work: (socket: WASocket) => Promise<Result>) => Promise<Result>) {
    this.#cache = cache
    this.#onSocket = onSocket
  }

  async list(): Promise<WireGroup[]> {
    const answer = await this.#ask({
      about: 'which groups there are',
      attrs: { type: 'get', xmlns: 'w:g2', to: '@g.us' },
      content: [node('participating', {}, [node('participants'), node('description')])],
    })
    const groups = getBinaryNodeChildren(getBinaryNodeChild(answer, 'groups'), 'group')
    return groups.flatMap((group) => this.#cache.learn(group) ?? [])
  }

  get(groupId: Jid): Promise<WireGroup> {
    return this.#onSocket(async (socket) => (await this.#cache.get(groupId, socket)).group)
  }

  async create({ subject, participants }: Parameters<GroupConnection['create']>[0]) {
    const key = randomBytes(16).toString('hex').toUpperCase()
    const answer = await this.#ask({
      about: 'to a new group',
      attrs: { type: 'set', xmlns: 'w:g2', to: '@g.us' },
      content: [node('create', { subject, key }, participants.map(participant))],
    })
    const made = getBinaryNodeChild(answer, 'group')
    const group = made && this.#cache.learn(made)
    if (!group) throw noGroup()
    return { group, outcomes: toOutcomes(made, ADD_PROBLEMS).filter(({ problem }) => problem !== undefined) }
  }

  async change(groupId: Jid, change: GroupEdit): Promise<void> {
    const content = 'description' in change ? await this.#description(groupId, change.description) : editNode(change)
    await this.#set(groupId, content)
  }

  async changeParticipants(groupId: Jid, action: ParticipantAction, participants: readonly Jid[]) {
    const answer = await this.#set(groupId, node(action, {}, participants.map(participant)))
    return toOutcomes(getBinaryNodeChild(answer, action), action === 'add' ? ADD_PROBLEMS : MEMBER_PROBLEMS)
  }

  async leave(groupId: Jid): Promise<void> {
    await this.#ask({
      about: 'that the account leaves a group',
      attrs: { type: 'set', xmlns: 'w:g2', to: '@g.us' },
      content: [node('leave', {}, [node('group', { id: groupId })])],
    })
    this.#cache.forget(groupId)
  }

  async inviteCode(groupId: Jid, { renew = false }: { renew?: boolean } = {}): Promise<string> {
    const about = 'what the invitation to a group is'
    const attrs = { type: renew ? 'set' : 'get', xmlns: 'w:g2', to: groupId } as const
    const answer = await this.#ask({ about, attrs, content: [node('invite')] })
    const { code } = getBinaryNodeChild(answer, 'invite')?.attrs ?? {}
    if (!code) throw new TrunklineError('CONNECTION_LOST', { message: `WhatsApp did not answer ${about}` })
    return code
  }

  async invited(code: string): Promise<WireGroup> {
    const attrs = { type: 'get', xmlns: 'w:g2', to: '@g.us' } as const
    const content = [node('invite', { code })]
    const answer = await this.#ask({ about: 'where an invitation leads', attrs, content, refusals: INVITE_REFUSALS })
    const group = getBinaryNodeChild(answer, 'group')
    const read = group && toGroup(group)
    if (!read) throw noGroup()
    return read
  }

  async join(code: string): Promise<{ groupId?: Jid; isPending: boolean }> {
    const attrs = { type: 'set', xmlns: 'w:g2', to: '@g.us' } as const
    const content = [node('invite', { code })]
    const answer = await this.#ask({ about: 'to an invitation', attrs, content, refusals: INVITE_REFUSALS })
    const joined = groupIdOf(getBinaryNodeChild(answer, 'group')?.attrs.jid)
    if (joined) return { groupId: joined, isPending: false }
    const asked = groupIdOf(getBinaryNodeChild(answer, 'membership_approval_request')?.attrs.jid)
    return { ...(asked ? { groupId: asked } : {}), isPending: true }
  }

  async joinRequests(groupId: Jid) {
    const answer = await this.#ask({
      about: 'who wants to join a group',
      attrs: { type: 'get', xmlns: 'w:g2', to: groupId },
      content: [node('membership_approval_requests')],
    })
    return toJoinRequests(getBinaryNodeChild(answer, 'membership_approval_requests'))
  }

  async decideJoinRequests(groupId: Jid, verdict: 'approve' | 'reject', asking: readonly Jid[]) {
    const tag = 'membership_requests_action'
    const answer = await this.#set(groupId, node(tag, {}, [node(verdict, {}, asking.map(participant))]))
    return toOutcomes(getBinaryNodeChild(getBinaryNodeChild(answer, tag), verdict), MEMBER_PROBLEMS)
  }

  /** WhatsApp wants to hear which description is replaced, so that of two who write one at once the later is refused. */
  async #description(groupId: Jid, text: string | null): Promise<BinaryNode> {
    const { descriptionId } = await this.#onSocket((socket) => this.#cache.get(groupId, socket))
    const prev: Record<string, string> = descriptionId ? { prev: descriptionId } : {}
    if (text === null) return node('description', { delete: 'true', ...prev })
    const id = randomBytes(10).toString('hex').toUpperCase()
    return node('description', { id, ...prev }, [node('body', {}, Buffer.from(text))])
  }

  /** A change of a group. It may have been made although the answer says nothing, or no answer came. */
  async #set(groupId: Jid, content: BinaryNode): Promise<BinaryNode> {
    try {
      const attrs = { type: 'set', xmlns: 'w:g2', to: groupId } as const
      return await this.#ask({ about: 'to a change of a group', attrs, content: [content] })
    } finally {
      this.#cache.forget(groupId)
    }
  }

  #ask(question: Question): Promise<BinaryNode> {
    return this.#onSocket((socket) => ask(socket, { refusals: GROUP_REFUSALS, ...question }))
  }
}

/** The stanza of a change. */
function editNode(change: Exclude<GroupEdit, { description: string | null }>): BinaryNode {
  if ('subject' in change) return node('subject', {}, Buffer.from(change.subject))
  const { setting, value } = change
  switch (setting) {
    case 'announce':
      return node(value ? 'announcement' : 'not_announcement')
    case 'locked':
      return node(value ? 'locked' : 'unlocked')
    case 'memberAdd':
      return node('member_add_mode', {}, Buffer.from(value ? 'all_member_add' : 'admin_add'))
    case 'joinApproval':
      return node('membership_approval_mode', {}, [node('group_join', { state: value ? 'on' : 'off' })])
    case 'ephemeralSeconds':
      return value > 0 ? node('ephemeral', { expiration: String(value) }) : node('not_ephemeral')
  }
}

const participant = (jid: Jid): BinaryNode => node('participant', { jid })

function node(tag: string, attrs: Record<string, string> = {}, content?: BinaryNode['content']): BinaryNode {
  return content === undefined ? { tag, attrs } : { tag, attrs, content }
}

function noGroup(): TrunklineError<'CONNECTION_LOST'> {
  return new TrunklineError('CONNECTION_LOST', { message: 'WhatsApp answered without a group' })
}
