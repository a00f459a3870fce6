import { TrunklineError } from '../errors/trunkline-error.js'
import { chatKindOf, isPerson, normalizeJid } from '../records/jid.js'
import { LIMITS } from '../types/limits.js'
import type { PageOptions } from '../types/page.js'
import { abortSignal, fields, flag, list, optional, refuse, text, wholeNumber, wrong } from './checks.js'

const address = text({ ...LIMITS.address, trimmed: true })
const numbers = list(address, LIMITS.checkedNumbers)

const contactQuery = fields<PageOptions & { text?: string }>({
  limit: optional(wholeNumber({ min: 1, max: LIMITS.page.max })),
  cursor: optional(text(LIMITS.cursor)),
  text: optional(text(LIMITS.search)),
})

/** @throws VALIDATION_FAILED */
export const checkContactQuery = (query: object): void => refuse(contactQuery(query, ''))

/** Some of them may be no numbers, which the answer says. @throws VALIDATION_FAILED */
export function checkNumbers(given: readonly string[]): string[] {
  const problems = numbers(given, 'numbers')
  refuse(problems.length === 0 && given.length === 0 ? wrong('numbers', 'must name a number') : problems)
  return [...given]
}

/** @throws VALIDATION_FAILED · RECIPIENT_INVALID */
export function checkContactId(given: string): string {
  return checkedId(given, isPerson)
}

/** As `checkContactId`; groups have pictures too. */
export function checkPictureId(given: string): string {
  return checkedId(given, (jid) => isPerson(jid) || chatKindOf(jid) === 'group')
}

const pictureOptions = fields<{ preview?: boolean }>({ preview: optional(flag) })

const pictureFileOptions = fields<{ preview?: boolean; signal?: AbortSignal }>({
  preview: optional(flag),
  signal: optional(abortSignal),
})

/** @throws VALIDATION_FAILED */
export function checkPictureFile<Given extends object>(given: Given): Given {
  refuse(pictureFileOptions(given, ''))
  return given
}

/** @throws VALIDATION_FAILED */
export const checkPictureOptions = (options: object): void => refuse(pictureOptions(options, ''))

function checkedId(given: string, isRight: (jid: string) => boolean): string {
  refuse(address(given, 'contactId'))
  const jid = normalizeJid(given)
  if (jid && isRight(jid)) return given
  throw new TrunklineError('RECIPIENT_INVALID', { details: { field: 'contactId', to: given } })
}
