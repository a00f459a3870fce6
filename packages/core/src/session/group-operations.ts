import type { Connection } from '../ports/connector.js'
import type { GroupEdit, WireGroup, WireOutcome } from '../ports/group-connection.js'
import { normalizeJid, phoneOf } from '../records/jid.js'
import type { IdentityPair } from '../types/chat.js'
import type {
  CreatedGroup,
  Group,
  GroupChanges,
  GroupInvite,
  GroupSettings,
  JoinedGroup,
  JoinRequest,
  ParticipantOutcome,
} from '../types/group.js'
import type { GroupRequest } from '../types/group-request.js'
import type { Jid } from '../types/jid.js'
import { assertNever } from '../util/assert-never.js'
import type { GroupHandlersParts } from './groups.js'

const INVITE_URL = 'https://chat.whatsapp.com/'

/** What callers ask of the groups of a session: done over its connection, answered under canonical ids. */
export class GroupOperations {
  readonly #parts: GroupHandlersParts

  constructor(parts: GroupHandlersParts) {
    this.#parts = parts
  }

  async execute(request: GroupRequest, { groups }: Pick<Connection, 'groups'>): Promise<unknown> {
    switch (request.do) {
      case 'list':
        return this.#canonical(await groups.list())
      case 'get':
        return this.#one(await groups.get(request.groupId))
      case 'create':
        return this.#create(request, groups)
      case 'change':
        return this.#change(request.groupId, request.changes, groups)
      case 'participants': {
        const { groupId, action } = request
        return this.#each(request.participants, (asked) => groups.changeParticipants(groupId, action, asked))
      }
      case 'invite':
        return inviteOf(await groups.inviteCode(request.groupId, { renew: request.renew === true }))
      case 'invited':
        return this.#one(await groups.invited(codeOf(request.code)))
      case 'join': {
        const { groupId, isPending } = await groups.join(codeOf(request.code))
        const state = isPending ? 'requested' : 'joined'
        return { ...(groupId ? { groupId } : {}), state } satisfies JoinedGroup
      }
      case 'leave':
        return groups.leave(request.groupId)
      case 'join-requests':
        return this.#joinRequests(request.groupId, groups)
      case 'decide': {
        const { groupId, verdict } = request
        return this.#each(request.participants, (asked) => groups.decideJoinRequests(groupId, verdict, asked))
      }
      default:
        return assertNever(request)
    }
  }

