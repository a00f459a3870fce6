import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  getBinaryNodeChildString,
} from '@whiskeysockets/baileys'
import { isLid, normalizeJid } from '../../records/jid.js'
import type { IdentityPair } from '../../types/chat.js'
import type { GroupChange, GroupChangeAction } from '../../types/group.js'
import type { Jid } from '../../types/jid.js'
import { bounded } from './bounds.js'
import { addressesOf, groupIdOf, pairsIn, toGroup } from './to-group.js'
import { pairOf } from './to-message.js'

/** What WhatsApp tells of a group. */
export interface GroupNotice {
  groupId: Jid
  changes: GroupChange[]
  identities: IdentityPair[]
  /** The whole group, where it was just made. */
  group?: BinaryNode
}

/**
 * What a notification says of a group. Baileys tells less: who made messages disappear, who changed their number and what was
 * deleted it tells to nobody, and of who did something it has one address.
 */
export function toGroupNotice(stanza: BinaryNode): GroupNotice | undefined {
  const { from, participant, participant_pn, participant_lid } = stanza.attrs
  const groupId = groupIdOf(from)
  if (!groupId?.endsWith('@g.us')) return undefined
  const children = Array.isArray(stanza.content) ? stanza.content : []
  const doer = addressesOf({ jid: participant, phone_number: participant_pn, lid: participant_lid })
  const byId = doer.find(isLid) ?? doer[0]
  const by = byId ? { byId } : {}
  const toChange = stanza.attrs.type === 'picture' ? pictureChange : changeOf
  const changes = children.flatMap((child) => toChange(child, doer) ?? [])
  const [group] = children.flatMap((child) => getBinaryNodeChild(child, 'group') ?? [])
  return {
    groupId,
    changes: changes.map((change) => bounded({ ...by, ...change })),
    identities: [
      ...[pairOf(participant, participant_pn ?? participant_lid)].filter((pair) => pair !== undefined),
      ...children.flatMap(identitiesIn),
    ],
    ...(group ? { group } : {}),
  }
}

const PEOPLE: Readonly<Record<string, GroupChangeAction | undefined>> = {
  add: 'added',
  promote: 'promoted',
  demote: 'demoted',
  modify: 'changed',
}

function changeOf(child: BinaryNode, doer: readonly Jid[]): GroupChange | undefined {
  const { tag, attrs } = child
  const action = PEOPLE[tag]
  if (action) return people('participants', action, child)
  const setting = settingOf(child)
  if (setting) return { kind: 'settings', settings: setting }
  switch (tag) {
    case 'create': {
      const subject = getBinaryNodeChild(child, 'group')?.attrs.subject
      return { kind: 'created', ...(subject === undefined ? {} : { subject }) }
    }
    case 'remove':
    case 'leave':
      return people('participants', isThemselves(child, doer) ? 'left' : 'removed', child)
    case 'subject':
      return { kind: 'subject', subject: attrs.subject ?? '' }
    case 'description': {
      const description = getBinaryNodeChildString(child, 'body')
      return { kind: 'description', ...(description === undefined ? {} : { description }) }
    }
    case 'created_membership_requests':
      return asking('requested', child, doer)
    case 'revoked_membership_requests':
      return asking(isThemselves(child, doer) ? 'withdrawn' : 'declined', child, doer)
    case 'delete':
      return { kind: 'deleted' }
    default:
      return undefined
  }
}

function settingOf(child: BinaryNode): GroupChange['settings'] | undefined {
  switch (child.tag) {
    case 'announcement':
    case 'not_announcement':
      return { announce: child.tag === 'announcement' }
    case 'locked':
    case 'unlocked':
      return { locked: child.tag === 'locked' }
    case 'ephemeral':
      return { ephemeralSeconds: Number(child.attrs.expiration ?? 0) }
    case 'not_ephemeral':
      return { ephemeralSeconds: 0 }
    case 'member_add_mode':
      return { memberAdd: textOf(child) === 'all_member_add' }
    case 'membership_approval_mode':
      return { joinApproval: getBinaryNodeChild(child, 'group_join')?.attrs.state === 'on' }
    case 'invite':
      // The code itself lets anybody in: it is no part of an event that is logged.
      return { inviteChanged: true }
    default:
      return undefined
  }
}

/** Baileys' own notices of a picture name who did it in the child. */
function pictureChange({ tag, attrs }: BinaryNode): GroupChange | undefined {
  if (tag !== 'set' && tag !== 'delete') return undefined
  const byId = attrs.author ? normalizeJid(attrs.author) : undefined
  return { kind: 'picture', ...(byId ? { byId } : {}) }
}

function people(kind: GroupChange['kind'], action: GroupChangeAction, child: BinaryNode): GroupChange {
  return { kind, action, participantIds: peopleIn(child) }
}

/** Without a name in it, it is about whoever did it. */
function asking(action: GroupChangeAction, child: BinaryNode, doer: readonly Jid[]): GroupChange {
  const named = peopleIn(child)
  return { kind: 'requests', action, participantIds: named.length > 0 ? named : doer.slice(0, 1) }
}

/** Of requests to join WhatsApp names people another way. */
function peopleNodes(child: BinaryNode): BinaryNode[] {
  return ['participant', 'requested_user'].flatMap((tag) => getBinaryNodeChildren(child, tag))
}

function peopleIn(child: BinaryNode): Jid[] {
  return peopleNodes(child).flatMap(({ attrs }) => {
    const addresses = addressesOf(attrs)
    return addresses.find(isLid) ?? addresses[0] ?? []
  })
}

function isThemselves(child: BinaryNode, doer: readonly Jid[]): boolean {
  const [first, ...others] = peopleNodes(child)
  if (!first) return true
  return others.length === 0 && addressesOf(first.attrs).some((address) => doer.includes(address))
}

function identitiesIn(child: BinaryNode): IdentityPair[] {
  const group = getBinaryNodeChild(child, 'group')
  return [...pairsIn(peopleNodes(child)), ...(group ? (toGroup(group)?.identities ?? []) : [])]
}

function textOf({ content }: BinaryNode): string | undefined {
  if (typeof content === 'string') return content
  return content instanceof Uint8Array ? Buffer.from(content).toString() : undefined
}
