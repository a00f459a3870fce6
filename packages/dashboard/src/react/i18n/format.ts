import { type Locale, localeOfCountry, type Translate } from './translate.js'

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

/** Times, numbers and sizes as people of one language write them. */
export interface Format {
  /** `3 minutes ago`, `in 20 seconds`. */
  relative(time: string, now: number): string
  /** `29 Nov, 14:05`; with the year where it is another one. */
  moment(time: string): string
  /** `29 Nov` */
  date(time: string): string
  /** `14:05` */
  clock(time: string | number): string
  /** `14:05:33` */
  exactClock(time: string): string
  /** The day of a time: today, yesterday or `28 November`. */
  day(time: string, now: number): string
  number(value: number): string
  /** `12,300` in few letters: `12K`. */
  short(value: number): string
  /** `84 MB` */
  bytes(value: number): string
  /** `5 minutes`, `6 hours`: of a size that people take in; with `exact` never rounded (`90 minutes`). */
  period(seconds: number, options?: { exact: boolean }): string
}

export function formatter(language: Locale, t: Translate): Format {
  const locale = localeOfCountry(language, globalThis.navigator?.languages ?? [])
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' })
  const moment = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const momentOfYear = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' })
  const exactClock = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' })
  const dayMonth = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
  const number = new Intl.NumberFormat(locale)
  const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 })
  return {
    relative(time, now) {
      const distance = Date.parse(time) - now
      const [unit, size] = UNITS.find(([, length]) => Math.abs(distance) >= length) ?? ['second', 1_000]
      if (unit === 'second')
        return distance > 5_000
          ? relative.format(Math.round(distance / size), unit)
          : distance > 0
            ? t('time.soon')
            : t('time.now')
      return relative.format(Math.trunc(distance / size), unit)
    },
    moment(time) {
      const date = new Date(time)
      return (date.getFullYear() === new Date().getFullYear() ? moment : momentOfYear).format(date)
    },
    date: (time) => dayMonth.format(new Date(time)),
    clock: (time) => clock.format(new Date(time)),
    exactClock: (time) => exactClock.format(new Date(time)),
    day(time, now) {
      const date = new Date(time)
      const daysAgo = Math.round((startOfDay(new Date(now)) - startOfDay(date)) / 86_400_000)
      if (daysAgo === 0) return t('message.today')
      if (daysAgo === 1) return t('message.yesterday')
      return day.format(date)
    },
    number: (value) => number.format(value),
    short: (value) => short.format(value),
    bytes(value) {
      const [unit, size] =
        value >= 1e9
          ? (['gigabyte', 1e9] as const)
          : value >= 1e6
            ? (['megabyte', 1e6] as const)
            : (['kilobyte', 1e3] as const)
      return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: value >= 1e9 ? 1 : 0 }).format(
        value / size,
      )
    },
    period(seconds, { exact } = { exact: false }) {
      const fits = (length: number) => seconds * 1000 >= length && (!exact || (seconds * 1000) % length === 0)
      const [unit, size] = UNITS.find(([, length]) => fits(length)) ?? (['second', 1_000] as const)
      const count = Math.round((seconds * 1000) / size)
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
    },
  }
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
