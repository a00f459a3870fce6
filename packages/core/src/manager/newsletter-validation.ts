import { chatKindOf, normalizeJid } from '../records/jid.js'
import { LIMITS } from '../types/limits.js'
import type { NewNewsletter, NewsletterChanges, NewsletterKey } from '../types/newsletter.js'
import { type Check, fields, optional, refuse, text, wrong } from './checks.js'

const LINK = /^(?:https?:\/\/)?(?:www\.)?whatsapp\.com\/channel\/([\w-]+)\/?$/
const CODE = /^[\w-]{8,64}$/

/** @throws VALIDATION_FAILED */
export function checkNewsletterKey(given: string): NewsletterKey {
  refuse(text({ ...LIMITS.inviteCode, trimmed: true })(given, 'newsletterId'))
  const trimmed = given.trim()
  const id = normalizeJid(trimmed)
  if (id && chatKindOf(id) === 'newsletter') return { id }
  const invite = LINK.exec(trimmed)?.[1] ?? (CODE.test(trimmed) ? trimmed : undefined)
  if (invite) return { invite }
  refuse(wrong('newsletterId', 'must be …@newsletter, or the invitation of a channel'))
  return { invite: trimmed }
}

const name = text({ ...LIMITS.newsletterName, trimmed: true })
/** Empty for none. */
const description: Check = (value, field) => (value === '' ? [] : text(LIMITS.newsletterDescription)(value, field))

/** @throws VALIDATION_FAILED naming each field */
export function checkNewNewsletter(given: NewNewsletter): NewNewsletter {
  refuse(fields<NewNewsletter>({ name, description: optional(description) })(given, ''))
  return { ...given, name: given.name.trim() }
}

/** @throws VALIDATION_FAILED when nothing is to change, too */
export function checkNewsletterChanges(given: NewsletterChanges): NewsletterChanges {
  refuse(fields<NewsletterChanges>({ name: optional(name), description: optional(description) })(given, ''))
  if (given.name === undefined && given.description === undefined) refuse(wrong('changes', 'must name something'))
  return { ...given, ...(given.name === undefined ? {} : { name: given.name.trim() }) }
}
