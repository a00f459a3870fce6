import type { EventName } from './events.js'

/** What a webhook can be sent: everything that is told of sessions. */
export type WebhookEventName = EventName

/** Every state of a webhook. */
export const WEBHOOK_STATES = ['ok', 'failing', 'disabled'] as const
/** One of `WEBHOOK_STATES`: `failing` since the last delivery failed, `disabled` when nothing is delivered any more. */
export type WebhookState = (typeof WEBHOOK_STATES)[number]
