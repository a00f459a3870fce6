import type { ChatStore } from '../ports/chat-store.js'
import { comparePositions, decodeCursor } from '../records/cursor.js'
import { chatKindOf, phoneOf } from '../records/jid.js'
import { applyLabel } from '../records/labels.js'
import { applyMessageChange } from '../records/message-change.js'
import { pageOf } from '../records/page.js'
import { contactSearch, contactSearchText } from '../records/search.js'
import {
  applyChatChange,
  applyContactChange,
  CHAT_POSITION_PARTS,
  type ChatRecord,
  type ContactRecord,
  chatOf,
  chatPosition,
  contactOf,
  joinMessages,
  mergeChats,
  newChat,
  publicMessage,
  readdressMessage,
} from '../records/stored.js'
import type { Chat, Contact, IdentityPair, MergedChat } from '../types/chat.js'
import type { Jid } from '../types/jid.js'
import { copyOf } from '../util/copy.js'
import { findMessages, type Mailbox, type Mailboxes, putMessage } from './mailbox.js'

export function createChatStore(mailboxes: Mailboxes): ChatStore {
  return {
    async upsert(sessionId, changes) {
      const mailbox = mailboxes.of(sessionId)
      const before = mailbox.chats.size
      for (const change of changes) {
        const chat = mailbox.chats.get(change.id) ?? newChat(change.id)
        mailbox.chats.set(chat.id, applyChatChange(chat, change))
      }
      const chats = changes.flatMap(({ id }) => viewChat(sessionId, mailbox, mailbox.chats.get(id)) ?? [])
      return { chats, created: mailbox.chats.size - before }
    },

    async get(sessionId, chatId) {
      const mailbox = mailboxes.of(sessionId)
      return viewChat(sessionId, mailbox, mailbox.chats.get(chatId))
    },

    async page(sessionId, { limit, cursor, kind, archived }) {
      const mailbox = mailboxes.of(sessionId)
      const after = cursor === undefined ? undefined : decodeCursor(cursor, CHAT_POSITION_PARTS)
      const matching = [...mailbox.chats.values()]
        .filter((chat) => kind === undefined || chatKindOf(chat.id) === kind)
        .filter((chat) => archived === undefined || chat.archived === archived)
        .filter((chat) => !after || comparePositions(chatPosition(chat), after) < 0)
        .sort((left, right) => comparePositions(chatPosition(right), chatPosition(left)))
      const { items, nextCursor } = copyOf(pageOf(matching, limit, chatPosition))
      const chats = items.flatMap((chat) => viewChat(sessionId, mailbox, chat) ?? [])
      return { items: chats, ...(nextCursor ? { nextCursor } : {}) }
    },

    async count(sessionId) {
      return mailboxes.of(sessionId).chats.size
    },

    async remove(sessionId, chatId) {
      return mailboxes.of(sessionId).chats.delete(chatId)
    },

    async upsertContacts(sessionId, changes) {
      const mailbox = mailboxes.of(sessionId)
      const changed = new Set<Jid>()
      for (const change of changes) {
        const contact = mailbox.contacts.get(change.id)
        const next = applyContactChange(contact ?? { id: change.id }, change)
        if (contact && !next) continue
        mailbox.contacts.set(change.id, next ?? { id: change.id })
        changed.add(change.id)
      }
      return [...changed].flatMap((id) => viewContact(sessionId, mailbox, mailbox.contacts.get(id)) ?? [])
    },

    async getContact(sessionId, contactId) {
      const mailbox = mailboxes.of(sessionId)
      return viewContact(sessionId, mailbox, mailbox.contacts.get(contactId))
    },

    async pageContacts(sessionId, { limit, cursor, text }) {
      const mailbox = mailboxes.of(sessionId)
      const after = cursor === undefined ? '' : (decodeCursor(cursor, 1)[0] ?? '')
      const { words, digits, beginning } = contactSearch(text ?? '')
      const numberOf = ({ id }: ContactRecord) => phoneOf(mailbox.phoneOfLid.get(id) ?? id)
      const contacts = [...mailbox.contacts.values()]
      const begun = beginning === undefined ? [] : contacts.filter((one) => numberOf(one)?.startsWith(beginning))
      const fits = (contact: ContactRecord) =>
        contactSearchText(contact).includes(words) || (digits !== undefined && numberOf(contact)?.includes(digits))
      const found = begun.length > 0 ? begun : contacts.filter(fits)
      const matching = found.filter(({ id }) => id > after)
      matching.sort((left, right) => (left.id < right.id ? -1 : 1))
      const { items, nextCursor } = copyOf(pageOf(matching, limit, ({ id }) => [id]))
      const viewed = items.flatMap((contact) => viewContact(sessionId, mailbox, contact) ?? [])
      return { items: viewed, ...(nextCursor ? { nextCursor } : {}) }
    },

    async upsertLabels(sessionId, labels) {
      const mailbox = mailboxes.of(sessionId)
      const changed = new Set<string>()
      for (const given of labels) {
        const label = applyLabel(mailbox.labels.get(given.id), given)
        if (!label) continue
        mailbox.labels.set(label.id, label)
        if (label.deleted) takeOff(mailbox, label.id)
        changed.add(label.id)
      }
      return copyOf([...changed].flatMap((id) => mailbox.labels.get(id) ?? []))
    },

    async labels(sessionId) {
      const labels = [...mailboxes.of(sessionId).labels.values()]
      return copyOf(labels.sort((left, right) => (left.id < right.id ? -1 : 1)))
    },

    async mapIdentities(sessionId, pairs) {
      const mailbox = mailboxes.of(sessionId)
      for (const pair of pairs) learn(mailbox, pair)
      const ids = new Map(pairs.map(({ pn }) => [pn, mailbox.lidOfPhone.get(pn) ?? pn]))
      moveMessages(mailbox, ids)
      return [...ids].flatMap(([pn, lid]) => {
        moveContact(mailbox, pn, lid)
        return moveChat(mailbox, pn, lid)
      })
    },

    async resolve(sessionId, jids) {
      const { lidOfPhone } = mailboxes.of(sessionId)
      return jids.map((jid) => lidOfPhone.get(jid) ?? jid)
    },

    async learnDialled(sessionId, numbers) {
      const { foundUnder } = mailboxes.of(sessionId)
      for (const { dialled, jid } of numbers) foundUnder.set(dialled, jid)
    },

    async resolveDialled(sessionId, jid) {
      const { lidOfPhone, foundUnder } = mailboxes.of(sessionId)
      const found = foundUnder.get(jid) ?? jid
      return lidOfPhone.get(jid) ?? lidOfPhone.get(found) ?? found
    },

    async phonesOf(sessionId, lids) {
      const { phoneOfLid } = mailboxes.of(sessionId)
      return new Map(lids.flatMap((lid) => (phoneOfLid.has(lid) ? [[lid, phoneOfLid.get(lid) ?? lid]] : [])))
    },

    async removeAll(sessionId) {
      const { chats, contacts, labels, lidOfPhone, phoneOfLid, foundUnder } = mailboxes.of(sessionId)
      for (const map of [chats, contacts, labels, lidOfPhone, phoneOfLid, foundUnder]) map.clear()
    },
  }
}

