import { proto } from '@whiskeysockets/baileys'
import { bareJid, isShared } from '../model/jid.js'
import type { World } from '../model/world.js'
import type { PhoneMessage } from './mailbox.js'
import type { MessageContent } from './message-content.js'

const { Type } = proto.Message.ProtocolMessage

/** What a person does to a message that is already there, as the message that says so. */
export const reaction = (key: proto.IMessageKey, emoji: string, nowMs: number): MessageContent => ({
  reactionMessage: { key, text: emoji, senderTimestampMs: nowMs },
})

export const edit = (key: proto.IMessageKey, text: string, nowMs: number): MessageContent => ({
  protocolMessage: { type: Type.MESSAGE_EDIT, key, editedMessage: { conversation: text }, timestampMs: nowMs },
})

export const deletion = (key: proto.IMessageKey): MessageContent => ({ protocolMessage: { type: Type.REVOKE, key } })

/** As the writer of the new message sees it. */
export function keyOf(world: World, message: PhoneMessage): proto.IMessageKey {
  const group = isShared(message.chat)
  return {
    remoteJid: chatJid(world, message),
    id: message.id,
    fromMe: message.fromMe,
    ...(group && !message.fromMe ? { participant: addressed(world, message.from, message.addressing) } : {}),
  }
}

/** In the addressing that the message came in. */
export const chatJid = (world: World, { chat, addressing }: PhoneMessage): string =>
  isShared(chat) ? chat : addressed(world, chat, addressing)

/** A person of a chat, in its addressing. */
export function addressed(world: World, jid: string, addressing: 'pn' | 'lid'): string {
  const account = world.accountOf(jid)
  return account ? bareJid(account, addressing) : jid
}
