import { type BaileysEventMap, type Chat, type Contact, proto, toNumber, type WAMessage } from '@whiskeysockets/baileys'
import type { ConnectionEvent, WireChange } from '../../ports/connector.js'
import { isBroadcastList, normalizeJid, wireJid } from '../../records/jid.js'
import type { ChatChange, ContactChange, IdentityPair } from '../../types/chat.js'
import type { Jid } from '../../types/jid.js'
import { isoTime } from '../../util/iso-time.js'
import { shortened } from './bounds.js'
import type { Preload } from './preload.js'
import { withReactionsAndVotes } from './reactions-and-votes.js'
import { pairOf, type Translated, toMessage } from './to-message.js'

type HistoryEvent = Extract<ConnectionEvent, { type: 'history' }>

const { HistorySyncType } = proto.HistorySync

/** A part of a history as one event, with what `preload` keeps of it: it must have been told of all chats before. */
export function toHistory(
  set: BaileysEventMap['messaging-history.set'],
  { me, preload }: { me: Jid; preload: Preload },
): HistoryEvent {
  const entries = set.messages.flatMap((wa) => entryOf(wa, me) ?? [])
  const messages = entries.flatMap((entry) => ('message' in entry ? [entry.message] : []))
  const changes = entries.flatMap((entry) => ('change' in entry ? [entry.change] : []))
  // What was asked for is wanted, whatever chat it is of.
  const kept = (chatId: Jid) => set.syncType === HistorySyncType.ON_DEMAND || preload.keeps(chatId)
  // Later parts tell the same number again, when the chat may have been read.
  const counts = set.syncType === HistorySyncType.INITIAL_BOOTSTRAP
  return {
    type: 'history',
    messages: messages.filter(({ chatId }) => kept(chatId)),
    changes: changes.filter(({ chatId }) => kept(chatId)),
    chats: set.chats.flatMap((chat) => {
      const change = toChatChange(chat)
      if (!change || !kept(change.id)) return []
      const unread = Number(chat.unreadCount ?? 0)
      return [counts && unread > 0 ? { ...change, unreadCount: unread } : change]
    }),
    contacts: toContactChanges(set.contacts),
    identities: [
      ...(set.lidPnMappings ?? []).map(({ pn, lid }) => pairOf(pn, lid)),
      ...contactPairs(set.contacts),
    ].filter((pair) => pair !== undefined),
    ...(typeof set.progress === 'number' ? { progress: set.progress } : {}),
    done: set.progress === undefined || set.progress === null || set.progress >= 100,
  }
}

/**
 * A message at its place. What was edited or deleted stands in a history as the edit or the deletion, without what was there
 * before; other changes are for messages that the history, or an earlier one, brings.
 */
function entryOf(wa: WAMessage, me: Jid): Translated {
  const translated = toMessage(wa, { me, source: 'history' })
  if (!translated) return undefined
  if ('message' in translated) return { message: withReactionsAndVotes(translated.message, wa, me) }
  const { change } = translated
  const { kept } = change
  if (!kept || (change.kind !== 'edit' && change.kind !== 'delete')) return { change }
  const senderId = authorOf(change)
  const fromMe = senderId === kept.senderId ? kept.fromMe : senderId === me
  const place = { ...kept, id: change.messageId, senderId, fromMe }
  if (change.kind === 'delete') return { message: { ...place, type: 'text', deletedAt: change.at } }
  const {
    kind: _kind,
    id: _id,
    messageId: _messageId,
    at,
    kept: _kept,
    chatId: _chat,
    senderId: _sender,
    ...said
  } = change
  return { message: withReactionsAndVotes({ ...place, ...said, type: said.type ?? 'text', editedAt: at }, wa, me) }
}

/** An administrator's deletion names the author of what it deletes. */
function authorOf(change: WireChange): Jid {
  const named = change.kind === 'delete' && change.id !== change.messageId ? change.authorId : undefined
  return named ?? change.senderId
}

/** When something was said last in each chat, in seconds since 1970. */
export function newestOfEach({ chats, messages }: BaileysEventMap['messaging-history.set']): Map<Jid, number> {
  const newest = new Map<string, number>()
  const heard = (id: string | null | undefined, seconds: Chat['conversationTimestamp']) => {
    if (id) newest.set(id, Math.max(newest.get(id) ?? 0, toNumber(seconds)))
  }
  for (const { id, conversationTimestamp } of chats) heard(id, conversationTimestamp)
  for (const { key, messageTimestamp } of messages) {
    const isFromList = isBroadcastList(key.remoteJid ?? '') && !key.fromMe
    heard(isFromList ? key.participant : key.remoteJid, messageTimestamp)
  }
  // Two spellings of one address are one chat.
  const byJid = new Map<Jid, number>()
  for (const [id, seconds] of newest) byJid.set(wireJid(id), Math.max(byJid.get(wireJid(id)) ?? 0, seconds))
  return byJid
}

/** What Baileys says about a chat. Its unread counts of live messages are increments, which the message itself brings. */
export function toChatChange(chat: Partial<Chat> & { id?: string | null | undefined }): ChatChange | undefined {
  const id = chat.id ? wireJid(chat.id) : undefined
  if (!id) return undefined
  const change: ChatChange = { id }
  if (chat.name) change.name = shortened(chat.name)
  if (typeof chat.archived === 'boolean') change.archived = chat.archived
  if (chat.pinned !== undefined) change.pinned = Number(chat.pinned ?? 0) > 0
  if (chat.muteEndTime !== undefined) change.mutedUntil = mutedUntil(chat.muteEndTime)
  if (chat.ephemeralExpiration !== undefined) change.disappearsAfterSeconds = Number(chat.ephemeralExpiration) || null
  if (chat.unreadCount === 0) change.unreadCount = 0
  // Marked as unread: a dot on the phone, without a number.
  if (chat.unreadCount === -1) change.unreadCount = 1
  return change
}

/** Milliseconds (or seconds, from app state) since 1970; -1, or later than there are dates, is for ever; nothing is not muted. */
function mutedUntil(end: unknown): string | null {
  const value = Number(end ?? 0)
  if (value === 0 || Number.isNaN(value)) return null
  return isoTime(value > 1e11 ? value : value * 1000) ?? '9999-12-31T00:00:00.000Z'
}

export function toContactChanges(contacts: readonly Partial<Contact>[]): ContactChange[] {
  const changes: ContactChange[] = []
  for (const { id, name, notify } of contacts) {
    const jid = id ? normalizeJid(id) : undefined
    if (jid && (name || notify))
      changes.push({
        id: jid,
        ...(name ? { name: shortened(name) } : {}),
        ...(notify ? { pushName: shortened(notify) } : {}),
      })
  }
  return changes
}

export function contactPairs(contacts: readonly Partial<Contact>[]): IdentityPair[] {
  return contacts
    .flatMap(({ id, lid, phoneNumber }) => [pairOf(id, lid), pairOf(id, phoneNumber), pairOf(phoneNumber, lid)])
    .filter((pair) => pair !== undefined)
}
