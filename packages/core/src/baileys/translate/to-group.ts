import {
  type BinaryNode,
  type GroupMetadata,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  getBinaryNodeChildString,
} from '@whiskeysockets/baileys'
import type { WireGroup, WireJoinRequest, WireOutcome } from '../../ports/group-connection.js'
import { isLid, isPhoneJid, normalizeJid, phoneOf } from '../../records/jid.js'
import type { IdentityPair } from '../../types/chat.js'
import type { GroupParticipant, GroupRole, GroupSettings, ParticipantProblem } from '../../types/group.js'
import type { Jid } from '../../types/jid.js'
import { bounded, shortened } from './bounds.js'
import { pairOf } from './to-message.js'

/** What a `group` stanza says; `undefined` when it names no group. People that it tells an error of are not in the group. */
export function toGroup(group: BinaryNode): WireGroup | undefined {
  const { attrs } = group
  const id = groupIdOf(attrs.id)
  if (!id) return undefined
  const ownerId = attrs.creator ? normalizeJid(attrs.creator) : undefined
  const createdAt = timeOf(attrs.creation)
  const description = descriptionOf(group)
  const communityId = groupIdOf(getBinaryNodeChild(group, 'linked_parent')?.attrs.jid)
  const present = getBinaryNodeChildren(group, 'participant').filter(({ attrs: { error } }) => error === undefined)
  const owner = [pairOf(attrs.creator, attrs.creator_pn)]
  return {
    id,
    subject: shortened(attrs.subject ?? ''),
    ...(description === undefined ? {} : bounded({ description })),
    ...(ownerId ? { ownerId } : {}),
    ...(createdAt ? { createdAt } : {}),
    participants: present.flatMap((participant) => participantOf(participant) ?? []),
    settings: settingsOf(group),
    ...(getBinaryNodeChild(group, 'parent') ? { isCommunity: true } : {}),
    ...(communityId ? { communityId } : {}),
    identities: [...owner.filter((pair) => pair !== undefined), ...pairsIn(present)],
  }
}

/** The same for Baileys, which sends to those whom it names. */
export function toGroupMetadata({ attrs, content }: BinaryNode, group: WireGroup): GroupMetadata {
  const { ephemeralSeconds } = group.settings
  const children = Array.isArray(content) ? content.filter(({ tag }) => tag === 'participant') : []
  return {
    id: group.id,
    subject: group.subject,
    owner: group.ownerId,
    addressingMode: (attrs.addressing_mode === 'lid' ? 'lid' : 'pn') as NonNullable<GroupMetadata['addressingMode']>,
    participants: children
      .filter(({ attrs: { jid, error } }) => jid !== undefined && error === undefined)
      .map(({ attrs: { jid = '', phone_number, lid, type } }) => ({
        id: jid,
        ...(phone_number ? { phoneNumber: phone_number } : {}),
        ...(lid ? { lid } : {}),
        admin: type === 'admin' || type === 'superadmin' ? type : null,
      })),
    ...(ephemeralSeconds ? { ephemeralDuration: ephemeralSeconds } : {}),
  }
}

/** The answer for each person that is named in the answer to an action. */
export function toOutcomes(answer: BinaryNode | undefined, problems: Problems): WireOutcome[] {
  return getBinaryNodeChildren(answer, 'participant').map(({ attrs }) => ({
    addresses: addressesOf(attrs),
    ...(attrs.error === undefined || attrs.error === '200' ? {} : { problem: problems[attrs.error] ?? 'REFUSED' }),
  }))
}

export type Problems = Readonly<Record<string, ParticipantProblem | undefined>>

/** What WhatsApp's numbers mean beside somebody who was to be let in, as whatsmeow and public threads tell. */
export const ADD_PROBLEMS: Problems = {
  401: 'BLOCKED',
  403: 'INVITATION_NEEDED',
  404: 'NOT_ON_WHATSAPP',
  408: 'LEFT_RECENTLY',
  409: 'ALREADY_IN_GROUP',
  419: 'GROUP_FULL',
}

/** And beside somebody who is in the group, or asks to be. */
export const MEMBER_PROBLEMS: Problems = {
  401: 'NOT_ALLOWED',
  403: 'NOT_ALLOWED',
  404: 'NOT_IN_GROUP',
  405: 'NOT_ALLOWED',
  406: 'NOT_ALLOWED',
  419: 'GROUP_FULL',
}

export function toJoinRequests(answer: BinaryNode | undefined): WireJoinRequest[] {
  return getBinaryNodeChildren(answer, 'membership_approval_request').flatMap(({ attrs }) => {
    const [id] = addressesOf(attrs)
    const requestedAt = timeOf(attrs.request_time)
    if (!id) return []
    return [{ id, identities: pairsIn([{ tag: '', attrs }]), ...(requestedAt ? { requestedAt } : {}) }]
  })
}

/** Both addresses of everybody whom the stanzas name by both. */
export function pairsIn(people: readonly BinaryNode[]): IdentityPair[] {
  return people.flatMap(({ attrs: { jid, phone_number, lid } }) => pairOf(jid, phone_number ?? lid) ?? [])
}

interface Addresses {
  jid?: string | undefined
  phone_number?: string | undefined
  lid?: string | undefined
}

/** Every address that a stanza names somebody by; the first is the one that the group uses. */
export function addressesOf({ jid, phone_number, lid }: Addresses): Jid[] {
  return [jid, phone_number, lid].flatMap((address) => (address ? (normalizeJid(address) ?? []) : []))
}

/** With or without its server, as the stanzas have it. */
export function groupIdOf(id: string | undefined): Jid | undefined {
  if (!id) return undefined
  return normalizeJid(id.includes('@') ? id : `${id}@g.us`)
}

/** Seconds since 1970 as an ISO time. */
export function timeOf(seconds: string | undefined): string | undefined {
  return Number(seconds) > 0 ? new Date(Number(seconds) * 1_000).toISOString() : undefined
}

function participantOf({ attrs }: BinaryNode): GroupParticipant | undefined {
  const addresses = addressesOf(attrs)
  const id = addresses.find(isLid) ?? addresses[0]
  if (!id) return undefined
  const phone = addresses.filter(isPhoneJid).map(phoneOf)[0]
  return { id, ...(phone ? { phone } : {}), role: ROLES[attrs.type ?? ''] ?? 'member' }
}

const ROLES: Readonly<Record<string, GroupRole | undefined>> = { admin: 'admin', superadmin: 'owner' }

function descriptionOf(group: BinaryNode): string | undefined {
  const description = getBinaryNodeChild(group, 'description')
  return description ? getBinaryNodeChildString(description, 'body') : undefined
}

function settingsOf(group: BinaryNode): GroupSettings {
  const has = (tag: string) => getBinaryNodeChild(group, tag) !== undefined
  const approval = getBinaryNodeChild(getBinaryNodeChild(group, 'membership_approval_mode'), 'group_join')
  const ephemeralSeconds = Number(getBinaryNodeChild(group, 'ephemeral')?.attrs.expiration ?? 0)
  return {
    announce: has('announcement'),
    locked: has('locked'),
    joinApproval: has('membership_approval_mode') && approval?.attrs.state !== 'off',
    memberAdd: getBinaryNodeChildString(group, 'member_add_mode') === 'all_member_add',
    ...(ephemeralSeconds > 0 ? { ephemeralSeconds } : {}),
  }
}
