import { proto } from '@whiskeysockets/baileys'
import type { SealedTarget, UnsealedChange, WireChange, WireMessage } from '../../ports/connector.js'
import { normalizeJid } from '../../records/jid.js'
import type { Jid } from '../../types/jid.js'
import type { EventResponse } from '../../types/message.js'
import { isoTime } from '../../util/iso-time.js'
import type { Content } from './content-table.js'
import { describeContent } from './describe-content.js'
import { openContent } from './open-content.js'
import { openVote } from './poll-vote.js'
import { type Seal, type SealUse, unseal } from './seal.js'

type ProtocolMessage = proto.Message.IProtocolMessage

const { Type } = proto.Message.ProtocolMessage
const { SecretEncType } = proto.Message.SecretEncryptedMessage

/** What an earlier message is to become; `undefined` when `content` changes none. `kept`: the change itself, to be stored. */
export function changeOf(content: Content, kept: WireMessage): WireChange | undefined {
  const { protocolMessage, pollUpdateMessage, reactionMessage } = content
  const { id, chatId, senderId, timestamp: at, identities } = kept
  const base = { id, chatId, senderId, at, identities, kept }
  if (protocolMessage) return protocolChange(protocolMessage, base)
  if (pollUpdateMessage) return voteChange(pollUpdateMessage, base)
  if (reactionMessage?.key?.id) {
    return { kind: 'reaction', messageId: reactionMessage.key.id, ...base, emoji: emojiOf(reactionMessage) }
  }
  return sealedChange(content, base)
}

/** The longest emoji are some fifteen characters; whatever else a sender writes is cut. */
const EMOJI_LENGTH = 32

export function emojiOf({ text }: { text?: string | null }): string {
  return (text ?? '').slice(0, EMOJI_LENGTH)
}

type ChangeBase = Omit<WireChange, 'kind' | 'messageId' | 'kept'> & { kept: WireMessage }

function protocolChange(protocol: ProtocolMessage, base: ChangeBase): WireChange | undefined {
  const messageId = protocol.key?.id
  if (!messageId) return undefined
  if (protocol.type === Type.REVOKE) {
    const { participant, fromMe } = protocol.key ?? {}
    const authorId = participant ? normalizeJid(participant) : fromMe ? base.senderId : undefined
    return { kind: 'delete', messageId, ...base, ...(authorId ? { authorId } : {}) }
  }
  const edit = editOf(protocol, base.at)
  return edit && { ...edit, messageId, ...base, at: edit.at }
}

type Edit = Extract<UnsealedChange, { kind: 'edit' }> & Pick<WireMessage, 'type'>

/** The new words; without any, of a message whose picture stays. `sentAt`: when it came. */
function editOf({ type, editedMessage, timestampMs }: ProtocolMessage, sentAt: string): Edit | undefined {
  if (type !== Type.MESSAGE_EDIT || !editedMessage) return undefined
  // Written by the sender, who may write anything.
  const at = (timestampMs && isoTime(Number(timestampMs))) || sentAt
  return editFrom(editedMessage, at)
}

function editFrom(content: Content, at: string): Edit | undefined {
  const edited = describeContent(openContent(content))
  if (!edited || edited.type === 'unknown' || edited.type === 'hidden' || edited.type === 'system') return undefined
  if (edited.text === undefined && !edited.media) return undefined
  const { quotedMessageId: _quoted, ...body } = edited
  return { kind: 'edit', at, ...body }
}

function voteChange(update: proto.Message.IPollUpdateMessage, base: ChangeBase): WireChange | undefined {
  const { pollCreationMessageKey: poll, vote } = update
  if (!poll?.id || !vote) return undefined
  const messageId = poll.id
  return {
    kind: 'vote',
    messageId,
    ...base,
    open: (target) => openVote(vote, messageId, widened(target, poll, base)),
  }
}

