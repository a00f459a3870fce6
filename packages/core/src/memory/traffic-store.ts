import type { SessionTraffic, TrafficStore } from '../ports/traffic-store.js'
import type { TrafficHour } from '../types/traffic.js'

export function createTrafficStore(): TrafficStore {
  let rows: SessionTraffic[] = []

  return {
    async add(counts) {
      for (const count of counts) {
        const row = rows.find(({ sessionId, at }) => sessionId === count.sessionId && at === count.at)
        if (row) addTo(row, count)
        else rows.push({ ...count })
      }
    },

    async sum({ since, ids }) {
      const hours = new Map<string, TrafficHour>()
      for (const { sessionId, ...row } of rows) {
        if (row.at < since || ids?.includes(sessionId) === false) continue
        const hour = hours.get(row.at)
        if (hour) addTo(hour, row)
        else hours.set(row.at, { ...row })
      }
      return [...hours.values()].sort(byTime)
    },

    async prune({ before, limit }) {
      const old = new Set(
        rows
          .filter(({ at }) => at < before)
          .sort(byTime)
          .slice(0, limit),
      )
      rows = rows.filter((row) => !old.has(row))
      return old.size
    },

    async removeAll(sessionId) {
      rows = rows.filter((row) => row.sessionId !== sessionId)
    },
  }
}

function addTo(sum: TrafficHour, { sent, received, failed }: TrafficHour): void {
  sum.sent += sent
  sum.received += received
  sum.failed += failed
}

function byTime({ at: one }: TrafficHour, { at: other }: TrafficHour): number {
  return one < other ? -1 : Number(one > other)
}
