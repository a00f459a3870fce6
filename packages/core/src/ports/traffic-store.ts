import type { TrafficHour } from '../types/traffic.js'

/** How many messages sessions sent and received, by hour: for charts. A row for each session and hour in which there were some. */
export interface TrafficStore {
  /**
   * Adds to the numbers of sessions and hours, atomically for each, in few round trips however many they are. Whoever adds does so
   * for itself: two nodes that add to one hour at once are both counted.
   */
  add(counts: readonly SessionTraffic[]): Promise<void>

  /**
   * Sums over sessions by hour, ascending, of hours that begin at `since` (ISO 8601) or later; `ids`: of these sessions only. Hours
   * without a row are left out.
   */
  sum(options: { since: string; ids?: readonly string[] }): Promise<TrafficHour[]>

  /** Removes rows of hours that began before `before` (ISO 8601), the oldest first, no more than `limit` in one call; answers how many. */
  prune(options: { before: string; limit: number }): Promise<number>

  removeAll(sessionId: string): Promise<void>
}

/** What one session counted in an hour. */
export interface SessionTraffic extends TrafficHour {
  sessionId: string
}
