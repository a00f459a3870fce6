import type { Connection, ConnectionEvent, Inbound, WireChange, WireMessage } from '../ports/connector.js'
import type { NewEvent } from '../ports/event-log.js'
import type { ChangeOutcome } from '../ports/message-store.js'
import { isConversation, isPerson } from '../records/jid.js'
import { isSaid, peopleIn, publicMessage, readdressNamed, readdressReactionsAndVotes } from '../records/stored.js'
import type { IdentityPair } from '../types/chat.js'
import type { Jid } from '../types/jid.js'
import type { Message, StoredMessage } from '../types/message.js'
import { BoundedMap } from '../util/bounded-map.js'
import type { ArrivalOrder } from './arrival-order.js'
import type { AutoDownloads } from './auto-downloads.js'
import type { OpenChange } from './deeds.js'
import type { DisappearingChats } from './disappearing-chats.js'
import { EarlyChanges } from './early-changes.js'
import type { EventHandlers } from './event-dispatch.js'
import type { Identities } from './identities.js'
import { MessageChanges, type PlannedChange } from './message-changes.js'
import type { SessionMetrics } from './metrics.js'
import type { SessionPublisher, Told } from './publisher.js'
import type { ServerTime } from './server-time.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

type MessagesEvent = Extract<ConnectionEvent, { type: 'messages' }>
type HistoryEvent = Extract<ConnectionEvent, { type: 'history' }>
type InboundChange = Extract<Inbound, { change: WireChange }>
/** What is about something that has to be looked up first, and may have come just before it. */
type Closed = InboundChange & { change: Exclude<WireChange, OpenChange> }

const MAX_NAMES = 1_000

export interface InboxParts {
  state: SessionState
  services: SessionServices
  publisher: SessionPublisher
  identities: Identities
  disappearing: DisappearingChats
  metrics: SessionMetrics
  order: ArrivalOrder
  serverTime: ServerTime
}

/** What comes in: made canonical, stored, then announced, then counted. */
export class Inbox {
  readonly #parts: InboxParts
  /** The name each sender gave last, so that a name is written when it changes and not with every message. */
  readonly #names = new BoundedMap<Jid, string>({ max: MAX_NAMES })
  readonly #changes: MessageChanges
  readonly #autoDownloads: Pick<AutoDownloads, 'take'>
  readonly #early = new EarlyChanges()
  /** Changes from before a crash that only WhatsApp can tell the rights of: they wait for the login. */
  #undecided = new Map<string, Closed>()

