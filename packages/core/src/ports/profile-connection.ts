import type { Jid } from '../types/jid.js'
import type { PrivacySettings } from '../types/profile.js'

/**
 * What a connection can do with what others see of the account. Every call rejects with SESSION_NOT_CONNECTED, with CONNECTION_LOST
 * when WhatsApp is silent, and with WHATSAPP_RATE_LIMITED · SERVICE_UNAVAILABLE · WHATSAPP_REFUSED when it refuses.
 */
export interface ProfileConnection {
  /** Resolves when WhatsApp has taken it; an `account` event follows. */
  setName(name: string): Promise<void>
  setAbout(text: string): Promise<void>
  /**
   * Of the account, or of a group. `undefined` takes it away.
   *
   * @param picture an image as it was given; it is made what WhatsApp takes
   * @throws PICTURE_INVALID · GROUP_FORBIDDEN · GROUP_NOT_FOUND
   */
  setPicture(picture: Uint8Array | undefined, options?: { groupId?: Jid }): Promise<void>
  privacy(): Promise<PrivacySettings>
  setPrivacy(changes: PrivacySettings): Promise<void>
  /** Who gets what the account posts as its status. */
  statusAudience(): Promise<WireAudience>
}

/** Everybody in the address book, all of them but some, or some alone. */
export interface WireAudience {
  kind: 'contacts' | 'contacts-except' | 'only'
  people: Jid[]
}
