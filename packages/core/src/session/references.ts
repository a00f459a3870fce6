import { TrunklineError } from '../errors/trunkline-error.js'
import type { PreparableContent } from '../ports/connector.js'
import { normalizeJid } from '../records/jid.js'
import type { ForwardContent, SendOptions } from '../types/content.js'
import type { Jid } from '../types/jid.js'
import type { StoredMessage } from '../types/message.js'
import type { InboxParts } from './inbox.js'
import { contentOf } from './outbound-media.js'
import { storedMessage } from './stored-message.js'

/** What a message to send needs to know of its chat and of other messages. */
export class References {
  readonly #parts: Pick<InboxParts, 'services' | 'state' | 'identities' | 'disappearing'>

  constructor(parts: Pick<InboxParts, 'services' | 'state' | 'identities' | 'disappearing'>) {
    this.#parts = parts
  }

  /** @throws MESSAGE_NOT_FOUND · MESSAGE_ID_AMBIGUOUS */
  async of(options: SendOptions, chatId: Jid): Promise<Omit<PreparableContent, 'content' | 'file'>> {
    const content = contentOf(options)
    const forwarded = content.type === 'forward' ? await this.#forwarded(content) : undefined
    const quoted = options.quotedMessageId ? await this.#quoted(chatId, options.quotedMessageId) : undefined
    const disappearsAfterSeconds = await this.#parts.disappearing.secondsOf(chatId)
    return {
      ...(quoted ? { quoted } : {}),
      ...(forwarded ? { forwarded } : {}),
      ...(disappearsAfterSeconds === undefined ? {} : { disappearsAfterSeconds }),
    }
  }

  async #forwarded({ messageId: id, chatId }: ForwardContent): Promise<StoredMessage> {
    const jid = chatId === undefined ? undefined : (normalizeJid(chatId) ?? chatId)
    const canonical = jid === undefined ? {} : { chatId: await this.#parts.identities.canonicalDialled(jid) }
    return storedMessage({ id, ...canonical }, this.#parts)
  }

  async #quoted(chatId: Jid, id: string): Promise<StoredMessage> {
    const [quoted] = await this.#parts.services.store.messages.find(this.#parts.state.id, { id, chatId })
    if (!quoted) throw new TrunklineError('MESSAGE_NOT_FOUND', { details: { messageId: id } })
    return quoted
  }
}
