import type { Clock } from '../ports/clock.js'
import type { DeliveryAttempt } from '../types/webhook.js'
import { onAbort } from '../util/on-abort.js'
import { attemptOf, reasonOf, type Verdict, verdictOf } from './attempt.js'
import type { WebhookSender } from './http-sender.js'
import type { WebhookMessage } from './message.js'
import { signatures } from './signature.js'

/** How long a receiver may take to answer. */
const TIMEOUT_MS = 15_000

/** Where messages go, with what only the process may know in the open. */
export interface Receiver {
  url: string
  headers: Record<string, string>
  secrets: readonly string[]
}

export interface Attempted {
  verdict: Verdict
  /** Why it failed, for people. */
  reason: string
  attempt: DeliveryAttempt
}

/** Makes one attempt to bring a message to a receiver: signed, with a limit of time, never a second one. */
export async function attemptDelivery(
  receiver: Receiver,
  message: WebhookMessage,
  { sender, clock, signal }: { sender: WebhookSender; clock: Clock; signal: AbortSignal },
): Promise<Attempted> {
  const controller = new AbortController()
  const cancel = clock.setTimeout(
    () => controller.abort(new DOMException('No answer in time', 'TimeoutError')),
    TIMEOUT_MS,
  )
  const leave = onAbort(signal, () => controller.abort(new DOMException('Ended', 'AbortError')))
  const [at, beganAt] = [new Date(clock.now()).toISOString(), clock.monotonic()]
  try {
    const headers = headersOf(receiver, message, clock.now())
    const outcome = await sender.post({ url: receiver.url, headers, body: message.body, signal: controller.signal })
    const attempt = attemptOf(outcome, { at, durationMs: clock.monotonic() - beganAt })
    return { verdict: verdictOf(outcome), reason: reasonOf(outcome), attempt }
  } finally {
    cancel()
    leave()
  }
}

function headersOf(receiver: Receiver, { id, body }: WebhookMessage, now: number): Record<string, string> {
  const timestamp = Math.floor(now / 1000)
  return {
    'user-agent': 'Trunkline',
    ...receiver.headers,
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': `${timestamp}`,
    'webhook-signature': signatures({ id, timestamp, body }, receiver.secrets),
  }
}
