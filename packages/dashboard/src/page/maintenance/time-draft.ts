import type { MaintenanceSettingName } from '../../react/types.js'

export const UNITS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const
type Unit = keyof typeof UNITS
const BY_SIZE: readonly Unit[] = ['day', 'hour', 'minute', 'second']

/** What the interface takes. */
export const MIN_MS = 1_000
export const MAX_MS = 366 * UNITS.day

/** Milliseconds, or never. */
export type Time = number | 'off'

/** A setting as somebody writes it. */
export interface TimeDraft {
  /** Back to what the server was started with. */
  asAtStart: boolean
  amount: string
  unit: Unit | 'off'
}

/** In the largest unit that has it as a whole number. */
export function draftOf(time: Time, asAtStart: boolean): TimeDraft {
  // So that there is something to begin with for who switches it on.
  if (time === 'off') return { asAtStart, amount: '1', unit: 'off' }
  const unit = BY_SIZE.find((one) => time >= UNITS[one] && time % UNITS[one] === 0) ?? 'second'
  return { asAtStart, amount: String(time / UNITS[unit]), unit }
}

/** What the draft says; `undefined` when it is no time that can be set. */
export function timeOf({ amount, unit }: Pick<TimeDraft, 'amount' | 'unit'>): Time | undefined {
  if (unit === 'off') return 'off'
  const ms = /^\d{1,9}$/.test(amount.trim()) ? Number(amount) * UNITS[unit] : Number.NaN
  return ms >= MIN_MS && ms <= MAX_MS ? ms : undefined
}

/** Who wants nothing to be inactive switches the clean-up off. */
export function mayBeOff(name: MaintenanceSettingName): boolean {
  return name !== 'inactiveAfterMs'
}
