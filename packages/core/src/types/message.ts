import type { Jid } from './jid.js'

export const MESSAGE_TYPES = [
  'text',
  'image',
  'video',
  'voice',
  'audio',
  'document',
  'sticker',
  'location',
  'contact',
  'poll',
  'unknown',
] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

export const MESSAGE_STATUSES = ['pending', 'sent', 'delivered', 'read', 'played', 'failed', 'unknown'] as const

/**
 * `pending` < `sent` < `delivered` < `read` < `played` and only forward. `failed`: WhatsApp refused it. `unknown`: the
 * connection was lost before WhatsApp's server answered, so nobody can tell; never resent silently.
 */
export type MessageStatus = (typeof MESSAGE_STATUSES)[number]

/** Where a message came from. `history` messages are stored without being announced one by one. */
export type MessageSource = 'live' | 'offline' | 'history' | 'api' | 'phone'

export interface Media {
  mimetype: string
  bytes: number
  sha256?: string
  width?: number
  height?: number
  seconds?: number
  fileName?: string
  caption?: string
  state: 'remote' | 'stored' | 'expired'
}

export interface Reaction {
  senderId: Jid
  emoji: string
  at: string
}

export interface Poll {
  question: string
  options: { name: string; voters: Jid[] }[]
  /** How many options one person may choose; 0 means any number. */
  selectableCount: number
  /** When each person voted last; those too who took their vote back. Left out before the first vote. */
  votes?: { voterId: Jid; at: string }[]
}

/** A stored message. `id` is WhatsApp's own id: unique together with chat and sender, not alone. */
export interface Message {
  id: string
  sessionId: string
  chatId: Jid
  senderId: Jid
  fromMe: boolean
  timestamp: string
  type: MessageType
  text?: string
  media?: Media
  location?: { latitude: number; longitude: number; name?: string; address?: string }
  contacts?: { name: string; vcard: string }[]
  quotedMessageId?: string
  mentions?: Jid[]
  reactions: Reaction[]
  poll?: Poll
  status: MessageStatus
  error?: { code: string; message: string }
  editedAt?: string
  deletedAt?: string
  clientMessageId?: string
  source: MessageSource
}

/** A message with WhatsApp's own protobuf (`Message`, encoded) beside it, so that nothing is lost in translation. */
export type StoredMessage = Message & { raw?: Uint8Array }

/** Points to messages of a session. Several can match an id alone. */
export interface MessageRef {
  id: string
  chatId?: Jid
  senderId?: Jid
}

/** A `MessageRef` of one id or of several. */
export interface MessageRefs extends Omit<MessageRef, 'id'> {
  id: string | readonly string[]
}

/** One ref for each id, each once. */
export function refsOf({ id, ...rest }: MessageRefs): MessageRef[] {
  return [...new Set([id].flat())].map((each) => ({ ...rest, id: each }))
}

export interface TextContent {
  /** The default type. */
  type?: 'text'
  text: string
  /** The id of a stored message of the same chat. */
  quotedMessageId?: string
  /** Phone numbers or JIDs of the people named with `@` in the text. */
  mentions?: string[]
}

/** What can be sent: discriminated by `type`, text when left out. */
export type MessageContent = TextContent

/** `to`: a phone number, a JID or a chat id. */
export type SendOptions = MessageContent & {
  to: string
  /** The caller's own id: kept on the message; sent once, a repeat answers with the stored message. */
  clientMessageId?: string
  signal?: AbortSignal
}

/** What happens to a stored message after it was stored. Applied by `applyMessageChange`, the same in every store. */
export type MessageChange =
  | { kind: 'status'; status: MessageStatus; error?: { code: string; message: string } }
  | { kind: 'edit'; text: string; at: string }
  | { kind: 'delete'; at: string }
  /** An empty emoji takes the reaction back. */
  | { kind: 'reaction'; senderId: Jid; emoji: string; at: string }
  /** The whole choice of a person, which replaces an earlier one; no option takes the vote back. */
  | { kind: 'vote'; voterId: Jid; options: string[]; at: string }
  | { kind: 'media'; state: Media['state'] }

const FORWARD: Record<MessageStatus, number> = {
  pending: 0,
  unknown: 1,
  failed: 1,
  sent: 2,
  delivered: 3,
  read: 4,
  played: 5,
}

/** The status after `next` was reported: never backwards, and `failed` or `unknown` only before a receipt proved delivery. */
export function advanceStatus(current: MessageStatus, next: MessageStatus): MessageStatus {
  if (next === 'failed')
    return current === 'pending' || current === 'sent' || current === 'unknown' ? 'failed' : current
  if (next === 'unknown') return current === 'pending' ? 'unknown' : current
  return FORWARD[next] > FORWARD[current] ? next : current
}

/** The message after a change, or `undefined` when the change says nothing new. Pure: stores call it inside their own atomic step. */
export function applyMessageChange<M extends Message>(message: M, change: MessageChange): M | undefined {
  switch (change.kind) {
    case 'status': {
      const status = advanceStatus(message.status, change.status)
      if (status === message.status) return undefined
      const { error: _, ...rest } = message
      return { ...rest, status, ...(change.error ? { error: change.error } : {}) } as M
    }
    case 'edit':
      if (message.deletedAt || (message.editedAt && message.editedAt >= change.at)) return undefined
      return { ...message, text: change.text, editedAt: change.at }
    case 'delete': {
      if (message.deletedAt) return undefined
      const { text: _text, media: _media, poll: _poll, location: _location, contacts: _contacts, ...rest } = message
      return { ...rest, deletedAt: change.at, reactions: [] } as unknown as M
    }
    case 'reaction': {
      if (message.deletedAt) return undefined
      const previous = message.reactions.find((reaction) => reaction.senderId === change.senderId)
      if (previous ? previous.at > change.at || previous.emoji === change.emoji : change.emoji === '') return undefined
      const others = message.reactions.filter((reaction) => reaction !== previous)
      const { senderId, emoji, at } = change
      return { ...message, reactions: emoji === '' ? others : [...others, { senderId, emoji, at }] }
    }
    case 'vote': {
      if (!message.poll) return undefined
      const poll = applyVote(message.poll, change)
      return poll && { ...message, poll }
    }
    case 'media':
      if (!message.media || message.media.state === change.state) return undefined
      return { ...message, media: { ...message.media, state: change.state } }
  }
}

/** The last vote of a person counts, by the voter's own time, whenever it arrives; `undefined` when it says nothing new. */
export function applyVote(
  poll: Poll,
  { voterId, options, at }: Omit<Extract<MessageChange, { kind: 'vote' }>, 'kind'>,
): Poll | undefined {
  const previous = poll.votes?.find((vote) => vote.voterId === voterId)
  if (previous && previous.at > at) return undefined
  const chosen = poll.options.map(({ name, voters }) => {
    const others = voters.filter((voter) => voter !== voterId)
    if (!options.includes(name)) return { name, voters: others }
    return { name, voters: voters.includes(voterId) ? voters : [...others, voterId] }
  })
  const isSame = chosen.every(({ voters }, index) => voters.length === poll.options[index]?.voters.length)
  if (previous?.at === at && isSame) return undefined
  const others = poll.votes?.filter((vote) => vote !== previous) ?? []
  return { ...poll, options: chosen, votes: [...others, { voterId, at }] }
}
