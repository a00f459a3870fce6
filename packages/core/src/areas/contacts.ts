import { TrunklineError } from '../errors/trunkline-error.js'
import {
  checkContactId,
  checkContactQuery,
  checkNumbers,
  checkPictureFile,
  checkPictureId,
  checkPictureOptions,
} from '../manager/contact-validation.js'
import type { MediaRef, MediaStore, StoredMedia } from '../ports/media-store.js'
import { lacksFiles, pictureIdOf } from '../records/media.js'
import type { Contact } from '../types/chat.js'
import type { About, BlockedContact, BusinessProfile, CheckedNumber, Picture } from '../types/contact.js'
import type { ContactRequest, ContactResultOf } from '../types/contact-request.js'
import type { Jid } from '../types/jid.js'
import type { Page, PageOptions } from '../types/page.js'
import { unlessAborted } from '../util/unless-aborted.js'
import type { AreaParts } from './area.js'
import { keptFile, type MediaFile } from './kept-file.js'

/** As long people are taken to look as they did. */
const PICTURE_LIFETIME_MS = 24 * 60 * 60 * 1_000

interface PictureLook {
  asked: { id: Jid; preview: boolean }
  kept: StoredMedia | undefined
  signal: AbortSignal | undefined
}

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
   * The store looks through all contacts of the session for it, in one go. Of seven digits or more: where numbers begin with them, only
   * those, and nothing has to be looked through.
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

  /**
   * The picture itself, a JPEG. WhatsApp is asked for it at most once a day, unless it tells of another one, no more than 60 times in a
   * minute for a session, and through its proxy; what was seen of somebody is kept beside the files of messages, for all processes, and
   * that there was no picture too. An older one is answered while WhatsApp cannot be asked.
   *
   * @throws PICTURE_NOT_FOUND when there is none to see · MEDIA_NOT_AVAILABLE · RATE_LIMITED · OPERATION_ABORTED
   */
  async pictureFile(id: string, options: { preview?: boolean; signal?: AbortSignal } = {}): Promise<MediaFile> {
    const { signal, preview = false } = checkPictureFile(options)
    checkPictureId(id)
    await this.#parts.known(this.#sessionId)
    const { store, reader } = this.#parts
    if (!store) throw lacksFiles()
    const asked = { id: await reader.idOf(this.#sessionId, id), preview }
    const place = { sessionId: this.#sessionId, mediaId: pictureIdOf(asked.id, asked) }
    const kept = await store.stat(place)
    const shown = kept && this.#isRecent(kept) ? kept : await this.#lookAgain(store, place, { asked, kept, signal })
    if (shown.bytes === 0) throw new TrunklineError('PICTURE_NOT_FOUND')
    return keptFile(store, place, { ...shown, mimetype: 'image/jpeg' })
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

  #isRecent({ storedAt }: StoredMedia): boolean {
    return Date.parse(storedAt) > this.#parts.clock.now() - PICTURE_LIFETIME_MS
  }

  async #lookAgain(store: MediaStore, place: MediaRef, { asked, kept, signal }: PictureLook): Promise<StoredMedia> {
    try {
      const request = { do: 'keep-picture', ...asked } as const
      const asking = this.#parts.router.call(this.#sessionId, { kind: 'contacts', request }, signal ? { signal } : {})
      const because = (cause: unknown) => new TrunklineError('OPERATION_ABORTED', { cause })
      await unlessAborted(asking, { signal, because })
    } catch (error) {
      if (!kept || signal?.aborted) throw error
      return kept
    }
    const found = await store.stat(place)
    // It may have been the oldest of too many.
    if (!found) throw new TrunklineError('MEDIA_NOT_AVAILABLE', { message: 'There is no room to keep the picture' })
    return found
  }

  async #ask<Request extends ContactRequest>(request: Request): Promise<ContactResultOf<Request>> {
    await this.#parts.use()
    return (await this.#parts.router.call(this.#sessionId, { kind: 'contacts', request })) as ContactResultOf<Request>
  }
}
