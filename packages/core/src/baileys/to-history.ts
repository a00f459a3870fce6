import type { BaileysEventMap, Chat, Contact } from '@whiskeysockets/baileys'
import type { ConnectionEvent, WireMessage } from '../ports/connector.js'
import type { ChatChange, ContactChange, IdentityPair } from '../types/chat.js'
import { chatKindOf, type Jid, normalizeJid } from '../types/jid.js'
import type { SessionSettings } from '../types/session.js'
import { isoTime } from '../util/iso-time.js'
import { pairOf, toMessage } from './to-message.js'

type HistoryEvent = Extract<ConnectionEvent, { type: 'history' }>

/** A history sync as one event, with what `preload` keeps of it: which kinds of chats, and the newest messages of each. */
export function toHistory(
  set: BaileysEventMap['messaging-history.set'],
  context: { me: Jid; preload: NonNullable<SessionSettings['preload']> },
): HistoryEvent {
  const kept = (chatId: Jid) => keeps(context.preload.type, chatId)
  const perChat = new Map<Jid, WireMessage[]>()
  for (const wa of set.messages) {
    const translated = toMessage(wa, { me: context.me, source: 'history' })
    if (!translated || !('message' in translated) || !kept(translated.message.chatId)) continue
    const { message } = translated
    const list = perChat.get(message.chatId)
    if (list) list.push(message)
    else perChat.set(message.chatId, [message])
  }
  const newest = [...perChat.values()].flatMap((messages) =>
    messages.sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1)).slice(0, context.preload.limit),
  )
  return {
    type: 'history',
    messages: newest,
    chats: set.chats.map(toChatChange).filter((chat) => chat !== undefined && kept(chat.id)) as ChatChange[],
    contacts: toContactChanges(set.contacts),
    identities: [
      ...(set.lidPnMappings ?? []).map(({ pn, lid }) => pairOf(pn, lid)),
      ...contactPairs(set.contacts),
    ].filter((pair) => pair !== undefined),
    ...(typeof set.progress === 'number' ? { progress: set.progress } : {}),
    done: set.progress === undefined || set.progress === null || set.progress >= 100,
  }
}

function keeps(type: NonNullable<SessionSettings['preload']>['type'], chatId: Jid): boolean {
  if (type === 'all' || type === 'none') return type === 'all'
  return chatKindOf(chatId) === type
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
