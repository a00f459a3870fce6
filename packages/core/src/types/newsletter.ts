import type { Jid } from './jid.js'

/** What the account is in a channel. */
export const NEWSLETTER_ROLES = ['owner', 'admin', 'subscriber', 'guest'] as const

/** A channel, as WhatsApp has it. `…@newsletter` as a recipient posts a text in it, where the account is its owner or an admin. */
export interface Newsletter {
  id: Jid
  name: string
  description?: string
  /** The code of the link that leads to it. */
  invite?: string
  subscriberCount?: number
  verified: boolean
  /** Left out where WhatsApp does not say. */
  role?: (typeof NEWSLETTER_ROLES)[number]
  muted?: boolean
  /** ISO 8601. */
  createdAt?: string
}

/** A channel by its id, or by its invitation. */
export type NewsletterKey = { id: Jid } | { invite: string }

/** What can be asked of the channels of a session, as data. */
export type NewsletterRequest = { do: 'list' } | { do: 'get'; key: NewsletterKey }

/** What a request answers. */
export type NewsletterResultOf<Request extends NewsletterRequest> = Request extends { do: 'list' }
  ? Newsletter[]
  : Newsletter
