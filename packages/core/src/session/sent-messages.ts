import type { AskedMessage } from '../ports/connector.js'
import { chatKindOf } from '../records/jid.js'
import type { Jid } from '../types/jid.js'
import type { Identities } from './identities.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

export interface SentMessagesParts {
  state: SessionState
  services: SessionServices
  publisher: SessionPublisher
  identities: Identities
}

/** Gives messages of ours once more to those who could not decrypt them, and to nobody else. */
export class SentMessages {
  readonly #parts: SentMessagesParts

  constructor(parts: SentMessagesParts) {
    this.#parts = parts
  }

  /** The stored protobuf; `undefined` when there is no such message, or when it was not for who asks. */
  async find({ id, chatId, askerId, members = [], identities: pairs }: AskedMessage): Promise<Uint8Array | undefined> {
    const { state, services, publisher, identities } = this.#parts
    await publisher.publish(await identities.learn(pairs, state.timestamp()))
    const [chat = chatId, asker = askerId, ...people] = await identities.canonical([chatId, askerId, ...members])
    const found = await services.store.messages.find(state.id, { id, chatId: chat })
    const sent = found.find(({ fromMe, raw }) => fromMe && raw)
    if (!sent) return undefined
    const { account } = state.record
    const own = [account?.jid, account?.lid].filter((jid) => jid !== undefined)
    if (mayHave({ chat, asker, members: people, own })) return sent.raw
    services.logger.warn({ sessionId: state.id, messageId: id }, 'A message was asked for by somebody it was not for')
    return undefined
  }
}

/**
 * Whether a message of a chat is for who asks: the chat partner, a member of the group, or another device of the account. A status is
 * given to nobody a second time: Baileys would send it into the chat with who asks, as a message to them alone.
 */
export function mayHave({
  chat,
  asker,
  members,
  own,
}: {
  chat: Jid
  asker: Jid
  members: readonly Jid[]
  own: readonly Jid[]
}): boolean {
  if (own.includes(asker)) return true
  return chatKindOf(chat) === 'group' ? members.includes(asker) : asker === chat
}
