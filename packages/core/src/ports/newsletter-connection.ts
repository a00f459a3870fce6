import type { Jid } from '../types/jid.js'
import type { NewNewsletter, Newsletter, NewsletterChanges, NewsletterKey } from '../types/newsletter.js'

/**
 * What a connection can learn of channels, and do to them. Every call rejects with SESSION_NOT_CONNECTED, with CONNECTION_LOST when WhatsApp is silent,
 * and with WHATSAPP_RATE_LIMITED · SERVICE_UNAVAILABLE · WHATSAPP_REFUSED when it refuses.
 */
export interface NewsletterConnection {
  /** Those that the account owns, runs or follows. */
  list(): Promise<Newsletter[]>
  /** @throws CHAT_NOT_FOUND */
  get(key: NewsletterKey): Promise<Newsletter>
  create(words: NewNewsletter): Promise<Newsletter>
  /** Where the account runs it. @throws CHAT_NOT_FOUND, as all of these do */
  update(id: Jid, changes: NewsletterChanges): Promise<void>
  /** The bytes of an image; none takes it away. Where the account runs it. @throws PICTURE_INVALID */
  setPicture(id: Jid, picture: Uint8Array | undefined): Promise<void>
  /** For good, where the account owns it. */
  remove(id: Jid): Promise<void>
  follow(id: Jid, following: boolean): Promise<void>
  mute(id: Jid, muted: boolean): Promise<void>
}
