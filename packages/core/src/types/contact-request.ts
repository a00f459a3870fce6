import type { About, BlockedContact, BusinessProfile, CheckedNumber, Picture } from './contact.js'
import type { Jid } from './jid.js'

/** What can be asked of the contacts of a session, as data. People are given as callers name them. */
export type ContactRequest =
  | { do: 'check'; numbers: string[] }
  | { do: 'picture'; id: string; preview: boolean }
  /** Brings the picture into the store, under the id of `pictureIdOf`. */
  | { do: 'keep-picture'; id: Jid; preview: boolean }
  | { do: 'about'; contactId: string }
  | { do: 'business'; contactId: string }
  | { do: 'block'; contactId: string; blocked: boolean }
  | { do: 'blocked' }
  | { do: 'watch'; contactId: string }

interface Results {
  check: CheckedNumber[]
  picture: Picture
  about: About
  business: BusinessProfile
  blocked: BlockedContact[]
}

/** What a request answers. */
export type ContactResultOf<Request extends ContactRequest> = Request['do'] extends keyof Results
  ? Results[Request['do']]
  : undefined
