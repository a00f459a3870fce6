import { proto } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { LinkPreview } from '../../ports/link-previews.js'
import type { ContactToSend, EventContent, LocationContent, PollContent, TextContent } from '../../types/content.js'
import type { StoredMessage } from '../../types/message.js'
import type { ContentField } from './content-table.js'
import { openContent } from './open-content.js'

/** Goes inside of whatever a message is. */
export interface Context {
  contextInfo?: proto.IContextInfo
}

export function textPart({ text }: TextContent, preview: LinkPreview | undefined, context: Context): proto.IMessage {
  if (!preview) return { extendedTextMessage: { text, ...context } }
  const { url: matchedText, title, description, thumbnail } = preview
  const words = { matchedText, title, ...(description ? { description } : {}) }
  const picture = thumbnail ? { jpegThumbnail: thumbnail } : {}
  return { extendedTextMessage: { text, ...words, ...picture, ...context } }
}

export function locationPart(
  { latitude, longitude, name, address, live }: LocationContent,
  context: Context,
): proto.IMessage {
  if (live) {
    const caption = name === undefined ? {} : { caption: name }
    return { liveLocationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, ...caption, ...context } }
  }
  return { locationMessage: { ...placeOf({ latitude, longitude, name, address }), ...context } }
}

function placeOf({
  latitude,
  longitude,
  name,
  address,
}: EventContent['location'] & object): proto.Message.ILocationMessage {
  const words = { ...(name === undefined ? {} : { name }), ...(address === undefined ? {} : { address }) }
  return { degreesLatitude: latitude, degreesLongitude: longitude, ...words }
}

/** One card is a message of another kind than several. */
export function contactPart(contacts: readonly ContactToSend[], context: Context): proto.IMessage {
  const cards = contacts.map((contact) => ({
    displayName: contact.name,
    vcard: 'vcard' in contact ? contact.vcard : vcardOf(contact),
  }))
  const [only, ...others] = cards
  if (others.length === 0) return { contactMessage: { ...only, ...context } }
  return { contactsArrayMessage: { displayName: `${cards.length} contacts`, contacts: cards, ...context } }
}

/** `waid` lets phones show a button to write to the person. */
function vcardOf({ name, phone }: { name: string; phone: string }): string {
  const digits = phone.replace(/\D/g, '')
  const shown = name.replace(/[\\,;]/g, '\\$&').replace(/\r?\n/g, '\\n')
  const lines = ['BEGIN:VCARD', 'VERSION:3.0', `N:;${shown};;;`, `FN:${shown}`]
  return [...lines, `TEL;type=CELL;type=VOICE;waid=${digits}:+${digits}`, 'END:VCARD'].join('\n')
}

/** Phones write polls with one choice in a form of their own. */
export function pollPart({ question, options, selectableCount = 1 }: PollContent, context: Context): proto.IMessage {
  const poll = {
    name: question,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: selectableCount,
    ...context,
  }
  return selectableCount === 1 ? { pollCreationMessageV3: poll } : { pollCreationMessage: poll }
}

export function eventPart(
  { name, description, startsAt, endsAt, location }: EventContent,
  context: Context,
): proto.IMessage {
  return {
    eventMessage: {
      isCanceled: false,
      name,
      ...(description === undefined ? {} : { description }),
      startTime: secondsOf(startsAt),
      ...(endsAt === undefined ? {} : { endTime: secondsOf(endsAt) }),
      ...(location ? { location: placeOf(location) } : {}),
      ...context,
    },
  }
}

function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1_000)
}

/** What phones let people forward: no polls, whose votes would not come along, and nothing that is to be seen once. */
const FORWARDABLE: ReadonlySet<ContentField> = new Set<ContentField>([
  'conversation',
  'extendedTextMessage',
  'imageMessage',
  'videoMessage',
  'ptvMessage',
  'audioMessage',
  'documentMessage',
  'stickerMessage',
  'locationMessage',
  'contactMessage',
  'contactsArrayMessage',
])

/**
 * A message as it goes on to another chat: without what it answered and whom it named. Phones mark what somebody else wrote, and
 * count how far it has come.
 *
 * @throws MESSAGE_NOT_FORWARDABLE
 */
export function forwardPart(source: StoredMessage, { contextInfo }: Context): proto.IMessage {
  const { content, field } = openContent(source.raw ? proto.Message.decode(source.raw) : {})
  const given = field && content[field]
  if (!field || !given || !FORWARDABLE.has(field) || source.deletedAt || isOnce(source.raw))
    throw new TrunklineError('MESSAGE_NOT_FORWARDABLE', { details: { messageId: source.id } })
  const part = typeof given === 'object' ? (given as { contextInfo?: proto.IContextInfo | null }) : {}
  const score = (part.contextInfo?.forwardingScore ?? 0) + (source.fromMe ? 0 : 1)
  const marked = { ...contextInfo, ...(score > 0 ? { forwardingScore: score, isForwarded: true } : {}) }
  const context = Object.keys(marked).length > 0 ? { contextInfo: marked } : {}
  if (typeof given === 'string') return { extendedTextMessage: { text: given, ...context } }
  const { contextInfo: _, ...rest } = part
  return { [field]: { ...rest, ...context } }
}

function isOnce(raw: Uint8Array | undefined): boolean {
  const message: proto.IMessage = raw ? proto.Message.decode(raw) : {}
  const { viewOnceMessage, viewOnceMessageV2, viewOnceMessageV2Extension } = message
  const { imageMessage, videoMessage, audioMessage } = openContent(message).content
  const isMarked = [imageMessage, videoMessage, audioMessage].some((part) => part?.viewOnce)
  return isMarked || Boolean(viewOnceMessage ?? viewOnceMessageV2 ?? viewOnceMessageV2Extension)
}
