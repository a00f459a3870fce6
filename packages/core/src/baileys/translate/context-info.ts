import type { proto } from '@whiskeysockets/baileys'
import { normalizeJid, wireJid } from '../../records/jid.js'
import type { MessageBody } from '../../types/message.js'
import type { Content, ContentField } from './content-table.js'
import { type Description, present } from './description.js'

/** What stands beside the words of a message: whom it names, what it answers, which advertisement it came from. */
export function contextOf(
  content: Content,
  field: ContentField,
  describe: (quoted: Content) => Description | undefined,
): MessageBody & { quotedMessageId?: string } {
  const info = contextInfo(content, field)
  if (!info) return {}
  const mentions = info.mentionedJid?.map((jid) => normalizeJid(jid)).filter((jid) => jid !== undefined)
  return {
    ...(info.stanzaId ? { quotedMessageId: info.stanzaId, ...quotedBy(info, describe) } : {}),
    ...(mentions?.length ? { mentions: [...new Set(mentions)] } : {}),
    ...(info.nonJidMentions ? { everyone: true } : {}),
    ...(info.isForwarded ? { forwardedTimes: Math.max(1, info.forwardingScore ?? 1) } : {}),
    ...(info.expiration ? { disappearsAfterSeconds: info.expiration } : {}),
    ...present({ ad: adOf(info.externalAdReply) }),
  }
}

const QUOTED_LENGTH = 1_000

function quotedBy(
  { participant, remoteJid, quotedMessage }: proto.IContextInfo,
  describe: (quoted: Content) => Description | undefined,
): Pick<MessageBody, 'quoted'> {
  const described = quotedMessage ? describe(quotedMessage) : undefined
  const quoted = present({
    chatId: remoteJid ? wireJid(remoteJid) : undefined,
    senderId: participant ? wireJid(participant) : undefined,
    type: described?.type,
    text: described?.text?.slice(0, QUOTED_LENGTH),
  })
  return Object.keys(quoted).length > 0 ? { quoted } : {}
}

/** It sits inside the one part of the content that is set. */
function contextInfo(content: Content, field: ContentField): proto.IContextInfo | undefined {
  const part = content[field]
  return part && typeof part === 'object' && 'contextInfo' in part ? (part.contextInfo ?? undefined) : undefined
}

/** An advertisement, or the card of a link, which phones write into the same place: only the former has a source. */
function adOf(ad: proto.ContextInfo.IExternalAdReplyInfo | null | undefined): MessageBody['ad'] {
  if (!ad) return undefined
  const found = present({ id: ad.sourceId, title: ad.title, text: ad.body, url: ad.sourceUrl })
  return Object.keys(found).length > 0 ? found : undefined
}
