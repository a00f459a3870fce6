import { proto, type WAMessage } from '@whiskeysockets/baileys'
import type { WireChange, WireMessage } from '../../ports/connector.js'
import { isLid, isPhoneJid, normalizeJid } from '../../records/jid.js'
import type { IdentityPair } from '../../types/chat.js'
import type { Jid } from '../../types/jid.js'
import type { MessageSource } from '../../types/message.js'
import { isoTime } from '../../util/iso-time.js'
import { describeContent } from './describe-content.js'
import { openContent } from './open-content.js'
import { openVote } from './poll-vote.js'

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
  if (!chatId || !key.id || !wa.message) return undefined
  const senderId = senderOf({ ...key, participant: key.participant || wa.participant }, context.me)
  if (!senderId) return undefined
  const at = toIso(wa.messageTimestamp)
  const identities = identitiesOf(key)
  const opened = openContent(wa.message)
  const change = changeOf(opened.content, { id: key.id, chatId, senderId, at, identities })
  if (change) return { change }
  const described = describeContent(opened)
  if (!described) return undefined
  return {
    message: {
      id: key.id,
      chatId,
      senderId,
      fromMe: key.fromMe === true,
      timestamp: at,
      ...described,
      source: context.source,
      ...(wa.pushName ? { pushName: wa.pushName } : {}),
      identities,
      raw: proto.Message.encode(wa.message).finish(),
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

/** What an earlier message is to become; `undefined` when this changes none. */
function changeOf(content: Content, base: ChangeBase): WireChange | undefined {
  const { protocolMessage, pollUpdateMessage, reactionMessage } = content
  if (protocolMessage) return protocolChange(protocolMessage, base)
  if (pollUpdateMessage) return voteChange(pollUpdateMessage, base)
  const { key: target, text } = reactionMessage ?? {}
  return target?.id ? { kind: 'reaction', messageId: target.id, ...base, emoji: text ?? '' } : undefined
}

function protocolChange(protocol: ProtocolMessage, base: ChangeBase): WireChange | undefined {
  const messageId = protocol.key?.id
  if (!messageId) return undefined
  if (protocol.type === Type.REVOKE) {
    const { participant, fromMe } = protocol.key ?? {}
    const authorId = participant ? normalizeJid(participant) : fromMe ? base.senderId : undefined
    return { kind: 'delete', messageId, ...base, ...(authorId ? { authorId } : {}) }
  }
  if (protocol.type !== Type.MESSAGE_EDIT) return undefined
  const edited = protocol.editedMessage && describeContent(openContent(protocol.editedMessage))
  // Written by the sender, who may write anything.
  const at = (protocol.timestampMs && isoTime(Number(protocol.timestampMs))) || base.at
  return edited?.text === undefined ? undefined : { kind: 'edit', messageId, ...base, text: edited.text, at }
}

function voteChange(update: proto.Message.IPollUpdateMessage, base: ChangeBase): WireChange | undefined {
  const { pollCreationMessageKey: poll, vote } = update
  if (!poll?.id || !vote) return undefined
  const pollId = poll.id
  // What the voter's own phone calls the two, beside what we know them by.
  const creators = [poll.participant, poll.remoteJid].map((jid) => (jid ? normalizeJid(jid) : undefined))
  const also = base.identities.flatMap(({ pn, lid }) => [pn, lid])
  return {
    kind: 'vote',
    messageId: pollId,
    ...base,
    open: ({ raw, creatorIds, voterIds }) =>
      openVote(vote, pollId, {
        raw,
        creatorIds: unique([...creatorIds, ...creators]),
        voterIds: unique([...voterIds, base.senderId, ...also]),
      }),
  }
}

function unique(jids: (Jid | undefined)[]): Jid[] {
  return [...new Set(jids.filter((jid) => jid !== undefined))]
}
