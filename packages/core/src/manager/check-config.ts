import { type FieldError, TrunklineError } from '../errors/trunkline-error.js'
import { type Check, wellFormed, wrong } from './checks.js'

/** Paths end there on every system that we run on. */
const MAX_PATH_LENGTH = 4_096

/** Where a file or a folder is; what is there is seen when it is opened. */
export const filePath: Check = wellFormed((value) => {
  if (value.trim() === '' || value.length > MAX_PATH_LENGTH) return `must have 1 to ${MAX_PATH_LENGTH} characters`
  return value.includes('\0') ? 'must not contain NUL' : undefined
})

/** Something that has these members. */
export function having<Thing>(...members: (keyof Thing & string)[]): Check {
  return (value, field) => {
    if (typeof value !== 'object' || value === null) return wrong(field, 'must be an object')
    const missing = members.filter((member) => (value as Record<string, unknown>)[member] === undefined)
    return missing.length === 0 ? [] : wrong(field, `lacks ${missing.join(', ')}`)
  }
}

/**
 * Refuses options of which something was found wrong: hosts without types give anything. `of`: whose options, `the manager`.
 *
 * @throws CONFIG_INVALID naming each of them, the first in its text
 */
export function refuseOptions(of: string, errors: FieldError[]): void {
  const [first] = errors
  if (!first) return
  throw new TrunklineError('CONFIG_INVALID', {
    message: `The options of ${of} are not valid: ${first.field} ${first.message}`,
    details: { errors },
  })
}
