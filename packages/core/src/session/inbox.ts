import type { Connection, ConnectionEvent, Inbound, WireChange, WireMessage } from '../ports/connector.js'
import type { NewEvent } from '../ports/event-log.js'
import { isPerson } from '../records/jid.js'
import { isSaid, readdressReactionsAndVotes } from '../records/stored.js'
import type { IdentityPair } from '../types/chat.js'
import type { Jid } from '../types/jid.js'
import type { Message, StoredMessage } from '../types/message.js'
import { BoundedMap } from '../util/bounded-map.js'
import { EarlyChanges } from './early-changes.js'
import type { EventHandlers } from './event-dispatch.js'
import type { Identities } from './identities.js'
import { MessageChanges } from './message-changes.js'
import type { SessionMetrics } from './metrics.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

type MessagesEvent = Extract<ConnectionEvent, { type: 'messages' }>
type HistoryEvent = Extract<ConnectionEvent, { type: 'history' }>
type InboundMessage = Extract<Inbound, { message: WireMessage }>
type InboundChange = Extract<Inbound, { change: WireChange }>

const MAX_NAMES = 1_000

export interface InboxParts {
  state: SessionState
  services: SessionServices
  publisher: SessionPublisher
  identities: Identities
  metrics: SessionMetrics
}

/** What comes in: made canonical, stored, then announced, then counted. */
export class Inbox {
  readonly #parts: InboxParts
  /** The name each sender gave last, so that a name is written when it changes and not with every message. */
  readonly #names = new BoundedMap<Jid, string>({ max: MAX_NAMES })
  readonly #changes: MessageChanges
  readonly #early = new EarlyChanges()
  /** Changes from before a crash that only WhatsApp can tell the rights of: they wait for the login. */
  #undecided = new Map<string, InboundChange>()

  constructor(parts: InboxParts) {
    this.#parts = parts
    this.#changes = new MessageChanges(parts)
  }

  get handlers(): Pick<EventHandlers, 'messages' | 'history' | 'identities' | 'chats' | 'contacts'> {
    return {
      messages: (event, connection) => this.messages(event, connection),
      history: (event, connection) => this.history(event, connection),
      identities: ({ pairs }) => this.learn(pairs),
      chats: ({ changes }) => this.chats(changes),
      contacts: ({ changes }) => this.contacts(changes),
    }
  }

  async messages({ inbound }: MessagesEvent, connection: Connection | undefined): Promise<void> {
    const { publisher, state } = this.#parts
    const told = inbound.map((one) => ('message' in one ? one.message : one.change))
    await publisher.publish(await this.#learn(told, state.timestamp()))
    const arrived = inbound.filter((one): one is InboundMessage => 'message' in one)
    if (arrived.length > 0) await this.#store(arrived, connection)
    for (const one of inbound) if ('change' in one) await this.#change(one, connection)
  }

  async #store(arrived: readonly InboundMessage[], connection: Connection | undefined): Promise<void> {
    const { services, state, publisher, metrics } = this.#parts
    const at = state.timestamp()
    const wire = arrived.map(({ message }) => message)
    const messages = await this.#canonical(wire)
    const { inserted, chatsCreated } = await services.store.messages.upsert(state.id, messages)
    metrics.stored()
    await this.#rememberNames(wire)
    await publisher.publish(
      messages.map((message) => announcementOf(message, at)),
      { repeat: arrived.some(({ drained }) => drained) },
    )
    const fresh = messages.filter((message, index) => inserted[index] && isSaid(message))
    metrics.count('received', fresh.filter(({ fromMe }) => !fromMe).length)
    metrics.count('sent', fresh.filter(({ fromMe }) => fromMe).length)
    metrics.count('chats', chatsCreated)
    metrics.active(at)
    if (state.record.settings.readOnReceive) await this.#markRead(fresh, connection)
    await this.#catchUp(messages, connection)
    for (const { settle } of arrived) await settle?.()
  }

  /** The account is logged in: what could not be decided before is decided now. */
  async opened(connection: Connection): Promise<void> {
    const undecided = this.#undecided
    this.#undecided = new Map()
    for (const one of undecided.values()) await this.#change(one, connection)
  }

  async history(event: HistoryEvent, connection?: Connection): Promise<void> {
    const { services, state, publisher, identities, metrics } = this.#parts
    const at = state.timestamp()
    const pairs = [...event.identities, ...event.messages.flatMap((message) => message.identities)]
    await publisher.publish(await identities.learn(pairs, at))
    const { chats } = services.store
    const messages = await this.#canonical(event.messages)
    if (messages.length > 0) {
      const { chatsCreated } = await services.store.messages.upsert(state.id, messages)
      metrics.stored()
      metrics.count('chats', chatsCreated)
      await this.#catchUp(messages, connection)
    }
    if (event.chats.length > 0) {
      const ids = await identities.canonical(event.chats.map(({ id }) => id))
      const { created } = await chats.upsert(
        state.id,
        event.chats.map((chat, index) => ({ ...chat, id: ids[index] ?? chat.id })),
      )
      metrics.count('chats', created)
    }
    if (event.contacts.length > 0) await this.contacts(event.contacts)
    const { progress, done } = event
    const payload = {
      chats: event.chats.length,
      messages: event.messages.length,
      done,
      ...(progress === undefined ? {} : { progress }),
    }
    await publisher.announce({ name: 'history.progress', at, payload })
    await event.settle?.()
  }