  constructor(parts: InboxParts, autoDownloads: Pick<AutoDownloads, 'take'>) {
    this.#parts = parts
    this.#autoDownloads = autoDownloads
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
    const wire = inbound.map((one) => ('message' in one ? one.message : one.change))
    await publisher.publish(await this.#learn(wire, state.timestamp()))
    let together: Inbound[] = []
    for (const one of inbound) {
      if (!isClosed(one)) together.push(one)
      else {
        await this.#record(together, connection)
        together = []
        await this.#apply(one, connection)
      }
    }
    await this.#record(together, connection)
  }

  /** Stores and tells what came together in one step, then settles it. */
  async #record(together: readonly Inbound[], connection: Connection | undefined): Promise<void> {
    if (together.length === 0) return
    const { state, publisher, metrics } = this.#parts
    const at = state.timestamp()
    const wire = together.flatMap((one) => ('message' in one ? [one.message] : []))
    const messages = await this.#canonical(wire)
    const plans = new Map<Inbound, PlannedChange>()
    for (const one of together) {
      if ('change' in one && one.change.kind === 'reaction') plans.set(one, await this.#changes.plan(one.change))
    }
    await this.#rememberNames(wire)
    const outcome = await publisher.record({
      messages,
      changes: [...plans.values()].map(({ ref, change }) => ({ ref, change })),
      told: ({ changes }) => {
        const stored = messages.values()
        const changed = changes.values()
        return together.flatMap((one) => {
          const plan = plans.get(one)
          const drained = one.drained === true
          if (plan) return plan.told(changed.next().value ?? NOTHING_NAMED, { drained })
          const { value } = stored.next()
          return value ? [announcementOf(value, { at, drained })] : []
        })
      },
    })
    if (messages.length > 0) {
      metrics.stored()
      const fresh = messages.filter((message, index) => outcome.inserted[index] && isSaid(message))
      metrics.count('received', fresh.filter(({ fromMe }) => !fromMe).length)
      metrics.count('sent', fresh.filter(({ fromMe }) => fromMe).length)
      metrics.count('chats', outcome.chatsCreated)
      metrics.active(at)
      if (state.record.settings.readOnReceive) await this.#markRead(fresh, connection)
      await this.#followDisappearing(messages)
      await this.#catchUp(messages, connection)
      if (connection) this.#autoDownloads.take(fresh, connection)
    }
    const outcomes = outcome.changes.values()
    for (const one of together) {
      if (!('change' in one) || isNamed(outcomes.next().value)) await one.settle?.()
      else await this.#hold(one, connection)
    }
  }

  /** The account is logged in: what could not be decided before is decided now. */
  async opened(connection: Connection): Promise<void> {
    const undecided = this.#undecided
    this.#undecided = new Map()
    for (const one of undecided.values()) await this.#apply(one, connection)
  }

  async history(event: HistoryEvent, connection?: Connection): Promise<void> {
    const { services, state, publisher, identities, disappearing, metrics } = this.#parts
    const at = state.timestamp()
    const pairs = [...event.identities, ...event.messages.flatMap((message) => message.identities)]
    await publisher.publish(await identities.learn(pairs, at))
    const { chats } = services.store
    const arrivals = this.#parts.order.before(event.messages.length)
    const messages = await this.#canonical(event.messages, arrivals)
    if (messages.length > 0) {
      const { chatsCreated } = await services.store.messages.upsert(state.id, messages)
      metrics.stored()
      metrics.count('chats', chatsCreated)
      await this.#catchUp(messages, connection)
    }
    for (const change of event.changes ?? []) await this.#quietly(change, connection)
    if (event.chats.length > 0) {
      const ids = await identities.canonical(event.chats.map(({ id }) => id))
      const { chats: stored, created } = await chats.upsert(
        state.id,
        event.chats.map((chat, index) => ({ ...chat, id: ids[index] ?? chat.id })),
      )
      disappearing.stored(stored)
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
    const { services, state, publisher, identities, disappearing, metrics } = this.#parts
    const ids = await identities.canonical(changes.map(({ id }) => id))
    const canonical = changes.map((change, index) => ({ ...change, id: ids[index] ?? change.id }))
    const { chats, created } = await services.store.chats.upsert(state.id, canonical)
    disappearing.stored(chats)
    metrics.count('chats', created)
    const at = state.timestamp()
    await publisher.publish(chats.map((chat) => ({ name: 'chat.updated', at, payload: { chat } })))
  }

  /** What is said with a time to disappear tells that of its chat: it may have been set while nobody listened. */
  async #followDisappearing(messages: readonly Message[]): Promise<void> {
    const told = new Map(messages.map(({ chatId, disappearsAfterSeconds: seconds }) => [chatId, seconds]))
    for (const [id, seconds] of told) {
      if (seconds === undefined || !isConversation(id)) continue
      if ((await this.#parts.disappearing.secondsOf(id)) !== seconds)
        await this.chats([{ id, disappearsAfterSeconds: seconds }])
    }
  }

  async learn(pairs: readonly IdentityPair[]): Promise<void> {
    const { identities, publisher, state } = this.#parts
    await publisher.publish(await identities.learn(pairs, state.timestamp()))
  }

  /** Settles the change once it is on its message, or refused. What fits no message is stored as it came. */
  async #apply(
    inbound: Closed,
    connection: Connection | undefined,
    { silent }: { silent: boolean } = { silent: false },
  ): Promise<void> {
    const { change, drained = false, settle } = inbound
    const applied = await this.#changes.apply(change, { drained, silent, connection })
    if (applied === 'done') await settle?.()
    // Each connection that does not come to a login tells of it again.
    else if (applied === 'undecided') this.#undecided.set(`${change.id}|${change.senderId}`, inbound)
    else if (applied === 'too-early') await this.#hold(inbound, connection)
    else await this.#record([{ message: applied, drained, ...(settle ? { settle } : {}) }], connection)
  }

  /** A change that a history tells: done, and not announced. */
  async #quietly(change: WireChange, connection: Connection | undefined): Promise<void> {
    const one: InboundChange = { change }
    if (isClosed(one)) return this.#apply(one, connection, { silent: true })
    if (change.kind !== 'reaction') return
    const { messages } = this.#parts.services.store
    const planned = await this.#changes.plan(change)
    const changed = await messages.change(this.#parts.state.id, planned.ref, planned.change)
    const isThere = changed.length > 0 || (await messages.find(this.#parts.state.id, planned.ref)).length > 0
    if (!isThere) await this.#hold(one, connection)
  }

  /** A change that has come before its message is held until that comes; one that is given up is stored as it came. */
  async #hold({ change, settle = async () => {} }: InboundChange, connection: Connection | undefined): Promise<void> {
    const now = this.#parts.services.clock.now()
    const givenUp = this.#early.hold({ change, settle }, { now })
    if (!givenUp) return
    const { kept } = givenUp.change
    if (kept) await this.#record([{ message: kept, settle: givenUp.settle }], connection)
    else await givenUp.settle()
  }

  /** Does to messages that have just come what was to be done to them before. */
  async #catchUp(messages: readonly Message[], connection: Connection | undefined): Promise<void> {
    for (const early of this.#early.take(messages.map(({ id }) => id))) {
      const inbound: InboundChange = early
      if (isClosed(inbound)) await this.#apply(inbound, connection)
      else await this.#record([inbound], connection)
    }
  }

  #learn(told: readonly { identities: IdentityPair[] }[], at: string): Promise<NewEvent[]> {
    const pairs = told.flatMap(({ identities }) => identities)
    return pairs.length === 0 ? Promise.resolve([]) : this.#parts.identities.learn(pairs, at)
  }

  /** As they are stored: under canonical ids, and behind everything that was there unless they are given their arrivals. */
  async #canonical(messages: readonly WireMessage[], arrivals: readonly number[] = []): Promise<StoredMessage[]> {
    const people = [...new Set(messages.flatMap(peopleIn))]
    const found = await this.#parts.identities.canonical(people)
    const ids = new Map(people.map((jid, index) => [jid, found[index] ?? jid]))
    const { state, order, serverTime } = this.#parts
    for (const { source, timestamp } of messages) if (source === 'live') serverTime.heard(timestamp)
    return messages.map(({ identities: _identities, pushName: _pushName, reactions = [], ...message }, place) => ({
      ...message,
      arrival: arrivals[place] ?? order.next(),
      sessionId: state.id,
      chatId: ids.get(message.chatId) ?? message.chatId,
      senderId: ids.get(message.senderId) ?? message.senderId,
      ...readdressReactionsAndVotes({ ...message, reactions }, ids),
      ...readdressNamed(message, ids),
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
    // Who looks at a status lets its author see that: nobody does so by receiving it.
    const inbound = messages.filter(({ fromMe, chatId }) => !fromMe && isConversation(chatId))
    if (inbound.length === 0 || !connection) return
    await connection.markRead(inbound).catch((error: unknown) => {
      this.#parts.services.logger.warn(
        { err: error, sessionId: this.#parts.state.id },
        'Messages could not be marked as read',
      )
    })
  }
}

const NOTHING_NAMED: ChangeOutcome = { changed: [], unchanged: [] }

/** Whether there are messages that a change is about. */
function isNamed({ changed, unchanged } = NOTHING_NAMED): boolean {
  return changed.length + unchanged.length > 0
}

function isClosed(one: Inbound): one is Closed {
  return 'change' in one && one.change.kind !== 'reaction'
}

/** One key per message, so that a redelivery after a crash is the same event. */
function announcementOf(stored: StoredMessage, { at, drained }: { at: string; drained: boolean }): Told {
  const message = publicMessage(stored)
  const said = message.fromMe ? 'message-sent' : 'message'
  const name = isSaid(message) ? said : 'message.notice'
  const key = `${name}|${message.chatId}|${message.senderId}|${message.id}`
  return { event: { name, at, payload: { message }, key }, repeat: drained }
}
