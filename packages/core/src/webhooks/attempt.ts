import type { DeliveryAttempt } from '../types/webhook.js'

/** What came of a request: an answer, or the reason why there is none. */
export type PostOutcome = { status: number; answer: string } | { error: string }

/** What follows from an attempt. `gone`: the receiver wants nothing any more. */
export type Verdict = 'delivered' | 'failed' | 'gone'

const GONE = 410

/** Any 2xx is a success. A redirect is not followed: what the URL was checked for does not hold for another one. */
export function verdictOf(outcome: PostOutcome): Verdict {
  if ('error' in outcome) return 'failed'
  if (outcome.status === GONE) return 'gone'
  return outcome.status >= 200 && outcome.status < 300 ? 'delivered' : 'failed'
}

/** Why an attempt failed, for people. */
export function reasonOf(outcome: PostOutcome): string {
  if ('error' in outcome) return outcome.error
  const isRedirect = outcome.status >= 300 && outcome.status < 400
  return `HTTP ${outcome.status}${isRedirect ? ': redirects are not followed' : ''}`
}

/** An attempt as it is kept. */
export function attemptOf(
  outcome: PostOutcome,
  { at, durationMs }: { at: string; durationMs: number },
): DeliveryAttempt {
  const failed = verdictOf(outcome) !== 'delivered'
  return {
    at,
    durationMs: Math.round(durationMs),
    ...('status' in outcome ? { status: outcome.status } : {}),
    ...('answer' in outcome && outcome.answer !== '' ? { answer: outcome.answer } : {}),
    ...(failed ? { error: reasonOf(outcome) } : {}),
  }
}