/** What is sealed in a field of its own: each with what goes into its key, and how its plaintext is read. */
function sealedChange(content: Content, base: ChangeBase): WireChange | undefined {
  const { secretEncryptedMessage, encEventResponseMessage, encReactionMessage, encCommentMessage } = content
  if (secretEncryptedMessage) {
    const { targetMessageKey: key, secretEncType } = secretEncryptedMessage
    const use = secretEncType === SecretEncType.EVENT_EDIT ? 'Event Edit' : 'Message Edit'
    if (!secretEncType) return undefined
    return sealed(secretEncryptedMessage, { key, use, base, read: (bytes) => editIn(bytes, base.at) })
  }
  if (encEventResponseMessage) {
    const { eventCreationMessageKey: key } = encEventResponseMessage
    return sealed(encEventResponseMessage, {
      key,
      use: 'Event Response',
      base,
      read: (bytes) => responseIn(bytes, base.at),
    })
  }
  if (encReactionMessage) {
    const { targetMessageKey: key } = encReactionMessage
    return sealed(encReactionMessage, { key, use: 'Enc Reaction', base, read: reactionIn })
  }
  if (!encCommentMessage) return undefined
  const { targetMessageKey: key } = encCommentMessage
  return sealed(encCommentMessage, {
    key,
    use: 'Enc Comment',
    base,
    read: (bytes) => commentIn(bytes, key?.id, base.kept),
  })
}

interface SealedParts {
  key: proto.IMessageKey | null | undefined
  use: SealUse
  base: ChangeBase
  read(plaintext: Uint8Array): UnsealedChange | undefined
}

function sealed(seal: Seal, { key, use, base, read }: SealedParts): WireChange | undefined {
  const messageId = key?.id
  if (!messageId) return undefined
  return {
    kind: 'sealed',
    messageId,
    ...base,
    open(target) {
      const plaintext = unseal(seal, { use, messageId, target: widened(target, key, base) })
      if (!plaintext) return undefined
      try {
        return read(plaintext)
      } catch {
        // Sealed rightly around something that is no protobuf.
        return undefined
      }
    },
  }
}

/** With what the sender's own phone calls the author, and the addresses that came with the stanza. */
function widened(target: SealedTarget, key: proto.IMessageKey, base: ChangeBase): SealedTarget {
  const authors = [key.participant, key.remoteJid].map((jid) => (jid ? normalizeJid(jid) : undefined))
  const also = base.identities.flatMap(({ pn, lid }) => [pn, lid])
  const senderIds = unique([...target.senderIds, base.senderId, ...also])
  // What the stanza says of its sender is news of the author where the two are one.
  const isAuthor = target.authorIds.some((jid) => senderIds.includes(jid))
  const authorIds = unique([...target.authorIds, ...authors, ...(isAuthor ? senderIds : [])])
  return { raw: target.raw, authorIds, senderIds }
}

function unique(jids: (Jid | undefined)[]): Jid[] {
  return [...new Set(jids.filter((jid) => jid !== undefined))]
}

/** Phones seal an edit as it was sent before, around the new message; one report shows the new message alone. */
function editIn(plaintext: Uint8Array, sentAt: string): UnsealedChange | undefined {
  const message = proto.Message.decode(plaintext)
  const { protocolMessage } = openContent(message).content
  return protocolMessage ? editOf(protocolMessage, sentAt) : editFrom(message, sentAt)
}

const RESPONSES: Record<number, EventResponse['response'] | undefined> = { 1: 'going', 2: 'not_going', 3: 'maybe' }

/** The answer of `EventResponseMessage`, by its number. */
export function responseOf(
  { response, extraGuestCount, timestampMs }: proto.Message.IEventResponseMessage,
  sentAt: string,
): Omit<EventResponse, 'senderId'> | undefined {
  const said = RESPONSES[response ?? 0]
  const at = (timestampMs && isoTime(Number(timestampMs))) || sentAt
  return said && { response: said, ...(extraGuestCount ? { extraGuests: extraGuestCount } : {}), at }
}

function responseIn(plaintext: Uint8Array, sentAt: string): UnsealedChange | undefined {
  const said = responseOf(proto.Message.EventResponseMessage.decode(plaintext), sentAt)
  return said && { kind: 'response', ...said }
}

function reactionIn(plaintext: Uint8Array): UnsealedChange {
  return { kind: 'reaction', emoji: emojiOf(proto.Message.ReactionMessage.decode(plaintext)) }
}

function commentIn(
  plaintext: Uint8Array,
  quotedMessageId: string | null | undefined,
  kept: WireMessage,
): UnsealedChange | undefined {
  const said = describeContent(openContent(proto.Message.decode(plaintext)))
  if (!said) return undefined
  return { kind: 'message', message: { ...kept, ...said, ...(quotedMessageId ? { quotedMessageId } : {}) } }
}
