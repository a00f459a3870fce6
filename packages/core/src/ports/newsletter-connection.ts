import type { Newsletter, NewsletterKey } from '../types/newsletter.js'

/**
 * What a connection can learn of channels. Every call rejects with SESSION_NOT_CONNECTED, with CONNECTION_LOST when WhatsApp is silent,
 * and with WHATSAPP_RATE_LIMITED · SERVICE_UNAVAILABLE · WHATSAPP_REFUSED when it refuses.
 */
export interface NewsletterConnection {
  /** Those that the account owns, runs or follows. */
  list(): Promise<Newsletter[]>
  /** @throws CHAT_NOT_FOUND */
  get(key: NewsletterKey): Promise<Newsletter>
}
