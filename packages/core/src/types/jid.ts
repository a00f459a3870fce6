/**
 * WhatsApp addresses ("JIDs"): `15550000001@s.whatsapp.net` (phone number, PN), `200000000000001@lid` (the number-free
 * identity, LID), `…@g.us` (group), `status@broadcast`, `…@newsletter`. A device of a person adds `:<device>` before the `@`.
 */
export type Jid = string

/** Every kind of chat; see `chatKindOf`. */
export const CHAT_KINDS = ['individual', 'group', 'status', 'newsletter', 'broadcast', 'other'] as const

/** What kind of chat an id is of. `other`: with a bot, with somebody on another network, and whatever comes next. */
export type ChatKind = (typeof CHAT_KINDS)[number]
