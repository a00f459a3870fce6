import type { ChatKind, Jid } from '../types/jid.js'

const PHONE_SERVER = 's.whatsapp.net'
const LID_SERVER = 'lid'

const PERSON = /^(\d{5,20})(?::\d+)?@(s\.whatsapp\.net|c\.us|lid|hosted|hosted\.lid)$/
const GROUP = /^[\d-]{5,64}@g\.us$/
const NEWSLETTER = /^\d{5,32}@newsletter$/
const PHONE = /^\+?[\d\s().-]{5,32}$/

/**
 * The canonical spelling of an address given by a person or by Baileys: the device is dropped, `c.us` becomes
 * `s.whatsapp.net`, and a bare phone number (`+1 555-000-0001`) becomes a JID. `undefined` when it is none of these.
 */
export function normalizeJid(address: string): Jid | undefined {
  const text = address.trim()
  if (text === 'status@broadcast' || GROUP.test(text) || NEWSLETTER.test(text)) return text
  const person = PERSON.exec(text)
  if (person) return `${person[1]}@${person[2]?.endsWith('lid') ? LID_SERVER : PHONE_SERVER}`
  if (!PHONE.test(text)) return undefined
  const digits = text.replace(/\D/g, '')
  return digits.length >= 5 && digits.length <= 20 ? `${digits}@${PHONE_SERVER}` : undefined
}

export function isLid(jid: Jid): boolean {
  return jid.endsWith(`@${LID_SERVER}`)
}

export function isPhoneJid(jid: Jid): boolean {
  return jid.endsWith(`@${PHONE_SERVER}`)
}

export function isPerson(jid: Jid): boolean {
  return isLid(jid) || isPhoneJid(jid)
}

/** The digits of a phone-number JID; `undefined` for every other kind of address. */
export function phoneOf(jid: Jid): string | undefined {
  return isPhoneJid(jid) ? jid.slice(0, jid.indexOf('@')).split(':')[0] : undefined
}

export function chatKindOf(chatId: Jid): ChatKind {
  if (chatId.endsWith('@g.us')) return 'group'
  if (chatId.endsWith('@newsletter')) return 'newsletter'
  if (chatId.endsWith('@broadcast')) return 'status'
  return 'individual'
}
