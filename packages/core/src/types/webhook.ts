import type { EventName } from './events.js'

/** Every state of a webhook. */
export const WEBHOOK_STATES = ['ok', 'failing', 'disabled'] as const
/** One of `WEBHOOK_STATES`: `failing` since a delivery failed and none succeeded, `disabled` when nothing is delivered any more. */
export type WebhookState = (typeof WEBHOOK_STATES)[number]

/** Every state of a delivery. */
export const DELIVERY_STATES = ['retrying', 'delivered', 'dead', 'canceled'] as const
/** One of `DELIVERY_STATES`: `dead` when no attempt is left, `canceled` with its webhook. */
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** Somewhere that events are sent to, by Standard Webhooks. Times are ISO 8601. */
export interface Webhook {
  id: string
  url: string
  /** `*`: every event that is logged. */
  events: EventName[] | '*'
  sessionIds: string[] | '*'
  /** Only sessions that have all of these in their metadata. */
  metadata?: Record<string, string>
  /** Names of the headers that go with each request. Their values are not shown. */
  headerNames: string[]
  /** Whether the later events of a session wait for one that failed. */
  ordered: boolean
  enabled: boolean
  description?: string
  state: WebhookState
  /** Why it fails, or was disabled. */
  stateReason?: string
  /** Since when nothing could be delivered. */
  failingSince?: string
  /** The active signing secrets, oldest first, without their values. */
  secrets: { id: string; createdAt: string }[]
  createdAt: string
  updatedAt: string
}

/** A webhook that was just made, with its secret, which is not shown again. */
export interface CreatedWebhook extends Webhook {
  /** `whsec_…` */
  secret: string
}

/** A secret that was just made. It is not shown again. */
export interface CreatedWebhookSecret {
  id: string
  /** `whsec_…` */
  secret: string
  createdAt: string
}

/** What a webhook is made of. */
export interface CreateWebhookOptions {
  /** `https:` or `http:`. */
  url: string
  /** `*` unless given. Events that are never logged can be named too: they are sent once, without promise. */
  events?: readonly EventName[] | '*'
  /** `*` unless given. */
  sessionIds?: readonly string[] | '*'
  metadata?: Record<string, string>
  /** Sent with each request. */
  headers?: Record<string, string>
  /** False unless given. */
  ordered?: boolean
  /** True unless given. */
  enabled?: boolean
  description?: string
  /** With which events it begins: those from `now` on, all that are kept (`start`), or those since a time (ISO 8601). */
  from?: string
}

/** What changes; `null` clears. `enabled: true` tries a disabled webhook again, which goes on where it was. */
export interface UpdateWebhookOptions {
  url?: string
  events?: readonly EventName[] | '*'
  sessionIds?: readonly string[] | '*'
  metadata?: Record<string, string> | null
  headers?: Record<string, string> | null
  ordered?: boolean
  enabled?: boolean
  description?: string | null
}

/** One request of a delivery, and what came of it. */
export interface DeliveryAttempt {
  at: string
  /** Of the answer, where there was one. */
  status?: number
  durationMs: number
  /** Why it failed. */
  error?: string
  /** The first 1,024 bytes of the answer. */
  answer?: string
}

/** A request to a webhook, and whether it was a success. */
export interface WebhookAttempt {
  webhookId: string
  delivered: boolean
  attempt: DeliveryAttempt
}

/** An event on its way to a webhook, or what became of it. Of those that were delivered the last 500 of a webhook are kept. */
export interface Delivery {
  id: string
  webhookId: string
  /** The header `webhook-id`. */
  messageId: string
  sessionId: string
  seq: number
  event: EventName
  state: DeliveryState
  attempts: DeliveryAttempt[]
  /** When the next attempt is due. */
  nextAt?: string
  createdAt: string
}

/** Which deliveries to repeat: of events that happened from `from` on and before `to` (ISO 8601). */
export interface RedeliverOptions {
  from: string
  to: string
  /** `dead` unless given. */
  state?: 'dead' | 'delivered'
}

/** Which deliveries of a webhook. */
export interface DeliveryQuery {
  state?: DeliveryState
  sessionId?: string
}
