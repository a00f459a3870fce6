import { getContentType, normalizeMessageContent, proto, type WAMessage } from '@whiskeysockets/baileys'
import type { WireChange, WireMessage } from '../../ports/connector.js'
import { isLid, isPhoneJid, normalizeJid } from '../../records/jid.js'
import type { IdentityPair } from '../../types/chat.js'
import type { Jid } from '../../types/jid.js'
import type { Media, MessageSource, MessageType } from '../../types/message.js'
import { isoTime } from '../../util/iso-time.js'
import { openVote, pollIn } from './poll-vote.js'

/** What a message of the wire is to us: a message, a change of an earlier one, or nothing a user sees. */
export type Translated = { message: WireMessage } | { change: WireChange } | undefined

type Content = proto.IMessage
type ProtocolMessage = proto.Message.IProtocolMessage

const { Type } = proto.Message.ProtocolMessage

export interface TranslateContext {
  /** The account's own address: the sender of what is `fromMe`. */
  me: Jid
  source: MessageSource
}

/** Translates one message of Baileys. Pure. */
export function toMessage(wa: WAMessage, context: TranslateContext): Translated {
  const { key } = wa
  const chatId = key.remoteJid ? normalizeJid(key.remoteJid) : undefined
  const content = normalizeMessageContent(wa.message)
  if (!chatId || !key.id || !content) return undefined
  const senderId = senderOf({ ...key, participant: key.participant || wa.participant }, context.me)
  if (!senderId) return undefined
  const at = toIso(wa.messageTimestamp)
  const identities = identitiesOf(key)
  const base = { id: key.id, chatId, senderId, at, identities }

  if (content.protocolMessage) return protocolChange(content.protocolMessage, base)
  if (content.pollUpdateMessage) return voteChange(content.pollUpdateMessage, base)
  if (content.reactionMessage) {
    const { text, key: target } = content.reactionMessage
    return target?.id ? { change: { kind: 'reaction', messageId: target.id, ...base, emoji: text ?? '' } } : undefined
  }
  const described = describe(content)
  if (!described) return undefined
  const info = contextInfo(content)
  const mentions = info?.mentionedJid?.map((jid) => normalizeJid(jid)).filter((jid) => jid !== undefined)
  return {
    message: {
      id: key.id,
      chatId,
      senderId,
      fromMe: key.fromMe === true,
      timestamp: at,
      ...described,
      ...(info?.stanzaId ? { quotedMessageId: info.stanzaId } : {}),
      ...(mentions?.length ? { mentions } : {}),
      source: context.source,
      ...(wa.pushName ? { pushName: wa.pushName } : {}),
      identities,
      raw: proto.Message.encode(wa.message as proto.IMessage).finish(),
    },
  }
}

/** Who wrote what the key names. */
export function senderOf({ fromMe, participant, remoteJid }: proto.IMessageKey, me: Jid): Jid | undefined {
  if (fromMe) return me
  // Baileys leaves an empty string where there is no participant.
  const author = participant || remoteJid
  return author ? normalizeJid(author) : undefined
}

/** Both addresses of chat partner and sender, where the stanza named them. */
function identitiesOf(key: WAMessage['key']): IdentityPair[] {
  const pairs = [pairOf(key.remoteJid, key.remoteJidAlt), pairOf(key.participant, key.participantAlt)]
  return pairs.filter((pair) => pair !== undefined)
}

/** A phone number and a LID, whichever comes first; anything else is no pair. */
export function pairOf(one: string | null | undefined, other: string | null | undefined): IdentityPair | undefined {
  const [a, b] = [one && normalizeJid(one), other && normalizeJid(other)]
  if (!a || !b) return undefined
  if (isPhoneJid(a) && isLid(b)) return { pn: a, lid: b }
  if (isLid(a) && isPhoneJid(b)) return { pn: b, lid: a }
  return undefined
}

/** Seconds since 1970 (a number or a protobuf Long) as ISO 8601; the beginning of time when they are none. */
export function toIso(seconds: WAMessage['messageTimestamp']): string {
  return isoTime(Number(seconds ?? 0) * 1000) ?? new Date(0).toISOString()
}

type ChangeBase = Omit<WireChange, 'kind' | 'messageId'>

function protocolChange(protocol: ProtocolMessage, base: ChangeBase): Translated {
  const messageId = protocol.key?.id
  if (!messageId) return undefined
  if (protocol.type === Type.REVOKE) return { change: { kind: 'delete', messageId, ...base } }
  if (protocol.type !== Type.MESSAGE_EDIT) return undefined
  const edited = describe(normalizeMessageContent(protocol.editedMessage) ?? {})
  // Written by the sender, who may write anything.
  const at = (protocol.timestampMs && isoTime(Number(protocol.timestampMs))) || base.at
  return edited?.text === undefined
    ? undefined
    : { change: { kind: 'edit', messageId, ...base, text: edited.text, at } }
}

