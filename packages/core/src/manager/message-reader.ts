import { TrunklineError } from '../errors/trunkline-error.js'
import type { MessageQuery } from '../ports/message-store.js'
import type { Store } from '../ports/store.js'
import { decodeCursor, MESSAGE_POSITION_PARTS } from '../records/cursor.js'
import { isPhoneJid, normalizeJid } from '../records/jid.js'
import { otherNationalForm } from '../records/national-forms.js'
import { messageFor, peopleIn, readdressMessage } from '../records/stored.js'
import type { Chat, Contact } from '../types/chat.js'
import type { ChatKind } from '../types/jid.js'
import type { Label } from '../types/label.js'
import type { Message, MessageRef, RawMessage } from '../types/message.js'
import type { Page, PageOptions } from '../types/page.js'
import { checkLimit } from './validation.js'

/** Reads what sessions have said and heard. Chat ids are taken in any form: a JID of either kind, or a bare phone number. */
export class MessageReader {
  readonly #store: Pick<Store, 'messages' | 'chats'>

  constructor(store: Pick<Store, 'messages' | 'chats'>) {
    this.#store = store
  }

  async page(sessionId: string, query: PageOptions & Omit<MessageQuery, 'limit'>): Promise<Page<RawMessage>> {
    const { cursor, chatId, before, after, ...rest } = query
    const canonical = chatId === undefined ? undefined : await this.#canonical(sessionId, chatId)
    // Checked here for its name: the store knows it as a boundary only.
    if (cursor !== undefined) decodeCursor(cursor, MESSAGE_POSITION_PARTS)
    // A cursor goes on in the direction of the page that gave it.
    const boundary = after === undefined ? { before: cursor ?? before } : { after: cursor ?? after }
    const { items, ...page } = await this.#store.messages.page(sessionId, {
      ...rest,
      limit: checkLimit(query.limit),
      ...(boundary.before === undefined ? {} : { before: boundary.before }),
      ...(boundary.after === undefined ? {} : { after: boundary.after }),
      ...(canonical === undefined ? {} : { chatId: canonical }),
    })
    return { ...page, items: await this.#readdressed(sessionId, items) }
  }

  /** Messages that were read elsewhere, with everybody by the address that counts by now. */
  async addressed(sessionId: string, messages: readonly Message[]): Promise<Message[]> {
    return this.#readdressed(sessionId, messages)
  }

  async message(sessionId: string, ref: MessageRef, options: { raw?: boolean }): Promise<RawMessage> {
    const chatId = ref.chatId === undefined ? undefined : await this.#canonical(sessionId, ref.chatId)
    const senderId = ref.senderId === undefined ? undefined : await this.#canonical(sessionId, ref.senderId, 'senderId')
    const wanted = { ...ref, ...(chatId ? { chatId } : {}), ...(senderId ? { senderId } : {}) }
    const found = await this.#store.messages.find(sessionId, wanted)
    const [stored] = await this.#readdressed(sessionId, found.slice(0, 1))
    if (!stored) throw new TrunklineError('MESSAGE_NOT_FOUND', { details: { messageId: ref.id } })
    if (found.length > 1) {
      const details = { messageId: ref.id, chatIds: found.map((one) => one.chatId) }
      throw new TrunklineError('MESSAGE_ID_AMBIGUOUS', { details })
    }
    return messageFor(options, stored)
  }

  async chats(sessionId: string, query: PageOptions & { kind?: ChatKind; archived?: boolean }): Promise<Page<Chat>> {
    const { items, ...page } = await this.#store.chats.page(sessionId, { ...query, limit: checkLimit(query.limit) })
    return { ...page, items: await this.#withLastMessages(sessionId, items) }
  }

  async chat(sessionId: string, chatId: string): Promise<Chat> {
    const canonical = await this.#canonical(sessionId, chatId)
    const stored = await this.#store.chats.get(sessionId, canonical)
    const [chat] = stored ? await this.#withLastMessages(sessionId, [stored]) : []
    if (!chat) throw new TrunklineError('CHAT_NOT_FOUND', { details: { chatId } })
    return chat
  }

  /** In the order in which they were made. */
  async labels(sessionId: string): Promise<Label[]> {
    const all = await this.#store.chats.labels(sessionId)
    const labels = all.filter(({ deleted }) => !deleted).map(({ deleted: _, ...label }) => ({ ...label, sessionId }))
    return labels.sort((left, right) => Number(left.id) - Number(right.id))
  }

  async #withLastMessages(sessionId: string, chats: readonly Chat[]): Promise<Chat[]> {
    const last = chats.flatMap(({ lastMessage }) => lastMessage ?? [])
    const readdressed = (await this.#readdressed(sessionId, last)).values()
    return chats.map((chat) => {
      const lastMessage = chat.lastMessage && readdressed.next().value
      return lastMessage ? { ...chat, lastMessage } : chat
    })
  }

  /**
   * Everybody by the one address that counts by now: whoever was named in a message, quoted, reacted or voted before the other one
   * was known. One look-up for all of them.
   */
  async #readdressed<Kept extends Message>(sessionId: string, messages: readonly Kept[]): Promise<Kept[]> {
    const numbers = [...new Set(messages.flatMap(peopleIn))].filter(isPhoneJid)
    if (numbers.length === 0) return [...messages]
    const resolved = await this.#store.chats.resolve(sessionId, numbers)
    const ids = new Map(numbers.map((number, place) => [number, resolved[place] ?? number] as const))
    for (const [number, id] of ids) if (number === id) ids.delete(number)
    const isOld = (message: Kept) => peopleIn(message).some((jid) => ids.has(jid))
    return messages.map((message) => (isOld(message) ? readdressMessage(message, ids) : message))
  }

  async contacts(sessionId: string, query: PageOptions & { text?: string }): Promise<Page<Contact>> {
    return this.#store.chats.pageContacts(sessionId, { ...query, limit: checkLimit(query.limit) })
  }

  async contact(sessionId: string, contactId: string): Promise<Contact> {
    const canonical = await this.#canonical(sessionId, contactId, 'contactId')
    const contact = await this.#store.chats.getContact(sessionId, canonical)
    if (!contact) throw new TrunklineError('CONTACT_NOT_FOUND')
    return contact
  }

  /** The id that everything of a person or a group is kept under. @throws RECIPIENT_INVALID */
  async idOf(sessionId: string, contactId: string): Promise<string> {
    return this.#canonical(sessionId, contactId, 'contactId')
  }

  async #canonical(sessionId: string, given: string, field = 'chatId'): Promise<string> {
    const jid = normalizeJid(given)
    // WhatsApp has more kinds of addresses than this version knows, and chats of theirs are stored too.
    if (!jid && !given.includes('@')) {
      throw new TrunklineError('RECIPIENT_INVALID', { details: { field, to: given } })
    }
    if (!jid) return given
    const { chats } = this.#store
    const canonical = await chats.resolveDialled(sessionId, jid)
    const other = otherNationalForm(canonical)
    if (!other || (await chats.get(sessionId, canonical))) return canonical
    // Nobody has written to this number by the API, and WhatsApp knows the person by the other form of it.
    const known = await chats.resolveDialled(sessionId, other)
    return (await chats.get(sessionId, known)) ? known : canonical
  }
}
