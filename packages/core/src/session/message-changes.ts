import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, WireChange, WireMessage } from '../ports/connector.js'
import type { NewEvent } from '../ports/event-log.js'
import type { ChangeOutcome } from '../ports/message-store.js'
import type { Jid } from '../types/jid.js'
import type { EditedBody, Message, MessageChange, MessageRef, StoredMessage } from '../types/message.js'
import { within } from '../util/sleep.js'
import { wellFormed } from '../util/well-formed.js'
import { changeRight, type GuardedChange } from './change-rights.js'
import {
  deedOf,
  type EventOf,
  type OpenChange,
  type Said,
  type SealedWireChange,
  type Unsealed,
  unsealedDeed,
} from './deeds.js'
import type { Identities } from './identities.js'
import type { SessionPublisher, Told } from './publisher.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

export interface MessageChangesParts {
  state: SessionState
  services: SessionServices
  publisher: SessionPublisher
  identities: Identities
}

/** How long a deletion by somebody else waits for the admins of its group; without an answer the message is kept. */
const ADMINS_TIMEOUT_MS = 10_000

/**
 * `too-early`: there is no such message yet. `undecided`: nobody can tell before the next login whether it is allowed. A message
 * is to be stored instead: what was sealed, or the change as it came, where it fits nothing.
 */
export type Applied = 'done' | 'too-early' | 'undecided' | WireMessage

interface Options {
  /** It may have been applied before a crash that came before its event, and is told in any case. */
  drained: boolean
  /** A history says so: it is done and not told. */
  silent: boolean
}

interface ApplyOptions extends Options {
  connection: Connection | undefined
}

interface Addressed {
  ref: MessageRef & { chatId: Jid }
  senderId: Jid
}

/** What the store is to do for a change, and what is told of it. */
export interface PlannedChange {
  ref: MessageRef
  change: MessageChange
  /** `drained`: it may have been applied before a crash that came before its event, and is told in any case. */
  told(outcome: ChangeOutcome, options: { drained: boolean }): Told[]
}

/** Edits, deletions, reactions, votes and answers: what is done to their message, and told of it. */
export class MessageChanges {
  readonly #parts: MessageChangesParts

  constructor(parts: MessageChangesParts) {
    this.#parts = parts
  }

  /** What is to be done for a change, under canonical ids. */
  async plan(wire: OpenChange): Promise<PlannedChange> {
    const { ref, senderId } = await this.#addressed(wire)
    const { change, event } = deedOf(wire, senderId)
    return { ref, change, told: this.#teller(wire, senderId, event) }
  }

  /** What is to be done for what the account does itself to a message. `said.id`: of the message that does it. */
  ownDeed(said: Said & { id: string }, target: StoredMessage, senderId: Jid): PlannedChange {
    const { change, event } = deedOf(said, senderId)
    const ref = { id: target.id, chatId: target.chatId, senderId: target.senderId }
    return { ref, change, told: this.#teller(said, senderId, event) }
  }

  /** Looks up what a change is about, then stores and tells it. */
  async apply(wire: Exclude<WireChange, OpenChange>, { connection, ...options }: ApplyOptions): Promise<Applied> {
    const { services, state } = this.#parts
    const addressed = await this.#addressed(wire)
    const found = await services.store.messages.find(state.id, addressed.ref)
    if (found.length === 0) return 'too-early'
    if (wire.kind === 'vote' || wire.kind === 'sealed') return this.#sealed(wire, { ...addressed, found, ...options })
    return this.#guarded(wire, { ...addressed, found, ...options, connection })
  }

  /** Only with the message at hand it can be told what a sealed change says. */
  async #sealed(
    wire: SealedWireChange,
    { ref, senderId, found, ...options }: Addressed & Options & { found: readonly StoredMessage[] },
  ): Promise<Applied> {
    for (const target of found) {
      const opened = await this.#opened(wire, target, senderId)
      if (!opened) continue
      if (opened.kind === 'message') return opened.message
      // The seal shows who made it, and everybody in the group can make one: only the author edits.
      if (opened.kind === 'edit' && target.senderId !== senderId) continue
      const named = opened.kind === 'edit' ? await this.#withNames(opened) : opened
      const { change, event } = unsealedDeed(named, { senderId, at: wire.at })
      const told = this.#teller(wire, senderId, event)
      await this.#record([{ ref: { ...ref, senderId: target.senderId }, change, told }], options)
      return 'done'
    }
    const { services, state } = this.#parts
    services.logger.warn({ sessionId: state.id, messageId: wire.messageId }, 'A sealed change does not fit its message')
    return wire.kept ?? 'done'
  }

  /** Edits and deletions: of those messages only that the sender may change. What others ask for is stored as it came, and told. */
  async #guarded(
    wire: GuardedChange,
    { ref, senderId, found, connection, ...options }: Addressed & ApplyOptions & { found: readonly StoredMessage[] },
  ): Promise<Applied> {
    const { services, state, identities } = this.#parts
    const named = wire.kind === 'delete' ? wire.authorId : undefined
    const [authorId] = named ? await identities.canonical([named]) : []
    const rights = found.map(({ senderId: storedAuthorId }) => ({
      storedAuthorId,
      right: changeRight({ kind: wire.kind, chatId: ref.chatId, senderId, authorId, storedAuthorId }),
    }))
    const isAdmin = rights.some(({ right }) => right === 'admins-only')
      ? await this.#isAdmin(ref.chatId, senderId, connection)
      : false
    if (isAdmin === 'nobody-tells') return 'undecided'
    const allowed = rights.filter(({ right }) => right === 'allowed' || (right === 'admins-only' && isAdmin))
    if (allowed.length === 0) {
      const fields = { sessionId: state.id, messageId: wire.messageId, change: wire.kind }
      services.logger.warn(fields, 'A change of a message was asked for by somebody who may not: the message is kept')
      return wire.kept ?? 'done'
    }
    const { change, event } = deedOf(wire.kind === 'edit' ? await this.#withNames(wire) : wire, senderId)
    const told = this.#teller(wire, senderId, event)
    const planned = allowed.map(({ storedAuthorId }) => ({ ref: { ...ref, senderId: storedAuthorId }, change, told }))
    await this.#record(planned, options)
    return 'done'
  }

  async #isAdmin(groupId: Jid, memberId: Jid, connection: Connection | undefined): Promise<boolean | 'nobody-tells'> {
    const { services, identities, state } = this.#parts
    if (!connection) return 'nobody-tells'
    try {
      const admins = await within(services.clock, ADMINS_TIMEOUT_MS, connection.groupAdmins(groupId))
      return (await identities.canonical(admins ?? [])).includes(memberId)
    } catch (error) {
      // With the connection gone it is decided on the next one; a group that WhatsApp does not tell about has no admins.
      if (TrunklineError.is(error, 'SESSION_NOT_CONNECTED')) return 'nobody-tells'
      services.logger.warn({ err: error, sessionId: state.id }, 'The admins of a group could not be asked for')
      return false
    }
  }

