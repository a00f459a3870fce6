import type { Job, JobState, NewJob } from '../ports/job-store.js'
import type { EventName, LoggedEvent } from '../types/events.js'
import type { Delivery, DeliveryAttempt, DeliveryState } from '../types/webhook.js'

/** What a job of a webhook carries. The event is in it, because the log may have removed it by the last attempt. */
export interface Parked {
  messageId: string
  event: LoggedEvent
  attempts: DeliveryAttempt[]
}

export function kindOf(webhookId: string): string {
  return `webhook:${webhookId}`
}

/** `key`: the message id, so that an event which is parked again after a crash is parked once. */
export function parkedJob(
  webhookId: string,
  { key, parked, ordered, dueAt, now }: { key: string; parked: Parked; ordered: boolean; dueAt: number; now: number },
): NewJob {
  const { sessionId } = parked.event.event
  return {
    kind: kindOf(webhookId),
    key,
    sessionId,
    ...(ordered ? { lane: sessionId } : {}),
    payload: parked,
    dueAt: new Date(dueAt).toISOString(),
    enqueuedAt: new Date(now).toISOString(),
  }
}

/** What was parked, as callers see it. */
export function deliveryOf(webhookId: string, job: Job): Delivery {
  const { messageId, event, attempts } = job.payload as Parked
  const state = STATES[job.state]
  return {
    id: job.key,
    webhookId,
    messageId,
    sessionId: event.event.sessionId,
    seq: event.event.seq,
    event: event.name as EventName,
    state,
    attempts,
    ...(state === 'retrying' ? { nextAt: job.dueAt } : {}),
    createdAt: job.enqueuedAt,
  }
}

const STATES: Record<JobState, DeliveryState> = {
  waiting: 'retrying',
  claimed: 'retrying',
  done: 'delivered',
  dead: 'dead',
  canceled: 'canceled',
}

/** The state of jobs that a state of deliveries is looked for by. Those that are tried at the moment are few. */
export const JOB_STATE_OF: Record<DeliveryState, JobState> = {
  retrying: 'waiting',
  delivered: 'done',
  dead: 'dead',
  canceled: 'canceled',
}