  async contacts(changes: readonly { id: Jid; name?: string; pushName?: string }[]): Promise<void> {
    const { services, state, publisher, identities } = this.#parts
    const ids = await identities.canonical(changes.map(({ id }) => id))
    const canonical = changes.map((change, index) => ({ ...change, id: ids[index] ?? change.id }))
    const changed = await services.store.chats.upsertContacts(state.id, canonical)
    const at = state.timestamp()
    await publisher.publish(changed.map((contact) => ({ name: 'contact.updated', at, payload: { contact } })))
  }

  async chats(changes: Extract<ConnectionEvent, { type: 'chats' }>['changes']): Promise<void> {
    const { services, state, publisher, identities, metrics } = this.#parts
    const ids = await identities.canonical(changes.map(({ id }) => id))
    const canonical = changes.map((change, index) => ({ ...change, id: ids[index] ?? change.id }))
    const { chats, created } = await services.store.chats.upsert(state.id, canonical)
    metrics.count('chats', created)
    const at = state.timestamp()
    await publisher.publish(chats.map((chat) => ({ name: 'chat.updated', at, payload: { chat } })))
  }

  async learn(pairs: readonly IdentityPair[]): Promise<void> {
    const { identities, publisher, state } = this.#parts
    await publisher.publish(await identities.learn(pairs, state.timestamp()))
  }

  /** Settles the change once it is on its message; one that has come too early is held until then. */
  async #change(inbound: InboundChange, connection: Connection | undefined): Promise<void> {
    const { change, drained = false, settle = async () => {} } = inbound
    const applied = await this.#changes.apply(change, { drained, connection })
    if (applied === 'done') return settle()
    if (applied === 'undecided') {
      // Each connection that does not come to a login tells of it again.
      this.#undecided.set(`${change.id}|${change.senderId}`, inbound)
      return
    }
    const now = this.#parts.services.clock.now()
    await this.#early.hold({ change, settle }, { now })?.settle()
  }

  /** Does to messages that have just come what was to be done to them before. */
  async #catchUp(messages: readonly Message[], connection: Connection | undefined): Promise<void> {
    for (const early of this.#early.take(messages.map(({ id }) => id))) await this.#change(early, connection)
  }

  #learn(told: readonly { identities: IdentityPair[] }[], at: string): Promise<NewEvent[]> {
    const pairs = told.flatMap(({ identities }) => identities)
    return pairs.length === 0 ? Promise.resolve([]) : this.#parts.identities.learn(pairs, at)
  }

  async #canonical(messages: readonly WireMessage[]): Promise<StoredMessage[]> {
    const people = [...new Set(messages.flatMap(peopleOf))]
    const found = await this.#parts.identities.canonical(people)
    const ids = new Map(people.map((jid, index) => [jid, found[index] ?? jid]))
    return messages.map(({ identities: _identities, pushName: _pushName, reactions = [], ...message }) => ({
      ...message,
      sessionId: this.#parts.state.id,
      chatId: ids.get(message.chatId) ?? message.chatId,
      senderId: ids.get(message.senderId) ?? message.senderId,
      ...readdressReactionsAndVotes({ reactions, ...(message.poll ? { poll: message.poll } : {}) }, ids),
      status: message.status ?? (message.fromMe ? 'sent' : 'delivered'),
    }))
  }

  async #rememberNames(messages: readonly WireMessage[]): Promise<void> {
    const news = new Map<Jid, string>()
    for (const { fromMe, senderId, pushName } of messages) {
      if (fromMe || !pushName || !isPerson(senderId) || this.#names.get(senderId) === pushName) continue
      news.set(senderId, pushName)
      this.#names.set(senderId, pushName)
    }
    if (news.size > 0) await this.contacts([...news].map(([id, pushName]) => ({ id, pushName })))
  }

  async #markRead(messages: readonly Message[], connection: Connection | undefined): Promise<void> {
    const inbound = messages.filter(({ fromMe }) => !fromMe)
    if (inbound.length === 0 || !connection) return
    await connection.markRead(inbound).catch((error: unknown) => {
      this.#parts.services.logger.warn(
        { err: error, sessionId: this.#parts.state.id },
        'Messages could not be marked as read',
      )
    })
  }
}

/** Everybody whose address stands in a message as the name of a chat or of a doer. */
function peopleOf({ chatId, senderId, reactions = [], poll }: WireMessage): Jid[] {
  const voters = poll?.votes?.map(({ voterId }) => voterId) ?? []
  return [chatId, senderId, ...reactions.map((reaction) => reaction.senderId), ...voters]
}

/** One key per message, so that a redelivery after a crash is the same event. */
function announcementOf(stored: StoredMessage, at: string): NewEvent {
  const { raw: _raw, ...message } = stored
  const said = message.fromMe ? 'message-sent' : 'message'
  const name = isSaid(message) ? said : 'message.notice'
  return { name, at, payload: { message }, key: `${name}|${message.chatId}|${message.senderId}|${message.id}` }
}
