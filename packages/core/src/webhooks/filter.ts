import type { WebhookRecord } from '../records/webhook.js'
import { type EventEnvelope, type EventName, LOGGED_EVENTS } from '../types/events.js'

const LOGGED: ReadonlySet<EventName> = new Set(LOGGED_EVENTS)

/** Whether a webhook reads a session at all. */
export function readsSession({ sessionIds }: Pick<WebhookRecord, 'sessionIds'>, sessionId: string): boolean {
  return sessionIds === '*' || sessionIds.includes(sessionId)
}

/**
 * Whether a webhook is to be sent an event. `*` is every event that is logged: secrets and noise are sent to whoever names them.
 * Metadata is that of the session when the event was told.
 */
export function wantsEvent(
  { events, sessionIds, metadata = {} }: Pick<WebhookRecord, 'events' | 'sessionIds' | 'metadata'>,
  name: EventName,
  event: Pick<EventEnvelope, 'sessionId' | 'metadata'>,
): boolean {
  const isNamed = events === '*' ? LOGGED.has(name) : events.includes(name)
  const fits = Object.entries(metadata).every(
    ([key, value]) => Object.hasOwn(event.metadata ?? {}, key) && event.metadata?.[key] === value,
  )
  return isNamed && readsSession({ sessionIds }, event.sessionId) && fits
}
