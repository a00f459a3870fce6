import { chatKindOf, normalizeJid } from '../records/jid.js'
import { LIMITS } from '../types/limits.js'
import type { NewsletterKey } from '../types/newsletter.js'
import { refuse, text, wrong } from './checks.js'

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
