import type { Jid } from './jid.js'

/** What is known of a phone number that was checked. */
export interface CheckedNumber {
  /** The number as it was given. */
  number: string
  /** `invalid`: it is no phone number; WhatsApp was not asked. */
  state: 'on_whatsapp' | 'not_on_whatsapp' | 'invalid'
  /** Where to write to: the person's LID once it is known, else the phone-number JID. */
  id?: Jid
  /** The digits under which WhatsApp knows it, which are not always those that are dialled. */
  phone?: string
  lid?: Jid
}

/** The picture of a person or a group, as far as the account may see it. */
export interface Picture {
  /** `none`: there is none. `hidden`: the account may not see it, or there is none. */
  state: 'shown' | 'none' | 'hidden'
  /** Another one with each picture. */
  id?: string
  /** Where WhatsApp has it, for some hours; asked for again it is another one. */
  url?: string
}

/** The words that people have about themselves. */
export interface About {
  state: 'shown' | 'none' | 'hidden'
  text?: string
  /** Since when (ISO 8601). */
  setAt?: string
}

/** What a business tells of itself. */
export interface BusinessProfile {
  isBusiness: boolean
  description?: string
  address?: string
  email?: string
  websites?: string[]
  categories?: string[]
}

/** Somebody whom the account does not want to hear of. */
export interface BlockedContact {
  id: Jid
  /** Digits only. */
  phone?: string
}
