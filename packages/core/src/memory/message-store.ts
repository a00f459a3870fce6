import type { EventLog } from '../ports/event-log.js'
import type { ChangeOutcome, MessageQuery, MessageStore, Upserted } from '../ports/message-store.js'
import { comparePositions, messageBoundary, messagePosition } from '../records/cursor.js'
import { applyMessageChange, refsOf } from '../records/message-change.js'
import { pageOf } from '../records/page.js'
import { searchForm } from '../records/search.js'
import {
  fillsIn,
  type LastMessage,
  lastMessageOf,
  laterOf,
  mergeMessage,
  messageFor,
  movesChatOn,
  newChat,
  publicMessage,
  unreadAfter,
} from '../records/stored.js'
import type { Jid } from '../types/jid.js'
import type { Message, MessageChange, MessageRefs, StoredMessage } from '../types/message.js'
import { copyOf } from '../util/copy.js'
import { findMessages, type Mailbox, type Mailboxes, putMessage } from './mailbox.js'

export function createMessageStore(mailboxes: Mailboxes, events: Pick<EventLog, 'append'>): MessageStore {
  return {
    async upsert(sessionId, messages) {
      return upsertAll(mailboxes.of(sessionId), messages)
    },

    async change(sessionId, ref, change) {
      return changeAll(mailboxes.of(sessionId), ref, change).changed
    },

    async record(sessionId, { messages = [], changes = [], events: eventsOf }) {
      const mailbox = mailboxes.of(sessionId)
      const upserted = upsertAll(mailbox, messages)
      const outcome = { ...upserted, changes: changes.map(({ ref, change }) => changeAll(mailbox, ref, change)) }
      return { ...outcome, events: await events.append(sessionId, eventsOf(outcome)) }
    },

    async find(sessionId, ref) {
      return copyOf(findMessages(mailboxes.of(sessionId), ref))
    },

    async findByClientId(sessionId, clientMessageId) {
      return copyOf(ordered(mailboxes.of(sessionId)).findLast((message) => message.clientMessageId === clientMessageId))
    },

    async page(sessionId, query) {
      const matching = ordered(mailboxes.of(sessionId)).filter(matches(query))
      const ranked = query.after === undefined ? matching.reverse() : matching
      const found = query.raw ? ranked : ranked.map(withoutBytes)
      const { items, ...rest } = copyOf(pageOf(found, query.limit, messagePosition))
      return { items: items.map((message) => messageFor(query, message)), ...rest }
    },

    async listPending(sessionId) {
      const pending = ordered(mailboxes.of(sessionId)).filter(({ fromMe, status }) => fromMe && status === 'pending')
      return copyOf(pending)
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

    async removeChat(sessionId, chatId, { until, keepStarred = false }) {
      const mailbox = mailboxes.of(sessionId)
      const removed = ordered(mailbox).filter(
        (message) => message.chatId === chatId && message.timestamp <= until && !(keepStarred && message.starred),
      )
      return removeMessages(mailbox, removed)
    },

    async removeAll(sessionId) {
      mailboxes.of(sessionId).messages.clear()
    },
  }
}

function withoutBytes({ raw: _, ...message }: StoredMessage): StoredMessage {
  return message
}

function upsertAll(mailbox: Mailbox, messages: readonly StoredMessage[]): Upserted {
  const chatsBefore = mailbox.chats.size
  const inserted = messages.map((message) => upsertOne(mailbox, copyOf(message)))
  return { inserted, chatsCreated: mailbox.chats.size - chatsBefore }
}

/** Stores one message and moves its chat on; answers whether it was new. */
function upsertOne(mailbox: Mailbox, message: StoredMessage): boolean {
  const known = findMessages(mailbox, message)[0]
  const stored = known ? (mergeMessage(known, message) ?? known) : message
  const isNew = !known || fillsIn(known, message)
  putMessage(mailbox, known, stored)

  const chat = mailbox.chats.get(message.chatId) ?? newChat(message.chatId)
  const last = movesChatOn(stored) ? laterOf(chat.last, lastMessageOf(stored)) : chat.last
  const unreadCount = isNew ? unreadAfter(chat.unreadCount, message) : chat.unreadCount
  mailbox.chats.set(chat.id, { ...chat, unreadCount, ...(last ? { last } : {}) })
  return isNew
}

function changeAll(mailbox: Mailbox, ref: MessageRefs, given: MessageChange): ChangeOutcome {
  const outcome: ChangeOutcome = { changed: [], unchanged: [] }
  for (const message of refsOf(ref).flatMap((each) => findMessages(mailbox, each))) {
    const changed = applyMessageChange(message, copyOf(given))
    if (changed) {
      putMessage(mailbox, message, changed)
      if (changed.timestamp !== message.timestamp) retime(mailbox, message, changed)
    }
    const before = copyOf(publicMessage(message))
    if (changed) outcome.changed.push({ before, after: copyOf(publicMessage(changed)) })
    else outcome.unchanged.push(before)
  }
  return outcome
}

/** The last message of the chat after one of its messages got another time. */
function retime(mailbox: Mailbox, before: StoredMessage, after: StoredMessage): void {
  const chat = mailbox.chats.get(after.chatId)
  if (!chat || !movesChatOn(after)) return
  const wasLast = chat.last?.id === before.id && chat.last.senderId === before.senderId
  const moved = lastMessageOf(after)
  const isEarlier = after.timestamp < before.timestamp
  const last = wasLast ? (isEarlier ? newestOf(mailbox, chat.id) : moved) : laterOf(chat.last, moved)
  mailbox.chats.set(chat.id, { ...chat, ...(last ? { last } : {}) })
}

function newestOf(mailbox: Mailbox, chatId: Jid): LastMessage | undefined {
  const newest = ordered(mailbox).findLast((message) => message.chatId === chatId && movesChatOn(message))
  return newest && lastMessageOf(newest)
}

/** Oldest first. */
function ordered(mailbox: Mailbox): StoredMessage[] {
  const messages = [...mailbox.messages.values()].flat()
  return messages.sort((left, right) => comparePositions(messagePosition(left), messagePosition(right)))
}

function matches({ chatId, before, after, type, fromMe, text }: MessageQuery): (message: Message) => boolean {
  const end = before === undefined ? undefined : messageBoundary(before, 'before')
  const start = after === undefined ? undefined : messageBoundary(after, 'after')
  const sought = searchForm(text ?? '')
  return (message) =>
    (chatId === undefined || message.chatId === chatId) &&
    (type === undefined ? message.type !== 'hidden' : message.type === type) &&
    (fromMe === undefined || message.fromMe === fromMe) &&
    (text === undefined || searchForm(message.text ?? '').includes(sought)) &&
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
