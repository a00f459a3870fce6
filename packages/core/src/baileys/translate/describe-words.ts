import type { proto } from '@whiskeysockets/baileys'
import type { MessageBody } from '../../types/message.js'
import { thumbnail } from './describe-media.js'
import { type Description, lines, present, worded } from './description.js'

// Words as they are, and what wraps them.

export function extendedText(wire: proto.Message.IExtendedTextMessage): Description {
  const { text, contextInfo } = wire
  const { title, body } = contextInfo?.externalAdReply ?? {}
  // Who came by an advertisement and wrote nothing yet is shown with the advertisement.
  return worded('text', text ? [text] : [title, body], present({ preview: cardOf(wire) }))
}

/** What the sender's phone shows of the page that the text leads to. */
function cardOf(wire: proto.Message.IExtendedTextMessage): MessageBody['preview'] {
  const { matchedText: url, title, description } = wire
  const said = present({ title, description })
  return url && Object.keys(said).length > 0 ? { url, ...said, ...thumbnail(wire) } : undefined
}

/** The words of a message within a message: the note of a payment, a comment. */
export function textOf(content: proto.IMessage | null | undefined): string | undefined {
  return content?.conversation || content?.extendedTextMessage?.text || undefined
}

export function keyed(
  type: 'text',
  words: string | null | undefined,
  key: proto.IMessageKey | null | undefined,
): Description {
  return { ...worded(type, [words]), ...present({ quotedMessageId: key?.id }) }
}

/** An answer of WhatsApp's AI: its parts one below the other, as far as they are text. */
export function richResponse({ submessages }: proto.IAIRichResponseMessage): Description {
  return worded(
    'text',
    (submessages ?? []).map(({ messageText, codeMetadata, tableMetadata, latexMetadata }) =>
      lines(
        messageText,
        codeMetadata?.codeBlocks?.map(({ codeContent }) => codeContent ?? '').join(''),
        tableMetadata?.title,
        ...(tableMetadata?.rows ?? []).map(({ items }) => items?.join(' | ')),
        latexMetadata?.text,
      ),
    ),
  )
}
