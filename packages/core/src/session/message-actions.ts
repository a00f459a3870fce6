import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, MessageAction } from '../ports/connector.js'
import { normalizeJid } from '../records/jid.js'
import { publicMessage } from '../records/stored.js'
import type { Jid } from '../types/jid.js'
import type { Message, StoredMessage } from '../types/message.js'
import { type ActionRefusal, actionRight } from './action-rights.js'
import type { SessionCommand } from './commands.js'
import type { InboxParts } from './inbox.js'
import { MessageChanges } from './message-changes.js'
import type { Outbox } from './outbox.js'
import { storedMessage } from './stored-message.js'

export type MessageCommand = Extract<SessionCommand, { kind: 'react' | 'edit' | 'delete-message' | 'vote' | 'respond' }>

/**
 * What the account does to messages that are there: stored and put on the wire like a message, and done to the stored message with
 * the answer of WhatsApp's server.
 */
export class MessageActions {
  readonly #parts: InboxParts
  readonly #outbox: Outbox
  readonly #changes: MessageChanges

  constructor(parts: InboxParts, outbox: Outbox) {
    this.#parts = parts
    this.#outbox = outbox
    this.#changes = new MessageChanges(parts)
  }

  /**
   * Answers the message as it is stored then: as before, when the server has not answered in time.
   *
   * @throws MESSAGE_NOT_FOUND · MESSAGE_NOT_CHANGEABLE · VALIDATION_FAILED · MESSAGE_REFUSED · MESSAGE_FAILED · CONNECTION_LOST
   */
  async run(command: MessageCommand, connection: Connection): Promise<Message> {
    const { serverTime } = this.#parts
    const target = await storedMessage(command.ref, this.#parts)
    const action = await this.#actionOf(command)
    await this.#refuseUnlessAllowed(action, target, connection)
    if (action.kind === 'vote') refuseOtherOptions(action.options, target)
    const at = new Date(serverTime.now()).toISOString()
    const { id, raw } = await connection.prepareAction({ ...action, target, at })
    const deed = this.#changes.ownDeed({ ...action, id, at }, target, this.#own[0] ?? target.senderId)
    await this.#outbox.act({ id, raw, chatId: target.chatId, deed, about: target.id, ...numberOf(target) }, connection)
    return publicMessage(await storedMessage(command.ref, this.#parts))
  }

  async #actionOf(command: MessageCommand): Promise<MessageAction> {
    if (command.kind === 'react') return { kind: 'reaction', emoji: command.emoji }
    if (command.kind === 'delete-message') return { kind: 'delete' }
    if (command.kind === 'vote') return { kind: 'vote', options: command.options }
    if (command.kind === 'respond') {
      const { response, extraGuests } = command
      return { kind: 'response', response, ...(extraGuests ? { extraGuests } : {}) }
    }
    const named = (command.mentions ?? []).map((mention) => normalizeJid(mention) ?? mention)
    const mentions = [...new Set(await this.#parts.identities.canonical(named))]
    return { kind: 'edit', text: command.text, ...(mentions.length > 0 ? { mentions } : {}) }
  }

  async #refuseUnlessAllowed(action: MessageAction, target: StoredMessage, connection: Connection): Promise<void> {
    const right = actionRight(action.kind, target, { now: this.#parts.serverTime.now() })
    if (right === 'allowed') return
    if (right !== 'admins-only') throw notChangeable(target, right)
    const admins = await this.#parts.identities.canonical(await connection.groupAdmins(target.chatId))
    if (!admins.some((admin) => this.#own.includes(admin))) throw notChangeable(target, 'not-own')
  }

  /** The addresses of the account, the canonical one first. */
  get #own(): Jid[] {
    const { account } = this.#parts.state.record
    return [account?.lid, account?.jid].filter((jid) => jid !== undefined)
  }
}

function notChangeable({ id }: StoredMessage, reason: ActionRefusal): TrunklineError {
  return new TrunklineError('MESSAGE_NOT_CHANGEABLE', { details: { messageId: id, reason } })
}

/** @throws VALIDATION_FAILED for a choice that the poll does not offer */
function refuseOtherOptions(options: readonly string[], { poll }: StoredMessage): void {
  const offered = poll?.options.map(({ name }) => name) ?? []
  const maxCount = poll?.selectableCount || offered.length
  const errors = options.flatMap((option, index) =>
    offered.includes(option) ? [] : [{ field: `options.${index}`, message: 'must be an option of the poll' }],
  )
  if (options.length > maxCount) errors.push({ field: 'options', message: `must be ${maxCount} at most` })
  if (errors.length > 0) throw new TrunklineError('VALIDATION_FAILED', { details: { errors } })
}

function numberOf({ serverId }: StoredMessage): { serverId?: string } {
  return serverId === undefined ? {} : { serverId }
}