  async #record(planned: readonly PlannedChange[], { drained, silent }: Options): Promise<void> {
    await this.#parts.publisher.record({
      changes: planned.map(({ ref, change }) => ({ ref, change })),
      told: ({ changes }) =>
        silent ? [] : changes.flatMap((outcome, number) => planned[number]?.told(outcome, { drained }) ?? []),
    })
  }

  async #addressed(wire: WireChange): Promise<Addressed> {
    const { identities } = this.#parts
    const [chatId = wire.chatId, senderId = wire.senderId] = await identities.canonical([wire.chatId, wire.senderId])
    return { ref: { id: wire.messageId, chatId }, senderId }
  }

  /** One key per change, so that after a crash it is the same event. */
  #teller(wire: { id: string }, senderId: Jid, eventOf: EventOf): PlannedChange['told'] {
    const at = this.#parts.state.timestamp()
    const tell = (message: Message, repeat: boolean): Told => {
      const event = eventOf(message)
      const key = [event.name, message.chatId, message.senderId, message.id, senderId, wire.id].join('|')
      return { event: { ...event, at, key } as NewEvent, repeat }
    }
    return ({ changed, unchanged }, { drained }) => [
      ...changed.map(({ after }) => tell(after, drained)),
      ...(drained ? unchanged.map((message) => tell(message, true)) : []),
    ]
  }

  async #opened(
    wire: SealedWireChange,
    { raw, poll, senderId: authorId }: StoredMessage,
    senderId: Jid,
  ): Promise<Unsealed | undefined> {
    const [authorIds, senderIds] = await this.#addressesOf([authorId, senderId])
    if (!raw || !authorIds || !senderIds) return undefined
    const target = { raw, authorIds, senderIds }
    if (wire.kind === 'sealed') return wellFormed(wire.open(target))
    const options = poll && wire.open(target)
    return options && { kind: 'vote', options }
  }

  /** An edit that names people by the addresses that they are known by. */
  async #withNames<Edit extends EditedBody>(edit: Edit): Promise<Edit> {
    const { mentions } = edit
    if (!mentions) return edit
    return { ...edit, mentions: [...new Set(await this.#parts.identities.canonical(mentions))] }
  }

  /** Every address that each of these people is known by. */
  async #addressesOf(people: readonly Jid[]): Promise<Jid[][]> {
    const { services, state } = this.#parts
    const { account } = state.record
    const own = account ? [account.jid, ...(account.lid ? [account.lid] : [])] : []
    const phones = await services.store.chats.phonesOf(state.id, people)
    return people.map((jid) => {
      const phone = phones.get(jid)
      return [...new Set([jid, ...(phone ? [phone] : []), ...(own.includes(jid) ? own : [])])]
    })
  }
}
