import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection } from '../ports/connector.js'
import type { SendOptions } from '../types/content.js'
import type { StoredMessage } from '../types/message.js'
import type { InboxParts } from './inbox.js'
import type { OutboundMedia } from './outbound-media.js'
import type { Recipients } from './recipients.js'

/** For how long a request is known again by its id; what still waits to be sent is known as long as it waits. */
const REMEMBERED_MS = 24 * 60 * 60_000

/** What was asked under an id before. */
export interface Earlier {
  /** The message that the same request has come to. */
  same?: StoredMessage
  /** A message of this id that is too old to answer for it. */
  forgotten?: StoredMessage
}

/** Requests that are told again. */
export class Repeats {
  readonly #parts: Pick<InboxParts, 'services' | 'state'>
  readonly #recipients: Recipients

  constructor(parts: Pick<InboxParts, 'services' | 'state'>, recipients: Recipients) {
    this.#parts = parts
    this.#recipients = recipients
  }

  /** @throws IDEMPOTENCY_CONFLICT when another request was made under the id */
  async find(options: SendOptions, file: OutboundMedia, connection: Connection | undefined): Promise<Earlier> {
    const { services, state } = this.#parts
    if (options.clientMessageId === undefined) return {}
    const earlier = await services.store.messages.findByClientId(state.id, options.clientMessageId)
    if (!earlier) return {}
    if (isForgotten(earlier, services.clock.now())) return { forgotten: earlier }
    const same =
      (await saysTheSame(earlier, options, file)) &&
      (await this.#recipients.isChat(earlier.chatId, options.to, connection))
    if (!same) throw new TrunklineError('IDEMPOTENCY_CONFLICT')
    return { same: earlier }
  }
}

function isForgotten({ status, timestamp }: StoredMessage, now: number): boolean {
  return status !== 'queued' && status !== 'pending' && now - Date.parse(timestamp) >= REMEMBERED_MS
}

/** Whether a request asks for what was stored for an earlier one. What was stored before there were hashes has none. */
async function saysTheSame(
  { contentHash, text, quotedMessageId }: StoredMessage,
  options: SendOptions,
  file: OutboundMedia,
): Promise<boolean> {
  if (contentHash !== undefined) return contentHash === (await file.contentHash())
  return text === ('text' in options ? options.text : undefined) && quotedMessageId === options.quotedMessageId
}