function viewChat(sessionId: string, mailbox: Mailbox, chat: ChatRecord | undefined): Chat | undefined {
  if (!chat) return undefined
  const [last] = chat.last ? findMessages(mailbox, { ...chat.last, chatId: chat.id }) : []
  const found = { phoneJid: mailbox.phoneOfLid.get(chat.id), lastMessage: last && publicMessage(last) }
  return copyOf(chatOf(sessionId, chat, found))
}

function viewContact(sessionId: string, mailbox: Mailbox, contact: ContactRecord | undefined): Contact | undefined {
  return contact && contactOf(sessionId, contact, mailbox.phoneOfLid.get(contact.id))
}

/** A label that is no more is on nothing. */
function takeOff(mailbox: Mailbox, labelId: string): void {
  for (const chat of mailbox.chats.values())
    mailbox.chats.set(chat.id, applyChatChange(chat, { id: chat.id, labels: { [labelId]: false } }))
  for (const message of [...mailbox.messages.values()].flat()) {
    const without = applyMessageChange(message, { kind: 'label', labelId, labeled: false })
    if (without) putMessage(mailbox, message, without)
  }
}

/** A phone number has one LID, the newest; a LID has one phone number, the newest. */
function learn(mailbox: Mailbox, { pn, lid }: IdentityPair): void {
  const former = mailbox.lidOfPhone.get(pn)
  if (former !== undefined && former !== lid && mailbox.phoneOfLid.get(former) === pn) mailbox.phoneOfLid.delete(former)
  mailbox.lidOfPhone.set(pn, lid)
  mailbox.phoneOfLid.set(lid, pn)
}

function moveMessages(mailbox: Mailbox, ids: ReadonlyMap<Jid, Jid>): void {
  const moving = [...mailbox.messages.values()]
    .flat()
    .filter(({ chatId, senderId }) => ids.has(chatId) || ids.has(senderId))
  for (const message of moving) {
    const moved = readdressMessage(message, ids)
    const [twin] = findMessages(mailbox, moved)
    putMessage(mailbox, message, moved)
    if (!twin || twin === message) continue
    putMessage(mailbox, twin, joinMessages(twin, moved))
    mailbox.messages.set(
      moved.id,
      (mailbox.messages.get(moved.id) ?? []).filter((other) => other !== moved),
    )
  }
}

function moveChat(mailbox: Mailbox, from: Jid, to: Jid): MergedChat[] {
  // Last messages name their sender, who may be the person whose id has just moved, in any chat.
  for (const chat of mailbox.chats.values()) {
    if (chat.last?.senderId === from) chat.last = { ...chat.last, senderId: to }
  }
  const moved = mailbox.chats.get(from)
  if (!moved) return []
  const kept = mailbox.chats.get(to)
  mailbox.chats.set(to, kept ? mergeChats(kept, moved) : { ...moved, id: to })
  mailbox.chats.delete(from)
  return [{ chatId: to, mergedFrom: from }]
}

function moveContact(mailbox: Mailbox, from: Jid, to: Jid): void {
  const moved = mailbox.contacts.get(from)
  if (!moved) return
  mailbox.contacts.delete(from)
  mailbox.contacts.set(to, { ...moved, ...mailbox.contacts.get(to), id: to })
}
