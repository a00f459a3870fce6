import { LIMITS } from '../types/limits.js'
import { PACING_PRESETS, type PacingSettings, type QuietHours } from '../types/pacing.js'
import { type Check, fields, flag, list, matching, oneOf, optional, wellFormed, wholeNumber, wrong } from './checks.js'

const { maxMessages, maxChatGapMs } = LIMITS.settings.pacing

const messages = wholeNumber({ min: 1, max: maxMessages })
const timeOfDay = matching('^([01][0-9]|2[0-3]):[0-5][0-9]$')

const timeZone = wellFormed((name) =>
  isTimeZone(name) ? undefined : 'must be a time zone of the IANA database, such as Europe/Berlin',
)

/** How a session paces what it sends. */
export const pacingCheck: Check = fields<PacingSettings>({
  preset: oneOf(PACING_PRESETS),
  perMinute: optional(messages),
  perHour: optional(messages),
  perDay: optional(messages),
  newChatsPerDay: optional(wholeNumber({ min: 0, max: maxMessages })),
  chatGapMs: optional(gap),
  typing: optional(flag),
  quietHours: optional(quietHours),
})

function gap(value: unknown, field: string) {
  const pair = list(wholeNumber({ min: 0, max: maxChatGapMs }), { minCount: 2 })
  // Of a list that is too long the first two are looked at as well.
  const isLong = Array.isArray(value) && value.length > 2
  const errors = isLong
    ? [...wrong(field, 'must have at most 2 entries'), ...pair(value.slice(0, 2), field)]
    : pair(value, field)
  const [least, most] = errors.length === 0 ? (value as [number, number]) : [0, 0]
  return least > most ? wrong(field, 'must have the shorter time first') : errors
}

function quietHours(value: unknown, field: string) {
  const errors = fields<QuietHours>({ from: timeOfDay, to: timeOfDay, timeZone })(value, field)
  if (errors.length > 0) return errors
  const { from, to } = value as QuietHours
  return from === to ? wrong(`${field}.to`, 'must be another time than from') : []
}

function isTimeZone(name: string): boolean {
  // An offset such as +01:00 knows nothing of summer, and not every version of Node.js takes it.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