  async #create(
    { subject, participants }: Extract<GroupRequest, { do: 'create' }>,
    groups: Connection['groups'],
  ): Promise<CreatedGroup> {
    const asked = await this.#people(participants)
    const { group: made, outcomes: problems } = await groups.create({ subject, participants: asked })
    const group = await this.#one(made)
    const refused = await this.#addressed(problems)
    const outcomes = (await this.#canonicalOf(asked)).map((id): ParticipantOutcome => {
      if (group.participants.some((participant) => participant.id === id)) return { id, ok: true }
      return outcomeOf(id, refused.get(id) ?? NO_ANSWER)
    })
    return { group, outcomes }
  }

  async #change(groupId: Jid, changes: GroupChanges, groups: Connection['groups']): Promise<Group> {
    for (const edit of editsOf(changes)) await groups.change(groupId, edit)
    return this.#one(await groups.get(groupId))
  }

  /** One outcome for each person, in the order in which they were asked for; WhatsApp leaves out whom it does not know. */
  async #each(
    participants: readonly string[],
    ask: (asked: readonly Jid[]) => Promise<WireOutcome[]>,
  ): Promise<ParticipantOutcome[]> {
    const asked = await this.#people(participants)
    const answers = await this.#addressed(await ask(asked))
    return (await this.#canonicalOf(asked)).map((id) => outcomeOf(id, answers.get(id) ?? NO_ANSWER))
  }

  /** Each person once, by what WhatsApp's answer has told of their addresses. */
  async #canonicalOf(asked: readonly Jid[]): Promise<Jid[]> {
    return [...new Set(await this.#parts.identities.canonical(asked))]
  }

  async #joinRequests(groupId: Jid, groups: Connection['groups']): Promise<JoinRequest[]> {
    const requests = await groups.joinRequests(groupId)
    const pairs = requests.flatMap(({ identities }) => identities)
    await this.#learn(pairs)
    const ids = await this.#parts.identities.canonical(requests.map(({ id }) => id))
    return requests.map(({ id: given, requestedAt }, place) => {
      const id = ids[place] ?? given
      const phone = phoneIn(pairs, id) ?? phoneOf(given)
      return { id, ...(phone ? { phone } : {}), ...(requestedAt ? { requestedAt } : {}) }
    })
  }

  /** By every canonical id that an answer is about. */
  async #addressed(outcomes: readonly WireOutcome[]): Promise<Map<Jid, WireOutcome>> {
    await this.#learn(outcomes.flatMap(({ addresses }) => pairIn(addresses)))
    const found = new Map<Jid, WireOutcome>()
    for (const outcome of outcomes)
      for (const id of await this.#parts.identities.canonical(outcome.addresses)) found.set(id, outcome)
    return found
  }

  /** Whom a caller means, each once: a number may be known to WhatsApp under another one. */
  async #people(given: readonly string[]): Promise<Jid[]> {
    const jids = given.flatMap((address) => normalizeJid(address) ?? [])
    return [...new Set(await Promise.all(jids.map((jid) => this.#parts.identities.canonicalDialled(jid))))]
  }

  async #one(group: WireGroup): Promise<Group> {
    const [canonical] = await this.#canonical([group])
    return canonical ?? group
  }

  async #canonical(groups: readonly WireGroup[]): Promise<Group[]> {
    await this.#learn(groups.flatMap(({ identities }) => identities))
    const { identities } = this.#parts
    return Promise.all(
      groups.map(async ({ identities: _, ownerId, participants, ...group }) => {
        const [owner] = ownerId ? await identities.canonical([ownerId]) : []
        const ids = await identities.canonical(participants.map(({ id }) => id))
        return {
          ...group,
          ...(owner ? { ownerId: owner } : {}),
          participants: participants.map((one, place) => ({ ...one, id: ids[place] ?? one.id })),
        }
      }),
    )
  }

  async #learn(pairs: readonly IdentityPair[]): Promise<void> {
    const { identities, publisher, state } = this.#parts
    await publisher.publish(await identities.learn(pairs, state.timestamp()))
  }
}

const NO_ANSWER: WireOutcome = { addresses: [], problem: 'REFUSED' }

/** What is to be changed, one after the other: what lets others in comes last. */
export function editsOf({ subject, description, settings = {} }: GroupChanges): GroupEdit[] {
  const edits: GroupEdit[] = []
  if (subject !== undefined) edits.push({ subject })
  if (description !== undefined) edits.push({ description: description === '' ? null : description })
  for (const setting of SETTINGS) {
    const value = settings[setting]
    if (value !== undefined) edits.push({ setting, value } as GroupEdit)
  }
  return edits
}

const SETTINGS = [
  'announce',
  'locked',
  'ephemeralSeconds',
  'joinApproval',
  'memberAdd',
] as const satisfies (keyof GroupSettings)[]

/** The code of an invitation, which people know as a link. */
export function codeOf(given: string): string {
  return given
    .trim()
    .replace(/^https?:\/\/chat\.whatsapp\.com\/(?:invite\/)?/i, '')
    .replace(/[?#/].*$/, '')
}

function inviteOf(code: string): GroupInvite {
  return { code, url: `${INVITE_URL}${code}` }
}

function outcomeOf(id: Jid, { problem }: WireOutcome): ParticipantOutcome {
  return problem ? { id, ok: false, code: problem } : { id, ok: true }
}

function pairIn(addresses: readonly Jid[]): IdentityPair[] {
  const lid = addresses.find((address) => address.endsWith('@lid'))
  const pn = addresses.find((address) => phoneOf(address) !== undefined)
  return lid && pn ? [{ pn, lid }] : []
}

function phoneIn(pairs: readonly IdentityPair[], id: Jid): string | undefined {
  const pair = pairs.find(({ lid, pn }) => lid === id || pn === id)
  return pair && phoneOf(pair.pn)
}
