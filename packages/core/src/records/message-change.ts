import type {
  Message,
  MessageBody,
  MessageChange,
  MessageRef,
  MessageRefs,
  MessageStatus,
  Poll,
} from '../types/message.js'

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
      const { timestamp = message.timestamp } = change
      if (status === message.status) return timestamp === message.timestamp ? undefined : { ...message, timestamp }
      const { error: _, ...rest } = message
      return { ...rest, status, timestamp, ...(change.error ? { error: change.error } : {}) } as M
    }
    case 'edit':
      if (message.deletedAt || (message.editedAt && message.editedAt >= change.at)) return undefined
      return { ...message, text: change.text, editedAt: change.at }
    case 'delete': {
      if (message.deletedAt) return undefined
      return { ...withoutBody(message), deletedAt: change.at, reactions: [] }
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
  const chosen = poll.options.map((option) => {
    const { name, voters } = option
    const others = voters.filter((voter) => voter !== voterId)
    if (!options.includes(name)) return { ...option, voters: others }
    return { ...option, voters: voters.includes(voterId) ? voters : [...others, voterId] }
  })
  const isSame = chosen.every(({ voters }, index) => voters.length === poll.options[index]?.voters.length)
  if (previous?.at === at && isSame) return undefined
  const others = poll.votes?.filter((vote) => vote !== previous) ?? []
  return { ...poll, options: chosen, votes: [...others, { voterId, at }] }
}

const BODY: Record<keyof MessageBody, true> = {
  text: true,
  media: true,
  location: true,
  contacts: true,
  poll: true,
  event: true,
  buttons: true,
  selection: true,
  amount: true,
  order: true,
  invite: true,
  call: true,
  ad: true,
  notice: true,
  mentions: true,
}

function withoutBody<M extends Message>(message: M): M {
  return Object.fromEntries(Object.entries(message).filter(([name]) => !(name in BODY))) as M
}

/** One ref for each id, each once. */
export function refsOf({ id, ...rest }: MessageRefs): MessageRef[] {
  return [...new Set([id].flat())].map((each) => ({ ...rest, id: each }))
}
