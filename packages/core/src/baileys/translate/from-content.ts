import { randomBytes } from 'node:crypto'
import { generateMessageIDV2, proto } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { PreparableContent, PreparedMessage } from '../../ports/connector.js'
import { normalizeJid } from '../../records/jid.js'
import type { MessageContent } from '../../types/content.js'
import type { Jid } from '../../types/jid.js'
import { assertNever } from '../../util/assert-never.js'
import { type Context, contactPart, eventPart, forwardPart, locationPart, pollPart, textPart } from './content-parts.js'
import { describeContent } from './describe-content.js'
import { mediaPart } from './media-part.js'
import { openContent } from './open-content.js'

/** The protobuf of a message to send. `me`: the account's own phone-number JID; WhatsApp Web makes its message ids from it. */
export function fromContent(
  { content, file, preview, quoted, forwarded, disappearsAfterSeconds }: PreparableContent,
  me: Jid,
): PreparedMessage {
  const everyone = content.mentions === 'everyone'
  const mentions = (Array.isArray(content.mentions) ? content.mentions : []).map((mention, index) => {
    const jid = normalizeJid(mention)
    if (!jid) throw new TrunklineError('RECIPIENT_INVALID', { details: { field: `mentions.${index}`, to: mention } })
    return jid
  })
  const contextInfo: proto.IContextInfo = {
    ...(mentions.length > 0 ? { mentionedJid: mentions } : {}),
    ...(everyone ? { nonJidMentions: 1 } : {}),
    ...(quoted
      ? {
          stanzaId: quoted.id,
          participant: quoted.senderId,
          quotedMessage: quoted.raw ? quotable(quoted.raw) : { conversation: quoted.text ?? '' },
        }
      : {}),
    ...(disappearsAfterSeconds ? { expiration: disappearsAfterSeconds } : {}),
  }
  const part = partOf(content, Object.keys(contextInfo).length > 0 ? { contextInfo } : {}, { forwarded, file, preview })
  // As it is read when somebody else sends it; blanks alone are a text that was asked for.
  const said = describeContent(openContent(part))
  const words =
    content.type === undefined || content.type === 'text' ? { type: 'text' as const, text: content.text } : {}
  const message: proto.IMessage = {
    ...part,
    // WhatsApp derives the reporting token, and the keys of later poll votes and edits, from this secret.
    messageContextInfo: { messageSecret: randomBytes(32) },
  }
  return {
    id: generateMessageIDV2(me),
    type: 'unknown',
    ...said,
    ...words,
    raw: proto.Message.encode(message).finish(),
  }
}

/** The one field of the protobuf that is the content. */
function partOf(
  content: MessageContent,
  context: Context,
  { forwarded, file, preview }: Pick<PreparableContent, 'forwarded' | 'file' | 'preview'>,
): proto.IMessage {
  switch (content.type) {
    case undefined:
    case 'text':
      return textPart(content, preview, context)
    case 'location':
      return locationPart(content, context)
    case 'contact':
      return contactPart(content.contacts, context)
    case 'poll':
      return pollPart(content, context)
    case 'event':
      return eventPart(content, context)
    case 'image':
    case 'video':
    case 'document':
    case 'sticker':
    case 'audio':
    case 'voice':
      if (!file) throw new TrunklineError('MEDIA_NOT_AVAILABLE', { message: 'The file was not uploaded' })
      return mediaPart(content, file, context)
    case 'forward':
      if (!forwarded) throw new TrunklineError('MESSAGE_NOT_FOUND', { details: { messageId: content.messageId } })
      return forwardPart(forwarded, context)
    default:
      return assertNever(content)
  }
}

/** What is shown of a message that is quoted: without what it quotes itself, its secret, and whatever wraps it. */
function quotable(raw: Uint8Array): proto.IMessage {
  const { content, field } = openContent(proto.Message.decode(raw))
  return field ? { [field]: withoutContext(content[field]) } : {}
}

/** The pictures in headers and cards have a context of their own, which may quote as well; old polls have their secret in them. */
function withoutContext(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withoutContext)
  if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return part
  const kept = Object.entries(part).filter(([name]) => name !== 'contextInfo' && name !== 'encKey')
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutContext(value)]))
}
