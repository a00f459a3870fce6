import type { PacingPreset, PacingSettings, QuietHours } from '../types/pacing.js'
import type { SendUsage } from '../types/queue.js'

/** What a session may send. */
export interface PacingLimits {
  perMinute: number
  perHour: number
  perDay: number
  newChatsPerDay: number
  chatGapMs: readonly [number, number]
  typing: boolean
  quietHours?: QuietHours
}

const NONE = Number.POSITIVE_INFINITY
const DAY_MS = 24 * 60 * 60_000

const OFF: PacingLimits = {
  perMinute: NONE,
  perHour: NONE,
  perDay: NONE,
  newChatsPerDay: NONE,
  chatGapMs: [0, 0],
  typing: false,
}

/**
 * What a busy person does. WhatsApp publishes no numbers; these stay below what one pair of hands can type, because what nobody
 * could type is what is noticed first:
 *
 * - 12 a minute: a short sentence takes about five seconds to type.
 * - 200 an hour: nobody keeps up the pace of a minute; a third of it is a very busy hour.
 * - 1,000 a day: five such hours.
 * - 50 new conversations a day: first messages to strangers are what people report, and what accounts are locked for.
 * - 2 to 6 s between two messages to one chat: to read the last one and to begin the next.
 */
const CAREFUL: PacingLimits = {
  perMinute: 12,
  perHour: 200,
  perDay: 1_000,
  newChatsPerDay: 50,
  chatGapMs: [2_000, 6_000],
  typing: true,
}

/**
 * The first day of an account that nobody knows: 4 a minute, 20 an hour, 50 a day, and 5 new conversations. It grows by 30 % a day,
 * so that an account is as free as `careful` after about two weeks; a number that is new and at once busy looks like one bought for it.
 */
const FIRST_DAY: PacingLimits = {
  perMinute: 4,
  perHour: 20,
  perDay: 50,
  newChatsPerDay: 5,
  chatGapMs: [4_000, 12_000],
  typing: true,
}
const GROWTH_A_DAY = 1.3

/** `linkedAt`: when the account was linked, in milliseconds since 1970; an account of which nobody knows is on its first day. */
export function limitsOf(
  pacing: PacingSettings | undefined,
  { now, linkedAt }: { now: number; linkedAt: number | undefined },
): PacingLimits {
  const { preset = 'off', ...given } = pacing ?? {}
  return { ...presetLimits(preset, Math.max(0, Math.floor((now - (linkedAt ?? now)) / DAY_MS))), ...given }
}

/** How much may be sent in each of the times that are counted; those without a limit are left out. */
export function budgetOf({ perMinute, perHour, perDay, newChatsPerDay }: PacingLimits): Partial<SendUsage> {
  const all = Object.entries({ minute: perMinute, hour: perHour, day: perDay, newChats: newChatsPerDay })
  return Object.fromEntries(all.filter(([, limit]) => Number.isFinite(limit)))
}

function presetLimits(preset: PacingPreset, days: number): PacingLimits {
  if (preset === 'off') return OFF
  return preset === 'careful' ? CAREFUL : warmedUp(days)
}

function warmedUp(days: number): PacingLimits {
  const grown = GROWTH_A_DAY ** days
  const grow = (name: 'perMinute' | 'perHour' | 'perDay' | 'newChatsPerDay') =>
    Math.min(CAREFUL[name], Math.floor(FIRST_DAY[name] * grown))
  const perDay = grow('perDay')
  return {
    perMinute: grow('perMinute'),
    perHour: grow('perHour'),
    perDay,
    newChatsPerDay: grow('newChatsPerDay'),
    chatGapMs: perDay === CAREFUL.perDay ? CAREFUL.chatGapMs : FIRST_DAY.chatGapMs,
    typing: true,
  }
}
