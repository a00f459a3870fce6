import type { proto } from '@whiskeysockets/baileys'
import { normalizeJid } from '../../records/jid.js'
import type { MessageBody } from '../../types/message.js'
import type { Content, ContentField } from './content-table.js'
import { present } from './description.js'

/** What stands beside the words of a message: whom it mentions, what it answers, which advertisement it came from. */
export function contextOf(content: Content, field: ContentField): MessageBody & { quotedMessageId?: string } {
  const info = contextInfo(content, field)
  const mentions = info?.mentionedJid?.map((jid) => normalizeJid(jid)).filter((jid) => jid !== undefined)
  return {
    ...(info?.stanzaId ? { quotedMessageId: info.stanzaId } : {}),
    ...(mentions?.length ? { mentions } : {}),
    ...present({ ad: adOf(info?.externalAdReply) }),
  }
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
