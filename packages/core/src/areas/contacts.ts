import {
  checkContactId,
  checkContactQuery,
  checkNumbers,
  checkPictureId,
  checkPictureOptions,
} from '../manager/contact-validation.js'
import type { Contact } from '../types/chat.js'
import type { About, BlockedContact, BusinessProfile, CheckedNumber, Picture } from '../types/contact.js'
import type { ContactRequest, ContactResultOf } from '../types/contact-request.js'
import type { Page, PageOptions } from '../types/page.js'
import type { AreaParts } from './area.js'

/**
 * The people of one session: those whom it knows, as stored, and what WhatsApp says of anybody.
 *
 * What asks WhatsApp rejects with SESSION_NOT_CONNECTED · LEASE_HELD · RECIPIENT_INVALID, with CONNECTION_LOST when it does not
 * answer, and with WHATSAPP_RATE_LIMITED · SERVICE_UNAVAILABLE · WHATSAPP_REFUSED.
 */
export class SessionContacts {
  readonly #sessionId: string
  readonly #parts: AreaParts

  constructor(sessionId: string, parts: AreaParts) {
    this.#sessionId = sessionId
    this.#parts = parts
  }

  /**
   * By id. `text`: only those with it in a name, whatever the case of its letters, or in their number, however it is written (`+49 151`).
   * The store looks through all contacts of the session for it, in one go.
   */
  async list(query: PageOptions & { text?: string } = {}): Promise<Page<Contact>> {
    checkContactQuery(query)
    await this.#parts.known(this.#sessionId)
    return this.#parts.reader.contacts(this.#sessionId, query)
  }

  /** `contactId`: any address of the person, or a bare phone number. @throws CONTACT_NOT_FOUND · RECIPIENT_INVALID */
  async get(contactId: string): Promise<Contact> {
    checkContactId(contactId)
    await this.#parts.known(this.#sessionId)
    return this.#parts.reader.contact(this.#sessionId, contactId)
  }

  /** Which of up to 1,000 numbers are on WhatsApp: an answer for each, in order. Asked again within a day, it is remembered. */
  async check(numbers: readonly string[]): Promise<CheckedNumber[]> {
    return this.#ask({ do: 'check', numbers: checkNumbers(numbers) })
  }

  /** The picture of a person or a group. With `preview`, a small one. */
  async picture(id: string, options: { preview?: boolean } = {}): Promise<Picture> {
    checkPictureOptions(options)
    const { preview = false } = options
    return this.#ask({ do: 'picture', id: checkPictureId(id), preview })
  }

  async about(contactId: string): Promise<About> {
    return this.#ask({ do: 'about', contactId: checkContactId(contactId) })
  }

  async business(contactId: string): Promise<BusinessProfile> {
    return this.#ask({ do: 'business', contactId: checkContactId(contactId) })
  }

  /** From then on the account hears nothing of the person. @throws RECIPIENT_NOT_ON_WHATSAPP */
  async block(contactId: string): Promise<void> {
    await this.#ask({ do: 'block', contactId: checkContactId(contactId), blocked: true })
  }

  /** Takes a block away. @throws RECIPIENT_NOT_ON_WHATSAPP */
  async unblock(contactId: string): Promise<void> {
    await this.#ask({ do: 'block', contactId: checkContactId(contactId), blocked: false })
  }

  /**
   * Asks WhatsApp to tell when the person is there: from then on `presence` says so, with when they were last, as far as their privacy
   * lets it be seen, until the connection ends. Nobody is watched who was not asked for. WhatsApp tells an account that is shown as
   * offline (`settings.markOnline`) less.
   */
  async watchPresence(contactId: string): Promise<void> {
    await this.#ask({ do: 'watch', contactId: checkContactId(contactId) })
  }

  async blocked(): Promise<BlockedContact[]> {
    return this.#ask({ do: 'blocked' })
  }

  async #ask<Request extends ContactRequest>(request: Request): Promise<ContactResultOf<Request>> {
    await this.#parts.use()
    return (await this.#parts.router.call(this.#sessionId, { kind: 'contacts', request })) as ContactResultOf<Request>
  }
}
