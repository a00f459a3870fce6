import { type BaileysEventMap, type Chat, type Contact, proto } from '@whiskeysockets/baileys'
import type { ConnectionEvent, WireMessage } from '../../ports/connector.js'
import { normalizeJid } from '../../records/jid.js'
import type { ChatChange, ContactChange, IdentityPair } from '../../types/chat.js'
import type { Jid } from '../../types/jid.js'
import { isoTime } from '../../util/iso-time.js'
import type { Preload } from './preload.js'
import { withReactionsAndVotes } from './reactions-and-votes.js'
import { pairOf, toMessage } from './to-message.js'

type HistoryEvent = Extract<ConnectionEvent, { type: 'history' }>

const { HistorySyncType } = proto.HistorySync

/** A part of a history as one event, with what `preload` keeps of it. */
export function toHistory(
  set: BaileysEventMap['messaging-history.set'],
  { me, preload }: { me: Jid; preload: Preload },
): HistoryEvent {
  const messages = set.messages.flatMap((wa) => {
    const translated = toMessage(wa, { me, source: 'history' })
    return translated && 'message' in translated ? [withReactionsAndVotes(translated.message, wa, me)] : []
  })
  preload.admit(newestOfEach(set.chats, messages))
  // What was asked for is wanted, whatever chat it is of.
  const kept = (chatId: Jid) => set.syncType === HistorySyncType.ON_DEMAND || preload.keeps(chatId)
  // Later parts tell the same number again, when the chat may have been read.
  const counts = set.syncType === HistorySyncType.INITIAL_BOOTSTRAP
  return {
    type: 'history',
    messages: messages.filter(({ chatId }) => kept(chatId)),
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

/** When something was said last in each chat, in milliseconds since 1970. */
function newestOfEach(chats: readonly Chat[], messages: readonly WireMessage[]): Map<Jid, number> {
  const newest = new Map<Jid, number>()
  const heard = (chatId: Jid, at: number) => newest.set(chatId, Math.max(newest.get(chatId) ?? 0, at))
  for (const { id, conversationTimestamp } of chats) {
    const chatId = id ? normalizeJid(id) : undefined
    if (chatId) heard(chatId, Number(conversationTimestamp ?? 0) * 1000 || 0)
  }
  for (const { chatId, timestamp } of messages) heard(chatId, Date.parse(timestamp))
  return newest
}

/** What Baileys says about a chat. Its unread counts of live messages are increments, which the message itself brings. */
export function toChatChange(chat: Partial<Chat> & { id?: string | null | undefined }): ChatChange | undefined {
  const id = chat.id ? normalizeJid(chat.id) : undefined
  if (!id) return undefined
  const change: ChatChange = { id }
  if (chat.name) change.name = chat.name
  if (typeof chat.archived === 'boolean') change.archived = chat.archived
  if (chat.pinned !== undefined) change.pinned = Number(chat.pinned ?? 0) > 0
  if (chat.muteEndTime !== undefined) change.mutedUntil = mutedUntil(chat.muteEndTime)
  if (chat.unreadCount === 0) change.unreadCount = 0
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
      changes.push({ id: jid, ...(name ? { name } : {}), ...(notify ? { pushName: notify } : {}) })
  }
  return changes
}

export function contactPairs(contacts: readonly Partial<Contact>[]): IdentityPair[] {
  return contacts
    .flatMap(({ id, lid, phoneNumber }) => [pairOf(id, lid), pairOf(id, phoneNumber), pairOf(phoneNumber, lid)])
    .filter((pair) => pair !== undefined)
}
