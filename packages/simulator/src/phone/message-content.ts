import { encodeWAMessage, proto, unpadRandomMax16 } from '@whiskeysockets/baileys'

export type MessageContent = proto.IMessage

/** What a reader sees as the text of a message: of any kind that has one. */
export const textOfMessage: (content: MessageContent | null | undefined) => string | undefined = (content) =>
  content?.conversation ??
  content?.extendedTextMessage?.text ??
  content?.imageMessage?.caption ??
  content?.videoMessage?.caption ??
  content?.documentMessage?.caption ??
  content?.reactionMessage?.text ??
  (content?.protocolMessage?.editedMessage ? textOfMessage(content.protocolMessage.editedMessage) : undefined)

/** With 1 to 16 bytes of padding, as it is encrypted. */
export const encodeContent = (content: MessageContent): Buffer => Buffer.from(encodeWAMessage(content))

export const decodeContent = (padded: Uint8Array): proto.Message => proto.Message.decode(unpadRandomMax16(padded))

/** For the sender's own other devices: the message and where it went. */
export const asSentCopy = (destinationJid: string, message: MessageContent): MessageContent => ({
  deviceSentMessage: { destinationJid, message },
})

/** The `type` attribute of the stanza. */
export function stanzaTypeOf(content: MessageContent): string {
  if (content.reactionMessage) return 'reaction'
  if (content.pollCreationMessageV3 || content.pollCreationMessage || content.pollUpdateMessage) return 'poll'
  if (content.imageMessage || content.videoMessage || content.audioMessage || content.documentMessage) return 'media'
  return 'text'
}

/** The `edit` attribute: 1 for an edit, 7 for a deletion by its sender, 8 for one of somebody else's message by an admin. */
export function editAttributeOf(content: MessageContent): string | undefined {
  const { Type } = proto.Message.ProtocolMessage
  if (content.protocolMessage?.type === Type.REVOKE) return content.protocolMessage.key?.participant ? '8' : '7'
  return content.protocolMessage?.type === Type.MESSAGE_EDIT ? '1' : undefined
}
