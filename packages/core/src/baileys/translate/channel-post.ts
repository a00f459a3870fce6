import { type BinaryNode, proto } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { Jid } from '../../types/jid.js'
import { openContent } from './open-content.js'

const { Type } = proto.Message.ProtocolMessage

/** In a channel, by its author: a change of a post, and its end. Each is told under the id of the post. */
const EDIT = '3'
const REVOKE = '8'

/** What a host calls a file. */
export type HandleOf = (directPath: string) => string | undefined

/**
 * What is posted in a channel, or done to a post of the account: nothing in it is sealed, and the server looks at what kind of file
 * it is. Baileys names no kind and no file, and is refused.
 *
 * @throws MEDIA_UPLOAD_FAILED where the file was brought over another connection
 */
export function channelPost(
  { id, to }: { id: string; to: Jid },
  message: proto.IMessage,
  handleOf: HandleOf,
): BinaryNode {
  const { protocolMessage } = message
  const target = protocolMessage?.key?.id
  if (target && protocolMessage.type === Type.REVOKE)
    return post({ to, id: target, type: 'text', edit: REVOKE }, {}, new Uint8Array())
  if (target && protocolMessage.type === Type.MESSAGE_EDIT && protocolMessage.editedMessage) {
    const { editedMessage } = protocolMessage
    const mediatype = mediaTypeOf(editedMessage)
    const type = mediatype ? 'media' : 'text'
    return post({ to, id: target, type, edit: EDIT }, mediatype ? { mediatype } : {}, bytesOf(editedMessage))
  }
  const mediatype = mediaTypeOf(message)
  if (!mediatype) return post({ to, id, type: 'text' }, {}, bytesOf(message))
  const handle = handleOf(directPathOf(message) ?? '')
  if (!handle) throw new TrunklineError('MEDIA_UPLOAD_FAILED', { message: 'The file was not brought to the channel' })
  return post({ to, id, type: 'media', media_id: handle }, { mediatype }, bytesOf(message))
}

function post(attrs: Record<string, string>, about: Record<string, string>, content: Uint8Array): BinaryNode {
  return { tag: 'message', attrs, content: [{ tag: 'plaintext', attrs: about, content }] }
}

const bytesOf = (message: proto.IMessage): Uint8Array => proto.Message.encode(message).finish()

function mediaTypeOf(message: proto.IMessage): string | undefined {
  const { imageMessage, videoMessage, audioMessage, documentMessage, stickerMessage } = openContent(message).content
  if (imageMessage) return 'image'
  if (videoMessage) return videoMessage.gifPlayback ? 'gif' : 'video'
  if (audioMessage) return audioMessage.ptt ? 'ptt' : 'audio'
  if (documentMessage) return 'document'
  return stickerMessage ? 'sticker' : undefined
}

function directPathOf(message: proto.IMessage): string | undefined {
  const { imageMessage, videoMessage, audioMessage, documentMessage, stickerMessage } = openContent(message).content
  const part = imageMessage ?? videoMessage ?? audioMessage ?? documentMessage ?? stickerMessage
  return part?.directPath ?? undefined
}
