import { createHash } from 'node:crypto'
import type { LoggedEvent } from '../types/events.js'

/** What a receiver gets. */
export interface WebhookMessage {
  /** The same for each attempt and each repeat of one event at one webhook: receivers know by it what they have. */
  id: string
  body: string
}

/** The time is part of the id: a session that was made anew under an old name has other events under the same numbers. */
export function messageOf(webhookId: string, { name, event }: LoggedEvent): WebhookMessage {
  const named = JSON.stringify([webhookId, event.sessionId, event.seq, name, event.at])
  const id = `msg_${createHash('sha256').update(named).digest('base64url').slice(0, 32)}`
  return { id, body: JSON.stringify({ type: name, timestamp: event.at, data: event }) }
}
