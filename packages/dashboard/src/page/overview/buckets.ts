import type { TrafficHour } from '../../react/types.js'

/** How far back the chart goes. */
export const RANGES = ['day', 'week', 'month'] as const
export type Range = (typeof RANGES)[number]

/** How many hours are asked for: as many as the bars of a range begin before now at the most. */
export const HOURS_OF = { day: 24, week: 7 * 24 + 1, month: 30 * 24 + 1 } as const satisfies Record<Range, number>

/** A bar of the chart: what was counted from its beginning to that of the next. */
export interface Bucket {
  /** In milliseconds. */
  at: number
  sent: number
  received: number
  failed: number
}

/** The bars of a range, oldest first: hours of a day, quarters of the days of a week, days of a month, as the reader's clock has them. */
export function bucketsOf(hours: readonly TrafficHour[], range: Range, now: number): Bucket[] {
  const buckets = beginnings(range, new Date(now)).map((at) => ({ at, sent: 0, received: 0, failed: 0 }))
  for (const { at, sent, received, failed } of hours) {
    const time = Date.parse(at)
    const bucket = buckets.findLast((one) => one.at <= time)
    if (!bucket) continue
    bucket.sent += sent
    bucket.received += received
    bucket.failed += failed
  }
  return buckets
}

export function totalsOf(buckets: readonly Bucket[]): Omit<Bucket, 'at'> {
  const sums = { sent: 0, received: 0, failed: 0 }
  for (const { sent, received, failed } of buckets) {
    sums.sent += sent
    sums.received += received
    sums.failed += failed
  }
  return sums
}

function beginnings(range: Range, now: Date): number[] {
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()]
  switch (range) {
    case 'day': {
      const thisHour = new Date(year, month, day, now.getHours()).getTime()
      return Array.from({ length: 24 }, (_, n) => thisHour - (23 - n) * 3_600_000)
    }
    case 'week':
      return Array.from({ length: 7 * 4 }, (_, n) =>
        new Date(year, month, day - 6 + Math.floor(n / 4), (n % 4) * 6).getTime(),
      )
    case 'month':
      return Array.from({ length: 30 }, (_, n) => new Date(year, month, day - 29 + n).getTime())
  }
}
