import { type Check, wrong } from '../manager/checks.js'

/** Before everything. */
const EPOCH = new Date(0).toISOString()
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** `now`, `start`, or a time. */
export const startOf: Check = (value, field) => {
  const isTime = typeof value === 'string' && ISO_TIME.test(value) && !Number.isNaN(Date.parse(value))
  return isTime || value === 'now' || value === 'start'
    ? []
    : wrong(field, 'must be now, start or a time, such as 2026-01-31T12:00:00Z')
}

/** Where a reader begins, as ISO 8601. */
export function startTime(from: string | undefined, now: number): string {
  if (from === 'start') return EPOCH
  return new Date(from === undefined || from === 'now' ? now : Date.parse(from)).toISOString()
}
