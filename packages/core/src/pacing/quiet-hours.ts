import type { QuietHours } from '../types/pacing.js'

const MINUTE_MS = 60_000
/** A night is over within a day; a change of the clocks can make it an hour longer, on an island of the north half an hour. */
const LONGEST_MINUTES = 26 * 60

const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * When it is quiet at `now`, the first moment at which it is not any more (milliseconds since 1970); `undefined` when it is not. By
 * the clock on the wall: an hour that comes twice is quiet twice, one that is left out cannot be waited for.
 */
export function quietUntil({ from, to, timeZone }: QuietHours, now: number): number | undefined {
  const [begin, end] = [minutesOf(from), minutesOf(to)]
  const isQuiet = (time: number) => isBetween(minuteOfDay(time, timeZone), begin, end)
  if (begin === end || !isQuiet(now)) return undefined
  // Whole minutes of the clock are whole minutes of UTC in every zone of today.
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS
  let until = minute
  for (let passed = 0; passed < LONGEST_MINUTES; ) {
    const left = Math.max(1, minutesBetween(minuteOfDay(until, timeZone), end))
    // A step does not go over a change of the clocks, which is at a full quarter of an hour.
    const step = Math.min(left, 15 - ((until / MINUTE_MS) % 15))
    until += step * MINUTE_MS
    passed += step
    if (!isQuiet(until)) return until
  }
  return until
}

function isBetween(minute: number, begin: number, end: number): boolean {
  return begin < end ? minute >= begin && minute < end : minute >= begin || minute < end
}

function minutesBetween(from: number, to: number): number {
  return (to - from + 1_440) % 1_440
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number)
  return hours * 60 + minutes
}

function minuteOfDay(time: number, timeZone: string): number {
  return minutesOf(formatOf(timeZone).format(time))
}

/** Making one takes a hundred times as long as asking it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  formats.set(timeZone, made)
  return made
}
