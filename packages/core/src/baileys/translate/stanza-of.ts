import { type BinaryNode, proto } from '@whiskeysockets/baileys'
import { chatKindOf } from '../../records/jid.js'
import type { Jid } from '../../types/jid.js'
import { openContent } from './open-content.js'

const { Type } = proto.Message.ProtocolMessage

/**
 * What the stanza of a message says beside its ciphertext, which the server cannot read: `edit` is 1 for an edit, 2 for a pin, 7
 * for a deletion, or a reaction, that its author takes back, and 8 for a deletion by an admin of the group.
 */
export function stanzaAttributes(to: Jid, message: proto.IMessage): Record<string, string> {
  const { protocolMessage, reactionMessage, pinInChatMessage, encEventResponseMessage } = openContent(message).content
  // Baileys would call it a text.
  if (encEventResponseMessage) return { type: 'event' }
  if (pinInChatMessage) return { edit: '2' }
  if (reactionMessage) return reactionMessage.text ? {} : { edit: '7' }
  if (protocolMessage?.type === Type.MESSAGE_EDIT) return { edit: '1' }
  if (protocolMessage?.type !== Type.REVOKE) return {}
  return { edit: chatKindOf(to) === 'group' && protocolMessage.key?.fromMe === false ? '8' : '7' }
}

/** What stands beside the ciphertext of some messages, so that the server knows what it hands on. */
export function stanzaNodes(message: proto.IMessage): BinaryNode[] {
  const { field } = openContent(message)
  if (field?.startsWith('pollCreationMessage')) return [{ tag: 'meta', attrs: { polltype: 'creation' } }]
  if (field === 'pollUpdateMessage') return [{ tag: 'meta', attrs: { polltype: 'vote' } }]
  if (field === 'encEventResponseMessage') return [{ tag: 'meta', attrs: { event_type: 'response' } }]
  return field === 'eventMessage' ? [{ tag: 'meta', attrs: { event_type: 'creation' } }] : []
}

/** In a channel nothing is sealed: a reaction names what it is about by its number there. */
export function channelReaction(
  { id, to, serverId }: { id: string; to: Jid; serverId: string },
  { reactionMessage }: proto.IMessage,
): BinaryNode {
  const code = reactionMessage?.text
  const attrs = { to, id, type: 'reaction', server_id: serverId, ...(code ? {} : { edit: '7' }) }
  return { tag: 'message', attrs, content: [{ tag: 'reaction', attrs: code ? { code } : {} }] }
}