function voteChange(update: proto.Message.IPollUpdateMessage, base: ChangeBase): Translated {
  const { pollCreationMessageKey: poll, vote } = update
  if (!poll?.id || !vote) return undefined
  const pollId = poll.id
  // What the voter's own phone calls the two, beside what we know them by.
  const creators = [poll.participant, poll.remoteJid].map((jid) => (jid ? normalizeJid(jid) : undefined))
  const also = base.identities.flatMap(({ pn, lid }) => [pn, lid])
  return {
    change: {
      kind: 'vote',
      messageId: pollId,
      ...base,
      open: ({ raw, creatorIds, voterIds }) =>
        openVote(vote, pollId, {
          raw,
          creatorIds: unique([...creatorIds, ...creators]),
          voterIds: unique([...voterIds, base.senderId, ...also]),
        }),
    },
  }
}

function unique(jids: (Jid | undefined)[]): Jid[] {
  return [...new Set(jids.filter((jid) => jid !== undefined))]
}

type Description = Pick<WireMessage, 'type' | 'text' | 'media' | 'location' | 'contacts' | 'poll'>

/** Distribution of keys and other machinery that travels as messages and that no user sees. */
const INVISIBLE = new Set([
  'senderKeyDistributionMessage',
  'messageContextInfo',
  'keepInChatMessage',
  'encReactionMessage',
])

function describe(content: Content): Description | undefined {
  const kind = getContentType(content)
  if (!kind || INVISIBLE.has(kind)) return undefined
  const image = content.imageMessage
  if (image) return media('image', image, image.caption, size(image))
  const video = content.videoMessage ?? content.ptvMessage
  if (video) return media('video', video, video.caption, { ...size(video), ...seconds(video) })
  const audio = content.audioMessage
  if (audio) return media(audio.ptt ? 'voice' : 'audio', audio, undefined, seconds(audio))
  const document = content.documentMessage
  if (document)
    return media('document', document, document.caption, document.fileName ? { fileName: document.fileName } : {})
  if (content.stickerMessage) return media('sticker', content.stickerMessage, undefined, size(content.stickerMessage))
  const location = content.locationMessage ?? content.liveLocationMessage
  if (location) return { type: 'location', location: locationOf(location) }
  const contacts =
    content.contactsArrayMessage?.contacts ?? (content.contactMessage ? [content.contactMessage] : undefined)
  if (contacts)
    return {
      type: 'contact',
      contacts: contacts.map(({ displayName, vcard }) => ({ name: displayName ?? '', vcard: vcard ?? '' })),
    }
  const poll = pollIn(content)
  if (poll) {
    const options = (poll.options ?? []).map(({ optionName }) => ({ name: optionName ?? '', voters: [] }))
    return {
      type: 'poll',
      text: poll.name ?? '',
      poll: { question: poll.name ?? '', options, selectableCount: poll.selectableOptionsCount ?? 0 },
    }
  }
  const text = content.conversation ?? content.extendedTextMessage?.text
  return text === null || text === undefined ? { type: 'unknown' } : { type: 'text', text }
}

interface WireMedia {
  mimetype?: string | null
  fileLength?: number | { toString(): string } | null
  fileSha256?: Uint8Array | null
}

function media(
  type: MessageType,
  wire: WireMedia,
  caption: string | null | undefined,
  extra: Partial<Media>,
): Description {
  const sha256 = wire.fileSha256?.length ? Buffer.from(wire.fileSha256).toString('hex') : undefined
  return {
    type,
    ...(caption ? { text: caption } : {}),
    media: {
      mimetype: wire.mimetype ?? 'application/octet-stream',
      bytes: Number(wire.fileLength ?? 0),
      ...(sha256 ? { sha256 } : {}),
      ...extra,
      ...(caption ? { caption } : {}),
      state: 'remote',
    },
  }
}

function size({ width, height }: { width?: number | null; height?: number | null }): Partial<Media> {
  return width && height ? { width, height } : {}
}

function seconds(wire: { seconds?: number | null }): Partial<Media> {
  return wire.seconds ? { seconds: wire.seconds } : {}
}

function locationOf(wire: proto.Message.ILocationMessage): NonNullable<WireMessage['location']> {
  const { degreesLatitude, degreesLongitude, name, address } = wire
  return {
    latitude: degreesLatitude ?? 0,
    longitude: degreesLongitude ?? 0,
    ...(name ? { name } : {}),
    ...(address ? { address } : {}),
  }
}

/** Quote and mentions sit inside the one part of the content that is set. */
function contextInfo(content: Content): proto.IContextInfo | undefined {
  const kind = getContentType(content)
  const part = kind && content[kind]
  return part && typeof part === 'object' && 'contextInfo' in part ? (part.contextInfo ?? undefined) : undefined
}
