import { generateMessageIDV2, proto } from '@whiskeysockets/baileys'
import type { PreparableAction, PreparedMessage } from '../../ports/connector.js'
import type { Jid } from '../../types/jid.js'
import { messageKey } from './message-key.js'
import { openContent } from './open-content.js'

const { Type } = proto.Message.ProtocolMessage

/** The protobuf of what is done to a message that is there. `me`: as for `fromContent`. */
export function fromAction(action: PreparableAction, me: Jid): Pick<PreparedMessage, 'id' | 'raw'> {
  return { id: generateMessageIDV2(me), raw: proto.Message.encode(messageOf(action)).finish() }
}

function messageOf(action: PreparableAction): proto.IMessage {
  if (action.kind === 'timer') {
    const protocolMessage = { type: Type.EPHEMERAL_SETTING, ephemeralExpiration: action.seconds }
    return { ephemeralMessage: { message: { protocolMessage } } }
  }
  const key = messageKey(action.target)
  const atMs = Date.parse(action.at)
  switch (action.kind) {
    case 'reaction':
      return { reactionMessage: { key, text: action.emoji, senderTimestampMs: atMs } }
    case 'delete':
      return { protocolMessage: { key, type: Type.REVOKE } }
    case 'edit': {
      const editedMessage = editedOf(action)
      return { protocolMessage: { key, type: Type.MESSAGE_EDIT, editedMessage, timestampMs: atMs } }
    }
  }
}

/** A picture is told once more with its new caption, or phones would show the caption alone. */
function editedOf({ target, text, mentions = [] }: Extract<PreparableAction, { kind: 'edit' }>): proto.IMessage {
  const contextInfo = mentions.length > 0 ? { contextInfo: { mentionedJid: mentions } } : {}
  const { imageMessage, videoMessage, documentMessage } = target.raw
    ? openContent(proto.Message.decode(target.raw)).content
    : {}
  if (imageMessage) return { imageMessage: { ...imageMessage, caption: text, ...contextInfo } }
  if (videoMessage) return { videoMessage: { ...videoMessage, caption: text, ...contextInfo } }
  if (documentMessage) return { documentMessage: { ...documentMessage, caption: text, ...contextInfo } }
  return { extendedTextMessage: { text, ...contextInfo } }
}
