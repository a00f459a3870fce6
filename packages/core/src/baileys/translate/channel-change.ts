import { type BinaryNode, getBinaryNodeChild, proto } from '@whiskeysockets/baileys'

const { Type } = proto.Message.ProtocolMessage

/** By its author, and by whoever runs the channel. */
const EDITS: ReadonlySet<string> = new Set(['1', '3'])
const REVOKES: ReadonlySet<string> = new Set(['7', '8'])

/**
 * Writes a change of a post, or its end, as it would stand in any other chat. A channel tells it under the id of the post: by a number
 * beside the new content, or beside nothing, which Baileys takes for a post like another.
 */
export function writeAsChange(stanza: BinaryNode): void {
  const { from = '', id, edit = '' } = stanza.attrs
  const plaintext = getBinaryNodeChild(stanza, 'plaintext')
  if (!from.endsWith('@newsletter') || !id || !plaintext || !(EDITS.has(edit) || REVOKES.has(edit))) return
  const content = contentOf(plaintext)
  if (!content || content.protocolMessage) return
  const key = { remoteJid: from, id, fromMe: false }
  const protocolMessage = EDITS.has(edit)
    ? { key, type: Type.MESSAGE_EDIT, editedMessage: content, ...editedAt(stanza) }
    : { key, type: Type.REVOKE }
  plaintext.content = proto.Message.encode({ protocolMessage }).finish()
}

/** In milliseconds: WhatsApp dates the stanza by the second. */
function editedAt(stanza: BinaryNode): { timestampMs?: number } {
  const timestampMs = Number(getBinaryNodeChild(stanza, 'meta')?.attrs.msg_edit_t)
  return Number.isSafeInteger(timestampMs) && timestampMs > 0 ? { timestampMs } : {}
}

/** `undefined` for what cannot be read, which others tell of. */
function contentOf({ content }: BinaryNode): proto.IMessage | undefined {
  try {
    return proto.Message.decode(content instanceof Uint8Array ? content : new Uint8Array())
  } catch {
    return undefined
  }
}
