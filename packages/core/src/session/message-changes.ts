import type { WireChange } from '../ports/connector.js'
import type { NewEvent } from '../ports/event-log.js'
import { chatKindOf } from '../records/jid.js'
import type { Jid } from '../types/jid.js'
import type { Message, MessageChange, MessageRef, StoredMessage } from '../types/message.js'
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

/** A change as it is applied and told: under canonical ids, and opened. */
type Told = { change: MessageChange; event: (message: Message) => Omit<NewEvent, 'at' | 'key'> }

/** Edits, deletions, reactions and votes: put on their message in the store, then announced. */
export class MessageChanges {
  readonly #parts: MessageChangesParts

  constructor(parts: MessageChangesParts) {
    this.#parts = parts
  }

  /**
   * Applies and announces a change; `false` when there is no such message. `drained`: it may have been applied before a crash
   * that came before its event, and is announced in any case.
   */
  async apply(wire: WireChange, { drained }: { drained: boolean }): Promise<boolean> {
    const { services, state, identities } = this.#parts
    const [chatId = wire.chatId, senderId = wire.senderId] = await identities.canonical([wire.chatId, wire.senderId])
    // Only the author edits, and outside of groups only the author deletes: WhatsApp's server cannot check what is encrypted.
    const byAuthor = wire.kind === 'edit' || (wire.kind === 'delete' && chatKindOf(chatId) !== 'group')
    const ref = { id: wire.messageId, chatId, ...(byAuthor ? { senderId } : {}) }
    if (wire.kind === 'vote') return this.#vote(wire, { ref, senderId, drained })

    const told = toldOf(wire, senderId)
    const changed = await services.store.messages.change(state.id, ref, told.change)
    if (changed.length > 0) {
      await this.#announce(
        changed.map(({ after }) => after),
        { told, wire, senderId },
      )
      return true
    }
    const found = await services.store.messages.find(state.id, ref)
    if (drained) await this.#announce(found.map(withoutRaw), { told, wire, senderId, repeat: true })
    return found.length > 0
  }

  /** A vote is sealed: only with the poll at hand it can be told what it says. */
  async #vote(
    wire: Extract<WireChange, { kind: 'vote' }>,
    { ref, senderId, drained }: { ref: MessageRef; senderId: Jid; drained: boolean },
  ): Promise<boolean> {
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
    return found.length > 0
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
