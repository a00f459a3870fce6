import { createHash } from 'node:crypto'
import { proto, type WAMessage } from '@whiskeysockets/baileys'
import type { WireChange, WireMessage } from '../../ports/connector.js'
import { isBroadcastList, isLid, isPhoneJid, normalizeJid, wireJid } from '../../records/jid.js'
import type { IdentityPair } from '../../types/chat.js'
import type { Jid } from '../../types/jid.js'
import type { MessageSource } from '../../types/message.js'
import { isoTime } from '../../util/iso-time.js'
import { shortened } from './bounds.js'
import { changeOf } from './changes.js'
import { describeContent } from './describe-content.js'
import { openContent } from './open-content.js'
import { describeUnread, placeholder } from './placeholders.js'

/** What a message of the wire is to us: a message, a change of an earlier one, or nothing a user sees. */
export type Translated = { message: WireMessage } | { change: WireChange } | undefined

export interface TranslateContext {
  /** The account's own address: the sender of what is `fromMe`. */
  me: Jid
  source: MessageSource
}

/** Translates one message of Baileys. Pure. */
export function toMessage(wa: WAMessage, context: TranslateContext): Translated {
  const kept = keptOf(wa, context)
  if (!kept) return undefined
  const unread = describeUnread(wa)
  if (unread) return { message: { ...kept, ...unread } }
  if (!wa.message) return undefined
  const opened = openContent(wa.message)
  const change = changeOf(opened.content, kept)
  if (change) return { change: named(change, kept) }
  const described = describeContent(opened)
  return described && { message: { ...kept, ...described } }
}

/** A channel tells a change under the id of its post: kept under another one, it does not take its place. */
function named(change: WireChange, kept: WireMessage): WireChange {
  if (change.messageId !== kept.id) return change
  const content = createHash('sha256')
    .update(kept.raw ?? '')
    .digest('base64url')
  const id = `${kept.id}|${Date.parse(kept.timestamp)}|${content.slice(0, 12)}`
  return { ...change, id, kept: { ...kept, id } }
}

/** What stands at the place of a message that this device does not get. */
export function toPlaceholder(wa: WAMessage, kind: string, context: TranslateContext): WireMessage | undefined {
  const kept = keptOf(wa, context)
  return kept && { ...kept, ...placeholder(kind) }
}

/** A message as it came, before anything is read of it. */
function keptOf(wa: WAMessage, context: TranslateContext): WireMessage | undefined {
  const { key } = wa
  if (!key.remoteJid || !key.id) return undefined
  const senderId = senderOf({ ...key, participant: key.participant || wa.participant }, context.me)
  if (!senderId) return undefined
  return {
    id: key.id,
    chatId: chatOf(wireJid(key.remoteJid), senderId, key.fromMe === true),
    senderId,
    fromMe: key.fromMe === true,
    timestamp: toIso(wa.messageTimestamp),
    type: 'hidden',
    ...(key.server_id ? { serverId: key.server_id } : {}),
    source: context.source,
    ...(wa.starred ? { starred: true } : {}),
    ...(wa.pushName ? { pushName: shortened(wa.pushName) } : {}),
    identities: identitiesOf(key),
    ...(wa.message ? { raw: proto.Message.encode(wa.message).finish() } : {}),
  }
}

/** What somebody writes to a list of people stands in the chat with them; what the account writes to one, in the list. */
function chatOf(address: Jid, senderId: Jid, fromMe: boolean): Jid {
  return isBroadcastList(address) && !fromMe ? senderId : address
}

/** Who wrote what the key names. */
export function senderOf({ fromMe, participant, remoteJid }: proto.IMessageKey, me: Jid): Jid | undefined {
  if (fromMe) return me
  // Baileys leaves an empty string where there is no participant.
  const author = participant || remoteJid
  return author ? wireJid(author) : undefined
}

/** Both addresses of chat partner and sender, where the stanza named them. */
function identitiesOf(key: WAMessage['key']): IdentityPair[] {
  const { remoteJid, remoteJidAlt, participant, participantAlt } = key
  // Of a message through a list, Baileys keeps the sender's other address beside the list's.
  const pairs = [
    pairOf(remoteJid, remoteJidAlt),
    pairOf(participant, participantAlt),
    pairOf(participant, remoteJidAlt),
  ]
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
