import type { EventName } from '../types/events.js'
import type { WebhookState } from '../types/webhook.js'

/** A webhook as it is kept. Times are ISO 8601. */
export interface WebhookRecord {
  id: string
  url: string
  events: readonly EventName[] | '*'
  sessionIds: readonly string[] | '*'
  /** Only sessions that have all of these in their metadata. */
  metadata?: Record<string, string>
  /** Sealed, where the manager has keys: receivers are let in by them. */
  headers?: string
  ordered: boolean
  enabled: boolean
  description?: string
  /** The oldest first; every one of them signs. */
  secrets: readonly WebhookSecretRecord[]
  state: WebhookState
  stateReason?: string
  /** When it failed first since it was delivered to last; there while it fails. */
  failingSince?: string
  createdAt: string
  updatedAt: string
  /** Grows by one with each change. */
  revision: number
}

/** One signing secret. `value` is sealed, where the manager has keys. */
export interface WebhookSecretRecord {
  id: string
  value: string
  createdAt: string
}
