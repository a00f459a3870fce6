import type { ChatKind, Jid } from '../types/jid.js'

const PHONE_SERVER = 's.whatsapp.net'
const LID_SERVER = 'lid'

/** With an agent (`_1`) and a device (`:2`), which are parts of a person's address and no persons of their own. */
const PERSON = /^(\d{5,20})(?:_\d{1,3})?(?::\d+)?@(s\.whatsapp\.net|c\.us|lid|hosted|hosted\.lid)$/
const PERSON_SERVERS: ReadonlySet<string> = new Set([PHONE_SERVER, LID_SERVER, 'c.us', 'hosted', 'hosted.lid'])
const GROUP = /^[\d-]{5,64}@g\.us$/
const NEWSLETTER = /^\d{5,32}@newsletter$/
const DEVICE = /^([^@:]+):\d+@/
const PHONE = /^\+?[\d\s().-]{5,32}$/

/**
 * The canonical spelling of an address given by a person or by Baileys: the device is dropped, `c.us` becomes
 * `s.whatsapp.net`, and a bare phone number (`+1 555-000-0001`) becomes a JID. `undefined` when it is none of these.
 */
export function normalizeJid(address: string): Jid | undefined {
  const text = address.trim().toLowerCase()
  if (text === 'status@broadcast' || GROUP.test(text) || NEWSLETTER.test(text)) return text
  const person = PERSON.exec(text)
  if (person) return `${person[1]}@${person[2]?.endsWith('lid') ? LID_SERVER : PHONE_SERVER}`
  if (!PHONE.test(text)) return undefined
  const digits = text.replace(/\D/g, '')
  return digits.length >= 5 && digits.length <= 20 ? `${digits}@${PHONE_SERVER}` : undefined
}

/**
 * The canonical spelling of an address that WhatsApp uses, also of kinds that nobody may write to: broadcast lists, bots, other
 * networks, and whatever comes next. What was decrypted belongs to somebody.
 */
export function wireJid(address: string): Jid {
  return normalizeJid(address) ?? address.trim().toLowerCase().replace(DEVICE, '$1@')
}

/** A list of people that one person writes to at once; each of them has the message in the chat with that person. */
export function isBroadcastList(jid: Jid): boolean {
  return jid.endsWith('@broadcast') && jid !== 'status@broadcast'
}

/** Whether an address is a LID. */
export function isLid(jid: Jid): boolean {
  return jid.endsWith(`@${LID_SERVER}`)
}

/** Whether an address is a phone-number JID. */
export function isPhoneJid(jid: Jid): boolean {
  return jid.endsWith(`@${PHONE_SERVER}`)
}

/** Whether an address is that of a person, of either form. */
export function isPerson(jid: Jid): boolean {
  return isLid(jid) || isPhoneJid(jid)
}

/** Whether a chat is one in which people write to each other: with a person, or a group. */
export function isConversation(chatId: Jid): boolean {
  return isPerson(chatId) || chatKindOf(chatId) === 'group'
}

/** The digits of a phone-number JID; `undefined` for every other kind of address. */
export function phoneOf(jid: Jid): string | undefined {
  return isPhoneJid(jid) ? jid.slice(0, jid.indexOf('@')).split(':')[0] : undefined
}

/** The kind of a chat, by the form of its id. */
export function chatKindOf(chatId: Jid): ChatKind {
  if (chatId.endsWith('@g.us')) return 'group'
  if (chatId.endsWith('@newsletter')) return 'newsletter'
  if (isBroadcastList(chatId)) return 'broadcast'
  if (chatId === 'status@broadcast') return 'status'
  return PERSON_SERVERS.has(chatId.slice(chatId.lastIndexOf('@') + 1)) ? 'individual' : 'other'
}
