import type { BaileysEventMap } from '@whiskeysockets/baileys'
import { normalizeJid } from '../../records/jid.js'
import type { GroupChange, GroupSettings } from '../../types/group.js'
import type { Jid } from '../../types/jid.js'
import { bounded, shortened } from './bounds.js'

type GroupUpdate = BaileysEventMap['groups.update'][number]
type ParticipantsUpdate = BaileysEventMap['group-participants.update']

const ACTIONS = { add: 'added', remove: 'removed', promote: 'promoted', demote: 'demoted', modify: 'changed' } as const

/** What Baileys' update of a group says; nothing when it tells the whole group, as after a login. */
export function toGroupChange(update: GroupUpdate): GroupChange | undefined {
  if (update.participants) return undefined
  const by = byOf(update.author)
  if (update.subject !== undefined) return { kind: 'subject', subject: shortened(update.subject), ...by }
  if ('desc' in update)
    return bounded<GroupChange>({ kind: 'description', ...(update.desc ? { description: update.desc } : {}), ...by })
  const settings = settingsOf(update)
  return Object.keys(settings).length > 0 ? { kind: 'settings', settings, ...by } : undefined
}

export function toParticipantsChange({ author, participants, action }: ParticipantsUpdate): GroupChange {
  const participantIds = participants.flatMap(({ id }) => normalizeJid(id) ?? [])
  return { kind: 'participants', action: ACTIONS[action], participantIds, ...byOf(author) }
}

export function toCreatedGroup({ subject, author }: BaileysEventMap['groups.upsert'][number]): GroupChange {
  return { kind: 'created', subject: shortened(subject), ...byOf(author) }
}

function settingsOf({ announce, restrict, memberAddMode, joinApprovalMode, inviteCode }: GroupUpdate): GroupSettings {
  return {
    ...(announce === undefined ? {} : { adminsWrite: announce }),
    ...(restrict === undefined ? {} : { adminsEdit: restrict }),
    ...(memberAddMode === undefined ? {} : { adminsAdd: !memberAddMode }),
    ...(joinApprovalMode === undefined ? {} : { joiningIsApproved: joinApprovalMode }),
    // The code itself lets anybody in: it is no part of an event that is logged.
    ...(inviteCode === undefined ? {} : { inviteChanged: true }),
  }
}

function byOf(author: string | undefined): { byId?: Jid } {
  const byId = author ? normalizeJid(author) : undefined
  return byId ? { byId } : {}
}
