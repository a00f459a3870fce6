import type { MessageQuery, MessageStore } from '../ports/message-store.js'
import { comparePositions, messageBoundary, messagePosition } from '../records/cursor.js'
import { applyMessageChange, refsOf } from '../records/message-change.js'
import { countsAsUnread, laterOf, mergeMessage, movesChatOn, newChat } from '../records/stored.js'
import type { Message, StoredMessage } from '../types/message.js'
import { findMessages, type Mailbox, type Mailboxes, putMessage, withoutRaw } from './mailbox.js'
import { pageOf } from './page.js'

export function createMessageStore(mailboxes: Mailboxes): MessageStore {
  return {
    async upsert(sessionId, messages) {
      const mailbox = mailboxes.of(sessionId)
      const chatsBefore = mailbox.chats.size
      const inserted = messages.map((message) => upsertOne(mailbox, copyOf(message)))
      return { inserted, chatsCreated: mailbox.chats.size - chatsBefore }
    },

    async change(sessionId, ref, change) {
      const mailbox = mailboxes.of(sessionId)
      const named = refsOf(ref).flatMap((each) => findMessages(mailbox, each))
      return named.flatMap((message) => {
        const changed = applyMessageChange(message, structuredClone(change))
        if (!changed) return []
        putMessage(mailbox, message, changed)
        return [structuredClone({ before: withoutRaw(message), after: withoutRaw(changed) })]
      })
    },

    async find(sessionId, ref) {
      return structuredClone(findMessages(mailboxes.of(sessionId), ref))
    },

    async findByClientId(sessionId, clientMessageId) {
      return structuredClone(
        ordered(mailboxes.of(sessionId)).find((message) => message.clientMessageId === clientMessageId),
      )
    },

    async page(sessionId, query) {
      const matching = ordered(mailboxes.of(sessionId)).filter(matches(query)).map(withoutRaw)
      return pageOf(query.after === undefined ? matching.reverse() : matching, query.limit, messagePosition)
    },

    async listPending(sessionId) {
      const pending = ordered(mailboxes.of(sessionId)).filter(({ fromMe, status }) => fromMe && status === 'pending')
      return structuredClone(pending)
    },

    async count(sessionId) {
      return ordered(mailboxes.of(sessionId)).length
    },

    async prune({ before, sessionId, limit = Number.POSITIVE_INFINITY }) {
      const pruned = sessionId === undefined ? [...mailboxes.all()] : [mailboxes.of(sessionId)]
      return pruned.reduce((count, mailbox) => {
        const old = ordered(mailbox).filter(({ timestamp }) => timestamp < before)
        return count + removeMessages(mailbox, old.slice(0, limit - count))
      }, 0)
    },

    async trim(sessionId, { keep, limit = Number.POSITIVE_INFINITY }) {
      const mailbox = mailboxes.of(sessionId)
      const messages = ordered(mailbox)
      return removeMessages(mailbox, messages.slice(0, Math.min(limit, Math.max(0, messages.length - keep))))
    },

    async removeAll(sessionId) {
      mailboxes.of(sessionId).messages.clear()
    },
  }
}

/** Its bytes alone: `structuredClone` would copy the whole buffer that they are a part of, 8 to 64 kB for each message. */
function copyOf({ raw, ...message }: StoredMessage): StoredMessage {
  return { ...structuredClone(message), ...(raw ? { raw: Uint8Array.from(raw) } : {}) }
}

/** Stores one message and moves its chat on; answers whether it was new. */
function upsertOne(mailbox: Mailbox, message: StoredMessage): boolean {
  const stored = findMessages(mailbox, message)[0]
  if (stored) putMessage(mailbox, stored, mergeMessage(stored, message) ?? stored)
  else putMessage(mailbox, undefined, message)

  const chat = mailbox.chats.get(message.chatId) ?? newChat(message.chatId)
  const { timestamp, id, senderId } = message
  const last = movesChatOn(message) ? laterOf(chat.last, { timestamp, id, senderId }) : chat.last
  const unreadCount = chat.unreadCount + (!stored && countsAsUnread(message) ? 1 : 0)
  mailbox.chats.set(chat.id, { ...chat, unreadCount, ...(last ? { last } : {}) })
  return !stored
}

/** Oldest first. */
function ordered(mailbox: Mailbox): StoredMessage[] {
  const messages = [...mailbox.messages.values()].flat()
  return messages.sort((left, right) => comparePositions(messagePosition(left), messagePosition(right)))
}

function matches({ chatId, before, after, type, fromMe, text }: MessageQuery): (message: Message) => boolean {
  const end = before === undefined ? undefined : messageBoundary(before, 'before')
  const start = after === undefined ? undefined : messageBoundary(after, 'after')
  return (message) =>
    (chatId === undefined || message.chatId === chatId) &&
    (type === undefined ? message.type !== 'hidden' : message.type === type) &&
    (fromMe === undefined || message.fromMe === fromMe) &&
    (text === undefined || (message.text ?? '').toLowerCase().includes(text.toLowerCase())) &&
    (!end || comparePositions(messagePosition(message), end) < 0) &&
    (!start || comparePositions(messagePosition(message), start) > 0)
}

function removeMessages(mailbox: Mailbox, removed: readonly StoredMessage[]): number {
  for (const message of removed) {
    const kept = mailbox.messages.get(message.id)?.filter((other) => other !== message) ?? []
    if (kept.length === 0) mailbox.messages.delete(message.id)
    else mailbox.messages.set(message.id, kept)
  }
  return removed.length
}
