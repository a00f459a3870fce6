import type { WebhookRecord } from '../records/webhook.js'
import { assertNever } from '../util/assert-never.js'
import type { Verdict } from './attempt.js'

/** A webhook that nothing could be delivered to for so long is switched off. */
const GIVEN_UP_AFTER_MS = 5 * 24 * 60 * 60_000

type Health = Pick<WebhookRecord, 'state' | 'stateReason' | 'failingSince'>

/** How a webhook does after an attempt; `undefined` when nothing is to be written, which is nearly always. */
export function healthAfter(
  health: Health,
  { verdict, reason, now }: { verdict: Verdict; reason: string; now: number },
): Health | undefined {
  if (health.state === 'disabled') return undefined
  switch (verdict) {
    case 'delivered':
      return health.state === 'ok' ? undefined : { state: 'ok' }
    case 'gone':
      return { state: 'disabled', stateReason: 'The receiver answered 410 Gone' }
    case 'failed': {
      const failingSince = health.failingSince ?? new Date(now).toISOString()
      if (now - Date.parse(failingSince) >= GIVEN_UP_AFTER_MS)
        return {
          state: 'disabled',
          stateReason: `Nothing could be delivered for five days; last: ${reason}`,
          failingSince,
        }
      return health.state === 'failing' ? undefined : { state: 'failing', stateReason: reason, failingSince }
    }
    default:
      return assertNever(verdict)
  }
}
