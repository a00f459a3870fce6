import type { Translate } from '../i18n/translate.js'
import { phoneText } from '../status.js'
import type { Chat, Message } from '../types.js'

export function chatName({ name, phone, id }: Chat): string {
  return name ?? (phone === undefined ? addressText(id) : phoneText(phone))
}

/** A JID as people can read it. */
export function addressText(jid: string): string {
  const [user = jid, server] = jid.split('@')
  return server === 's.whatsapp.net' && /^\d+$/.test(user) ? phoneText(user) : user
}

/** One line of what a message says. */
export function previewOf(message: Message, t: Translate): string {
  if (message.deletedAt !== undefined) return t('message.deleted')
  const words = message.text ?? message.media?.caption ?? message.poll?.question ?? message.location?.name
  const kind = t(`kind.${message.type}`)
  if (message.type === 'text' || message.type === 'interactive') return words ?? kind
  return words ? `${kind}: ${words}` : kind
}

/** `1:05` */
export function durationText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}
