import type { ChatRecord, ContactRecord } from '../records/stored.js'
import type { Jid } from '../types/jid.js'
import type { LabelRecord } from '../types/label.js'
import type { MessageRef, StoredMessage } from '../types/message.js'

/** One session's messages, chats and contacts, shared by the message store and the chat store. */
export interface Mailbox {
  /** By id: several messages may have the same one. */
  messages: Map<string, StoredMessage[]>
  chats: Map<Jid, ChatRecord>
  contacts: Map<Jid, ContactRecord>
  labels: Map<string, LabelRecord>
  lidOfPhone: Map<Jid, Jid>
  phoneOfLid: Map<Jid, Jid>
  /** Where numbers were found that are dialled another way. */
  foundUnder: Map<Jid, Jid>
}

export interface Mailboxes {
  of(sessionId: string): Mailbox
  all(): Iterable<Mailbox>
}

export function createMailboxes(): Mailboxes {
  const mailboxes = new Map<string, Mailbox>()
  return {
    of(sessionId) {
      const mailbox = mailboxes.get(sessionId) ?? {
        messages: new Map(),
        chats: new Map(),
        contacts: new Map(),
        labels: new Map(),
        lidOfPhone: new Map(),
        phoneOfLid: new Map(),
        foundUnder: new Map(),
      }
      mailboxes.set(sessionId, mailbox)
      return mailbox
    },
    all: () => mailboxes.values(),
  }
}

export function findMessages(mailbox: Mailbox, { id, chatId, senderId }: MessageRef): StoredMessage[] {
  const matching = mailbox.messages.get(id) ?? []
  return matching.filter(
    (message) => (chatId ?? message.chatId) === message.chatId && (senderId ?? message.senderId) === message.senderId,
  )
}

/** Puts `next` in the place of `current`, or adds it when there is none. */
export function putMessage(mailbox: Mailbox, current: StoredMessage | undefined, next: StoredMessage): void {
  const others = (mailbox.messages.get(next.id) ?? []).filter((message) => message !== current)
  mailbox.messages.set(next.id, [...others, next])
}
