import { LIMITS } from '../types/limits.js'
import { PRIVACY_CHOICES, type PrivacyChanges, type ProfileChanges } from '../types/profile.js'
import { type Check, fields, oneOf, optional, refuse, text, wrong } from './checks.js'

/** Empty for none. */
const about: Check = (value, field) => (value === '' ? [] : text(LIMITS.about)(value, field))

const profileChanges = fields<ProfileChanges>({
  name: optional(text({ ...LIMITS.profileName, trimmed: true })),
  about: optional(about),
})

const privacyChanges = fields<PrivacyChanges>({
  lastSeen: optional(oneOf(PRIVACY_CHOICES.lastSeen)),
  online: optional(oneOf(PRIVACY_CHOICES.online)),
  picture: optional(oneOf(PRIVACY_CHOICES.picture)),
  about: optional(oneOf(PRIVACY_CHOICES.about)),
  readReceipts: optional(oneOf(PRIVACY_CHOICES.readReceipts)),
  groupAdd: optional(oneOf(PRIVACY_CHOICES.groupAdd)),
  calls: optional(oneOf(PRIVACY_CHOICES.calls)),
  messages: optional(oneOf(PRIVACY_CHOICES.messages)),
})

/** @throws VALIDATION_FAILED when nothing is to change, too */
export function checkProfileChanges(given: ProfileChanges): ProfileChanges {
  refuse(profileChanges(given, ''))
  const { name } = something(given)
  return { ...given, ...(name === undefined ? {} : { name: name.trim() }) }
}

/** @throws VALIDATION_FAILED when nothing is to change, too */
export function checkPrivacyChanges(given: PrivacyChanges): PrivacyChanges {
  refuse(privacyChanges(given, ''))
  return something(given)
}

/** The picture as a command carries it. @throws VALIDATION_FAILED */
export function checkPicture(given: Uint8Array): string {
  if (!(given instanceof Uint8Array)) refuse(wrong('picture', 'must be the bytes of an image'))
  const { maxBytes } = LIMITS.picture
  if (given.byteLength === 0 || given.byteLength > maxBytes)
    refuse(wrong('picture', `must have 1 to ${maxBytes} bytes`))
  return Buffer.from(given).toString('base64')
}

function something<Changes extends object>(given: Changes): Changes {
  if (Object.values(given).every((value) => value === undefined)) refuse(wrong('changes', 'must name something'))
  return given
}
