import type { IdentityPair } from '../types/chat.js'
import type { About, BusinessProfile, Picture } from '../types/contact.js'
import type { Jid } from '../types/jid.js'
import type { IdentityLookup } from './connector.js'

/**
 * What a connection can learn of people. Every call rejects with SESSION_NOT_CONNECTED, with CONNECTION_LOST when WhatsApp is
 * silent, and with WHATSAPP_RATE_LIMITED · SERVICE_UNAVAILABLE · WHATSAPP_REFUSED when it refuses.
 */
export interface ContactConnection {
  /** As `lookUp`, for many phone-number JIDs in few questions: an answer for each, in order. */
  lookUpAll(addresses: readonly Jid[]): Promise<(IdentityLookup | undefined)[]>
  /** Of a person or a group. `preview`: a small one. */
  picture(id: Jid, options: { preview: boolean }): Promise<Picture>
  /**
   * The bytes of a picture, from where `picture` says that it is. Rejects from the iteration, with MEDIA_NOT_AVAILABLE when it is not
   * there, or when the place is none of WhatsApp's.
   */
  pictureBytes(url: string, options: { signal?: AbortSignal }): AsyncIterable<Uint8Array>
  about(id: Jid): Promise<About>
  business(id: Jid): Promise<BusinessProfile>
  /** By as many addresses of the person as are known. */
  setBlocked(person: { lid?: Jid; pn?: Jid }, blocked: boolean): Promise<void>
  /** From then on, as long as it is open, the connection tells of their `presence`. Nobody answers that. */
  watchPresence(id: Jid): Promise<void>
  blocked(): Promise<{ id: Jid; identities: IdentityPair[] }[]>
}
