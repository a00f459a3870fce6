import type { Jid } from './jid.js'

/** What the account is in a channel. */
export const NEWSLETTER_ROLES = ['owner', 'admin', 'subscriber', 'guest'] as const

/** A channel, as WhatsApp has it. `…@newsletter` as a recipient posts a text or a file in it, where the account is its owner or an admin. */
export interface Newsletter {
  id: Jid
  name: string
  description?: string
  /** The code of the link that leads to it. */
  invite?: string
  subscriberCount?: number
  /** Where WhatsApp has its picture, for some time; left out where it has none. */
  pictureUrl?: string
  verified: boolean
  /** Left out where WhatsApp does not say. */
  role?: (typeof NEWSLETTER_ROLES)[number]
  muted?: boolean
  /** ISO 8601. */
  createdAt?: string
}

/** A channel by its id, or by its invitation. */
export type NewsletterKey = { id: Jid } | { invite: string }

/** A channel to be made. */
export interface NewNewsletter {
  name: string
  description?: string
}

/** What of a channel is to change; what is left out stays. An empty description takes it away. */
export type NewsletterChanges = Partial<NewNewsletter>

/** What can be asked of the channels of a session, as data. */
export type NewsletterRequest =
  | { do: 'list' }
  | { do: 'get'; key: NewsletterKey }
  | { do: 'create'; words: NewNewsletter }
  | { do: 'update'; key: NewsletterKey; changes: NewsletterChanges }
  /** Its bytes as base64; none takes it away. */
  | { do: 'picture'; key: NewsletterKey; picture?: string }
  | { do: 'delete'; key: NewsletterKey }
  | { do: 'follow'; key: NewsletterKey; following: boolean }
  | { do: 'mute'; key: NewsletterKey; muted: boolean }

/** What a request answers. */
export type NewsletterResultOf<Request extends NewsletterRequest> = Request extends { do: 'list' }
  ? Newsletter[]
  : Request extends { do: 'delete' }
    ? undefined
    : Newsletter
