import type { About, Picture } from './contact.js'
import type { Jid } from './jid.js'

/** What others see of the account. */
export interface Profile {
  id: Jid
  /** Digits only. */
  phone: string
  lid?: Jid
  /** The name that the account gave itself. */
  name?: string
  about: About
  picture: Picture
}

/** What is to change of it; fields that are left out stay. */
export interface ProfileChanges {
  name?: string
  /** Empty for none. */
  about?: string
}

/** Every setting of privacy, and what it may be. */
export const PRIVACY_CHOICES = {
  /** Who sees when the account was there last. */
  lastSeen: ['all', 'contacts', 'contact_blacklist', 'none'],
  /** Who sees that it is there. */
  online: ['all', 'match_last_seen'],
  picture: ['all', 'contacts', 'contact_blacklist', 'none'],
  about: ['all', 'contacts', 'contact_blacklist', 'none'],
  /** Whether others see what was read, and the account sees it of others. */
  readReceipts: ['all', 'none'],
  /** Who may add the account to groups. */
  groupAdd: ['all', 'contacts', 'contact_blacklist', 'none'],
  calls: ['all', 'known'],
  messages: ['all', 'contacts'],
} as const

/** One of `PRIVACY_CHOICES`. */
export type PrivacySetting = keyof typeof PRIVACY_CHOICES

/** Who may see and do what. WhatsApp's own words, also such as this version does not know; left out where it does not say. */
export type PrivacySettings = { [Name in PrivacySetting]?: string }

/** What is to change of it. */
export type PrivacyChanges = { [Name in PrivacySetting]?: (typeof PRIVACY_CHOICES)[Name][number] }
