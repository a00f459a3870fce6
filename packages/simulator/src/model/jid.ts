import { jidDecode } from '@whiskeysockets/baileys'

/** The server itself, as it signs its stanzas: clients compare with exactly this. */
export const SERVER_JID = '@s.whatsapp.net'

/** How the people of a chat are addressed: by phone number or by LID. */
export type Addressing = 'pn' | 'lid'

export interface Jid {
  user: string
  /** 0 is the phone; a bare JID has none. */
  device?: number
  server: string
}

export function parseJid(text: string | undefined): Jid | undefined {
  const decoded = text === undefined ? undefined : jidDecode(text)
  if (!decoded || !text?.includes('@')) return undefined
  const { user, device, server } = decoded
  return device === undefined ? { user, server } : { user, device, server }
}

export const addressingOf = (jid: string | undefined): Addressing => (parseJid(jid)?.server === 'lid' ? 'lid' : 'pn')

export const isGroupJid = (jid: string | undefined): boolean => jid?.endsWith('@g.us') ?? false

interface Addressed {
  number: string
  lid: string
}

/** `15550000001@s.whatsapp.net` or `200000000000001@lid`. */
export const bareJid = ({ number, lid }: Addressed, addressing: Addressing = 'pn'): string =>
  addressing === 'pn' ? `${number}@s.whatsapp.net` : `${lid}@lid`

/** With the device, except for device 0, which is written bare. */
export function deviceJid({ number, lid }: Addressed, device: number, addressing: Addressing = 'pn'): string {
  const suffix = device === 0 ? '' : `:${device}`
  return addressing === 'pn' ? `${number}${suffix}@s.whatsapp.net` : `${lid}${suffix}@lid`
}

export const otherAddressing = (addressing: Addressing): Addressing => (addressing === 'pn' ? 'lid' : 'pn')

/** What somebody posts for those who know them. */
export const STATUS_JID = 'status@broadcast'

/** Whether several people read what is written there, each of them named beside it. */
export const isShared = (jid: string | undefined): boolean => isGroupJid(jid) || jid === STATUS_JID
