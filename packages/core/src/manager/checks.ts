import { type FieldError, TrunklineError } from '../errors/trunkline-error.js'
import { LIMITS } from '../types/limits.js'

/** What is wrong with a value, by field; nothing when it is right. `field`: the path of the value, empty for the whole input. */
export type Check = (value: unknown, field: string) => FieldError[]

/** Half an emoji: what a text that was cut in the middle of one ends in. No store and no phone would give it back as it came. */
const HALF_PAIR = /\p{Surrogate}/u

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/

/** A primitive string: objects that turn into one would be kept as objects by stores. */
export function text({ maxLength, trimmed = false }: { maxLength: number; trimmed?: boolean }): Check {
  return wellFormed((value) => {
    const { length } = trimmed ? value.trim() : value
    return length >= 1 && length <= maxLength ? undefined : `must have 1 to ${maxLength} characters`
  })
}

/** A phone number, a JID or a chat id, as far as its length tells. */
export const address: Check = text({ ...LIMITS.address, trimmed: true })

export function matching(pattern: string): Check {
  const expression = new RegExp(pattern)
  return wellFormed((value) => (expression.test(value) ? undefined : `must match ${pattern}`))
}

/** A text of which `problemOf` finds nothing wrong. */
export function wellFormed(problemOf: (value: string) => string | undefined): Check {
  return (value, field) => {
    if (typeof value !== 'string') return wrong(field, 'must be a text')
    const problem = problemOf(value) ?? (HALF_PAIR.test(value) ? 'must be well-formed Unicode' : undefined)
    return problem === undefined ? [] : wrong(field, problem)
  }
}

export const abortSignal: Check = (value, field) => {
  const isSignal = typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
  return isSignal ? [] : wrong(field, 'must be an AbortSignal')
}

export const flag: Check = (value, field) => (typeof value === 'boolean' ? [] : wrong(field, 'must be true or false'))

export function wholeNumber({ min, max }: { min: number; max: number }): Check {
  return (value, field) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? []
      : wrong(field, `must be a whole number from ${min} to ${max}`)
}

export function numberWithin({ min, max }: { min: number; max: number }): Check {
  return (value, field) =>
    typeof value === 'number' && value >= min && value <= max
      ? []
      : wrong(field, `must be a number from ${min} to ${max}`)
}

/** A time as WhatsApp's are told: what `Date` alone would read is not what people mean by one. */
export const time: Check = wellFormed((value) =>
  ISO_TIME.test(value) && !Number.isNaN(Date.parse(value)) ? undefined : 'must be a time (ISO 8601, in UTC)',
)

/** One of these texts. */
export function oneOf(words: readonly string[]): Check {
  return (value, field) =>
    typeof value === 'string' && words.includes(value) ? [] : wrong(field, `must be one of ${words.join(', ')}`)
}

export function list(item: Check, { minCount = 0, maxCount = Number.POSITIVE_INFINITY } = {}): Check {
  return (value, field) => {
    if (!Array.isArray(value)) return wrong(field, 'must be a list')
    if (value.length < minCount) return wrong(field, `must have at least ${minCount} entries`)
    if (value.length > maxCount) return wrong(field, `must have at most ${maxCount} entries`)
    return Array.from(value, (one, index) => item(one, `${field}.${index}`)).flat()
  }
}

/** An object whose keys are the caller's. */
export function entries({ key, value, maxCount }: { key: Check; value: Check; maxCount: number }): Check {
  return (given, field) => {
    if (!isObject(given)) return wrong(field, 'must be an object')
    const all = Object.entries(given)
    if (all.length > maxCount) return wrong(field, `must have at most ${maxCount} entries`)
    return all.flatMap(([name, one]) => {
      const path = pathOf(field, name)
      return [...key(name, path), ...value(one, path)]
    })
  }
}

/** An object with these fields and no others. A field of `Options` without a check does not compile. */
export function fields<Options>(checks: { [Name in keyof Required<Options>]: Check }): Check {
  const known = Object.entries<Check>(checks)
  return (given, field) => {
    if (!isObject(given)) return wrong(field || 'options', 'must be an object')
    const strangers = Object.keys(given).filter((name) => !Object.hasOwn(checks, name))
    return [
      ...known.flatMap(([name, check]) => check(given[name], pathOf(field, name))),
      ...strangers.flatMap((name) => wrong(pathOf(field, name), 'is not known')),
    ]
  }
}

/** Left out, or what the check takes. */
export function optional(check: Check): Check {
  return (value, field) => (value === undefined ? [] : check(value, field))
}

/** Left out, or `null`, which clears. */
export function clearable(check: Check): Check {
  return (value, field) => (value === undefined || value === null ? [] : check(value, field))
}

/** @throws VALIDATION_FAILED naming each field, when there is any */
export function refuse(errors: FieldError[]): void {
  const [first] = errors
  if (first)
    throw new TrunklineError('VALIDATION_FAILED', { details: { errors }, message: `${first.field} ${first.message}` })
}

export function wrong(field: string, message: string): FieldError[] {
  return [{ field, message }]
}

/** Objects of a host's own classes too; no list, no date and no `new String('a')`. */
function isObject(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]'
}

function pathOf(field: string, name: string): string {
  return field === '' ? name : `${field}.${name}`
}
