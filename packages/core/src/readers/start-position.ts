import type { EventLog } from '../ports/event-log.js'

/** Clocks of nodes differ, and an event may be stored a moment after it happened: so much earlier it is begun to look. */
const MARGIN_MS = 5 * 60_000

/**
 * The number after which to read a log in order to miss nothing that happened at `startAt` (ISO 8601) or later; some older events
 * come along. By halves: a log of 20,000 events costs fifteen reads, once for a reader and a session.
 */
export async function startPosition(log: EventLog, sessionId: string, startAt: string): Promise<number> {
  const time = Date.parse(startAt) - MARGIN_MS
  if (!(time > 0)) return 0
  const isBefore = async (seq: number) => {
    const { events } = await log.read(sessionId, { after: seq - 1, limit: 1 })
    return events[0] !== undefined && Date.parse(events[0].event.at) < time
  }
  let [before, after] = [0, (await log.lastSeq(sessionId)) + 1]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (await isBefore(middle)) before = middle
    else after = middle
  }
  return before
}
