import { checkNewNewsletter, checkNewsletterChanges, checkNewsletterKey } from '../manager/newsletter-validation.js'
import { checkPicture } from '../manager/profile-validation.js'
import type {
  NewNewsletter,
  Newsletter,
  NewsletterChanges,
  NewsletterRequest,
  NewsletterResultOf,
} from '../types/newsletter.js'
import type { AreaParts } from './area.js'

/**
 * The channels of one session, as WhatsApp has them. Texts and files are posted by `messages.send` to the id of a channel, and edited
 * and deleted as other messages are. `idOrInvite` of each method: `…@newsletter`, the code of the invitation, or the whole link.
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

  /** One channel. @throws CHAT_NOT_FOUND */
  async get(idOrInvite: string): Promise<Newsletter> {
    return this.#ask({ do: 'get', key: checkNewsletterKey(idOrInvite) })
  }

  /** Makes a channel, which the account owns. WhatsApp wants its terms for channels accepted once, on the phone. */
  async create(words: NewNewsletter): Promise<Newsletter> {
    return this.#ask({ do: 'create', words: checkNewNewsletter(words) })
  }

  /** Changes the name and the description of a channel that the account runs. @throws CHAT_NOT_FOUND */
  async update(idOrInvite: string, changes: NewsletterChanges): Promise<Newsletter> {
    const key = checkNewsletterKey(idOrInvite)
    return this.#ask({ do: 'update', key, changes: checkNewsletterChanges(changes) })
  }

  /** As `SessionProfile.setPicture`, for a channel that the account runs. @throws CHAT_NOT_FOUND · PICTURE_INVALID */
  async setPicture(idOrInvite: string, picture: Uint8Array): Promise<Newsletter> {
    return this.#ask({ do: 'picture', key: checkNewsletterKey(idOrInvite), picture: checkPicture(picture) })
  }

  /** @throws CHAT_NOT_FOUND */
  async removePicture(idOrInvite: string): Promise<Newsletter> {
    return this.#ask({ do: 'picture', key: checkNewsletterKey(idOrInvite) })
  }

  /** Ends a channel of the account, for good and for all who follow it. @throws CHAT_NOT_FOUND */
  async delete(idOrInvite: string): Promise<void> {
    await this.#ask({ do: 'delete', key: checkNewsletterKey(idOrInvite) })
  }

  /** Follows a channel: what is posted in it comes as messages of its chat. @throws CHAT_NOT_FOUND */
  async follow(idOrInvite: string): Promise<Newsletter> {
    return this.#ask({ do: 'follow', key: checkNewsletterKey(idOrInvite), following: true })
  }

  /** @throws CHAT_NOT_FOUND */
  async unfollow(idOrInvite: string): Promise<Newsletter> {
    return this.#ask({ do: 'follow', key: checkNewsletterKey(idOrInvite), following: false })
  }

  /** The channel makes no sound, on all devices of the account. @throws CHAT_NOT_FOUND */
  async mute(idOrInvite: string): Promise<Newsletter> {
    return this.#ask({ do: 'mute', key: checkNewsletterKey(idOrInvite), muted: true })
  }

  /** @throws CHAT_NOT_FOUND */
  async unmute(idOrInvite: string): Promise<Newsletter> {
    return this.#ask({ do: 'mute', key: checkNewsletterKey(idOrInvite), muted: false })
  }

  async #ask<Request extends NewsletterRequest>(request: Request): Promise<NewsletterResultOf<Request>> {
    await this.#parts.use()
    const asked = this.#parts.router.call(this.#sessionId, { kind: 'newsletters', request })
    return (await asked) as NewsletterResultOf<Request>
  }
}
