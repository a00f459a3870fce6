import { randomBytes } from 'node:crypto'
import { generateMessageIDV2, proto } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { PreparableContent, PreparedMessage } from '../../ports/connector.js'
import { normalizeJid } from '../../records/jid.js'
import type { MessageContent } from '../../types/content.js'
import type { Jid } from '../../types/jid.js'
import { assertNever } from '../../util/assert-never.js'
import { openContent } from './open-content.js'

interface Part extends Pick<PreparedMessage, 'type' | 'text'> {
  part: proto.IMessage
}

/** The protobuf of a message to send. `me`: the account's own phone-number JID; WhatsApp Web makes its message ids from it. */
export function fromContent({ content, quoted, disappearsAfterSeconds }: PreparableContent, me: Jid): PreparedMessage {
  const mentions = (content.mentions ?? []).map((mention, index) => {
    const jid = normalizeJid(mention)
    if (!jid) throw new TrunklineError('RECIPIENT_INVALID', { details: { field: `mentions.${index}`, to: mention } })
    return jid
  })
  const contextInfo: proto.IContextInfo = {
    ...(mentions.length > 0 ? { mentionedJid: mentions } : {}),
    ...(quoted
      ? {
          stanzaId: quoted.id,
          participant: quoted.senderId,
          quotedMessage: quoted.raw ? quotable(quoted.raw) : { conversation: quoted.text ?? '' },
        }
      : {}),
    ...(disappearsAfterSeconds ? { expiration: disappearsAfterSeconds } : {}),
  }
  const { part, ...shown } = partOf(content, Object.keys(contextInfo).length > 0 ? { contextInfo } : {})
  const message: proto.IMessage = {
    ...part,
    // WhatsApp derives the reporting token, and the keys of later poll votes and edits, from this secret.
    messageContextInfo: { messageSecret: randomBytes(32) },
  }
  return {
    id: generateMessageIDV2(me),
    ...shown,
    ...(mentions.length > 0 ? { mentions } : {}),
    ...(quoted ? { quotedMessageId: quoted.id } : {}),
    ...(disappearsAfterSeconds ? { disappearsAfterSeconds } : {}),
    raw: proto.Message.encode(message).finish(),
  }
}

/** The one field of the protobuf that is the content, and what a person sees of it. */
function partOf(content: MessageContent, context: { contextInfo?: proto.IContextInfo }): Part {
  const { type = 'text' } = content
  switch (type) {
    case 'text':
      return { part: { extendedTextMessage: { text: content.text, ...context } }, type, text: content.text }
    default:
      return assertNever(type)
  }
}

/** What is shown of a message that is quoted: without what it quotes itself, its secret, and whatever wraps it. */
function quotable(raw: Uint8Array): proto.IMessage {
  const { content, field } = openContent(proto.Message.decode(raw))
  if (!field) return {}
  const part = content[field]
  if (typeof part !== 'object' || part === null || !('contextInfo' in part)) return { [field]: part }
  const { contextInfo: _, ...rest } = part
  return { [field]: rest }
}
