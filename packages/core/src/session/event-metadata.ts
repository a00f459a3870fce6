import type { SessionRecord } from '../ports/session-store.js'
import type { EventEnvelope } from '../types/events.js'

/** What of a session's metadata is on each of its events: nothing while there is none. */
export function eventMetadata({ metadata }: Pick<SessionRecord, 'metadata'>): Pick<EventEnvelope, 'metadata'> {
  return Object.keys(metadata).length === 0 ? {} : { metadata: { ...metadata } }
}
