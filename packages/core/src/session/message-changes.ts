import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, WireChange } from '../ports/connector.js'
import type { NewEvent } from '../ports/event-log.js'
import type { Jid } from '../types/jid.js'
import type { Message, MessageChange, MessageRef, StoredMessage } from '../types/message.js'
import { within } from '../util/sleep.js'
import { changeRight, type GuardedChange } from './change-rights.js'
import type { Identities } from './identities.js'
import type { SessionPublisher } from './publisher.js'
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

/** `too-early`: there is no such message yet. `undecided`: nobody can tell before the next login whether it is allowed. */
export type Applied = 'done' | 'too-early' | 'undecided'

interface ApplyOptions {
  drained: boolean
  connection: Connection | undefined
}

interface Change {
  ref: MessageRef & { chatId: Jid }
  senderId: Jid
  drained: boolean
}

/** A change as it is applied and told: under canonical ids, and opened. */
type Told = { change: MessageChange; event: (message: Message) => Omit<NewEvent, 'at' | 'key'> }

/** Edits, deletions, reactions and votes: put on their message in the store, then announced. */
export class MessageChanges {
  readonly #parts: MessageChangesParts

  constructor(parts: MessageChangesParts) {
    this.#parts = parts
  }

  /**
   * Applies and announces a change. `drained`: it may have been applied before a crash that came before its event, and is
   * announced in any case.
   */
  async apply(wire: WireChange, { drained, connection }: ApplyOptions): Promise<Applied> {
    const { identities } = this.#parts
    const [chatId = wire.chatId, senderId = wire.senderId] = await identities.canonical([wire.chatId, wire.senderId])
    const ref = { id: wire.messageId, chatId }
    if (wire.kind === 'vote') return this.#vote(wire, { ref, senderId, drained })
    if (wire.kind === 'reaction') return this.#change(wire, { ref, senderId, drained })
    return this.#guarded(wire, { ref, senderId, drained, connection })
  }

  async #change(wire: Exclude<WireChange, { kind: 'vote' }>, { ref, senderId, drained }: Change): Promise<Applied> {
    const { services, state } = this.#parts
    const told = toldOf(wire, senderId)
    const changed = await services.store.messages.change(state.id, ref, told.change)
    if (changed.length > 0) {
      await this.#announce(
        changed.map(({ after }) => after),
        { told, wire, senderId },
      )
      return 'done'
    }
    const found = await services.store.messages.find(state.id, ref)
    if (drained) await this.#announce(found.map(withoutRaw), { told, wire, senderId, repeat: true })
    return found.length > 0 ? 'done' : 'too-early'
  }

  /** Edits and deletions: of those messages only that the sender may change. What others ask for is kept as it is, and reported. */
  async #guarded(wire: GuardedChange, { connection, ...change }: Change & ApplyOptions): Promise<Applied> {
    const { services, state, identities } = this.#parts
    const { ref, senderId } = change
    const found = await services.store.messages.find(state.id, ref)
    if (found.length === 0) return 'too-early'
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
    }
    for (const { storedAuthorId } of allowed)
      await this.#change(wire, { ...change, ref: { ...ref, senderId: storedAuthorId } })
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

  /** A vote is sealed: only with the poll at hand it can be told what it says. */
  async #vote(wire: Extract<WireChange, { kind: 'vote' }>, { ref, senderId, drained }: Change): Promise<Applied> {
    const { services, state } = this.#parts
    const found = await services.store.messages.find(state.id, ref)
    for (const poll of found) {
      const options = poll.poll && poll.raw ? await this.#opened(wire, poll, senderId) : undefined
      if (!options) continue
      const told: Told = {
        change: { kind: 'vote', voterId: senderId, options, at: wire.at },
        event: (message) => ({ name: 'poll.vote', payload: { message, voterId: senderId, options } }),
      }
      const its = { ...ref, senderId: poll.senderId }
      const [changed] = await services.store.messages.change(state.id, its, told.change)
      const message = changed?.after ?? (drained ? withoutRaw(poll) : undefined)
      if (message) await this.#announce([message], { told, wire, senderId, repeat: drained })
    }
    return found.length > 0 ? 'done' : 'too-early'
  }

  async #opened(
    wire: Extract<WireChange, { kind: 'vote' }>,
    { raw, senderId: creatorId }: StoredMessage,
    voterId: Jid,
  ): Promise<string[] | undefined> {
    const [creatorIds, voterIds] = await this.#addressesOf([creatorId, voterId])
    if (!raw || !creatorIds || !voterIds) return undefined
    const options = wire.open({ raw, creatorIds, voterIds })
    if (!options) {
      const { services, state } = this.#parts
      services.logger.warn({ sessionId: state.id, messageId: wire.messageId }, 'A vote does not fit its poll')
    }
    return options
  }

  /** Every address that each of these people is known by. */
  async #addressesOf(people: readonly Jid[]): Promise<Jid[][]> {
    const { services, state } = this.#parts
    const { account } = state.record
    const own = account ? [account.jid, ...(account.lid ? [account.lid] : [])] : []
    const phones = await services.store.chats.phonesOf(state.id, people)
    return people.map((jid) => {
      const phone = phones.get(jid)
      return [jid, ...(phone ? [phone] : []), ...(own.includes(jid) ? own : [])]
    })
  }

  /** One key per change, so that after a crash it is the same event. */
  async #announce(
    messages: readonly Message[],
    { told, wire, senderId, repeat }: { told: Told; wire: WireChange; senderId: Jid; repeat?: boolean },
  ): Promise<void> {
    const { publisher, state } = this.#parts
    const at = state.timestamp()
    const events = messages.map((message) => {
      const event = told.event(message)
      const key = [event.name, message.chatId, message.senderId, message.id, senderId, wire.id].join('|')
      return { ...event, at, key } as NewEvent
    })
    await publisher.publish(events, { repeat: repeat === true })
  }
}

function toldOf(wire: Exclude<WireChange, { kind: 'vote' }>, senderId: Jid): Told {
  const { at } = wire
  switch (wire.kind) {
    case 'edit':
      return {
        change: { kind: 'edit', text: wire.text, at },
        event: (message) => ({ name: 'message.edited', payload: { message } }),
      }
    case 'delete':
      return {
        change: { kind: 'delete', at },
        event: (message) => ({ name: 'message.deleted', payload: { message } }),
      }
    case 'reaction': {
      const reaction = { senderId, emoji: wire.emoji, at }
      return {
        change: { kind: 'reaction', ...reaction },
        event: (message) => ({ name: 'message.reaction', payload: { message, reaction } }),
      }
    }
  }
}

function withoutRaw({ raw: _raw, ...message }: StoredMessage): Message {
  return message
}
