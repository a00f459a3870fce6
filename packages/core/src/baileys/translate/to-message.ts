import { proto, type WAMessage } from '@whiskeysockets/baileys'
import type { WireChange, WireMessage } from '../../ports/connector.js'
import { isLid, isPhoneJid, normalizeJid } from '../../records/jid.js'
import type { IdentityPair } from '../../types/chat.js'
import type { Jid } from '../../types/jid.js'
import type { MessageSource } from '../../types/message.js'
import { isoTime } from '../../util/iso-time.js'
import { changeOf } from './changes.js'
import { describeContent } from './describe-content.js'
import { openContent } from './open-content.js'

/** What a message of the wire is to us: a message, a change of an earlier one, or nothing a user sees. */
export type Translated = { message: WireMessage } | { change: WireChange } | undefined

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
  const kept: WireMessage = {
    id: key.id,
    chatId,
    senderId,
    fromMe: key.fromMe === true,
    timestamp: toIso(wa.messageTimestamp),
    type: 'hidden',
    source: context.source,
    ...(wa.pushName ? { pushName: wa.pushName } : {}),
    identities: identitiesOf(key),
    raw: proto.Message.encode(wa.message).finish(),
  }
  const opened = openContent(wa.message)
  const change = changeOf(opened.content, kept)
  if (change) return { change }
  const described = describeContent(opened)
  return described && { message: { ...kept, ...described } }
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
