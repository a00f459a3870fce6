/**
 * WhatsApp addresses ("JIDs"): `15550000001@s.whatsapp.net` (phone number, PN), `200000000000001@lid` (the number-free
 * identity, LID), `…@g.us` (group), `status@broadcast`, `…@newsletter`. A device of a person adds `:<device>` before the `@`.
 */
export type Jid = string

/** What kind of chat an id is of; see `chatKindOf`. */
export type ChatKind = 'individual' | 'group' | 'status' | 'newsletter' | 'broadcast'
