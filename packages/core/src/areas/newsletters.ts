import { checkNewsletterKey } from '../manager/newsletter-validation.js'
import type { Newsletter, NewsletterRequest, NewsletterResultOf } from '../types/newsletter.js'
import type { AreaParts } from './area.js'

/**
 * The channels of one session, as WhatsApp has them. Texts are posted by `messages.send` to the id of a channel.
 *
 * Every method rejects with SESSION_NOT_FOUND · SESSION_NOT_CONNECTED · LEASE_HELD · VALIDATION_FAILED, with CONNECTION_LOST when
 * WhatsApp does not answer, and with WHATSAPP_RATE_LIMITED · SERVICE_UNAVAILABLE · WHATSAPP_REFUSED.
 */
export class SessionNewsletters {
  readonly #sessionId: string
  readonly #parts: AreaParts

  constructor(sessionId: string, parts: AreaParts) {
    this.#sessionId = sessionId
    this.#parts = parts
  }

  /** Those that the account owns, runs or follows. */
  list(): Promise<Newsletter[]> {
    return this.#ask({ do: 'list' })
  }

  /** One channel. `idOrInvite`: `…@newsletter`, the code of its invitation, or the whole link. @throws CHAT_NOT_FOUND */
  async get(idOrInvite: string): Promise<Newsletter> {
    return this.#ask({ do: 'get', key: checkNewsletterKey(idOrInvite) })
  }

  async #ask<Request extends NewsletterRequest>(request: Request): Promise<NewsletterResultOf<Request>> {
    await this.#parts.use()
    const asked = this.#parts.router.call(this.#sessionId, { kind: 'newsletters', request })
    return (await asked) as NewsletterResultOf<Request>
  }
}
