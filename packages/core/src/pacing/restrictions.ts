import type { SendRestriction } from '../types/queue.js'
import { HOUR_MS, MINUTE_MS } from './history.js'

/** What WhatsApp says of its own limits: that one holds, for how long if it says so (milliseconds since 1970), or that it ended. */
export interface LimitSignal {
  code: SendRestriction['code']
  active: boolean
  until?: number
}

/** So long no conversation is begun after a refusal of which WhatsApp does not say for how long it holds. */
const UNKNOWN_MS = HOUR_MS
/** The first pause after WhatsApp said that it is too much; it doubles while it says so again. */
const FIRST_PAUSE_MS = MINUTE_MS
const LONGEST_PAUSE_MS = HOUR_MS
/** After so long without a word of it the pauses begin anew. */
const FORGIVEN_AFTER_MS = HOUR_MS

/** Those that hold at `now`. */
export function inForce(restrictions: readonly SendRestriction[], now: number): SendRestriction[] {
  return restrictions.filter(({ until }) => until === undefined || Date.parse(until) > now)
}

/** What holds after WhatsApp has told of a limit; those that are over go. */
export function afterSignal(
  restrictions: readonly SendRestriction[],
  { code, active, until }: LimitSignal,
  now: number,
): SendRestriction[] {
  const holding = inForce(restrictions, now)
  const known = holding.find((one) => one.code === code)
  const others = holding.filter((one) => one !== known)
  if (!active) return others
  const since = known?.since ?? new Date(now).toISOString()
  return [...others, { code, since, until: new Date(until ?? now + UNKNOWN_MS).toISOString() }]
}

/**
 * What a refusal of a message says (codes of WhatsApp's answer): 463 that no conversation may be begun, 429 that it was too much.
 * `refusals`: how many 429 there were one soon after the other, this one too. Nothing for any other code, and for a 463 while the end
 * of that is known.
 */
export function signalOfRefusal(
  code: string,
  { restrictions, refusals, now }: { restrictions: readonly SendRestriction[]; refusals: number; now: number },
): LimitSignal | undefined {
  if (code === '429') {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(refusals - 1, 10))
    return { code: 'RATE_LIMITED', active: true, until: now + pauseMs }
  }
  const isKnown = inForce(restrictions, now).some((one) => one.code === 'REACHOUT_TIMELOCK')
  return code === '463' && !isKnown ? { code: 'REACHOUT_TIMELOCK', active: true } : undefined
}

/** Whether a refusal goes on with those before it. */
export function isForgiven(lastAt: number, now: number): boolean {
  return now - lastAt > FORGIVEN_AFTER_MS
}
