import { chatKindOf } from '../../records/jid.js'
import type { Message } from '../../types/message.js'

/** What names a message on the wire. */
export interface MessageKey {
  remoteJid: string
  id: string
  fromMe: boolean
  participant?: string
}

/** A message as the account names it. In a chat with a person the author needs no name. */
export function messageKey({
  id,
  chatId,
  senderId,
  fromMe,
}: Pick<Message, 'id' | 'chatId' | 'senderId' | 'fromMe'>): MessageKey {
  const author = senderId !== chatId && chatKindOf(chatId) !== 'individual' && !fromMe ? { participant: senderId } : {}
  return { remoteJid: chatId, id, fromMe, ...author }
}
