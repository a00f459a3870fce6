import type {
  CalendarEvent,
  EditedBody,
  Message,
  MessageBody,
  MessageChange,
  MessageRef,
  MessageRefs,
  MessageStatus,
  Poll,
} from '../types/message.js'
import { labeled } from './labels.js'

const FORWARD: Record<MessageStatus, number> = {
  queued: 0,
  pending: 1,
  unknown: 2,
  failed: 2,
  canceled: 2,
  expired: 2,
  sent: 3,
  delivered: 4,
  read: 5,
  played: 6,
}

/** From which an end can be reached. What was never handed to the wire is not lost there, and nothing is taken back from it. */
const ENDS: Partial<Record<MessageStatus, readonly MessageStatus[]>> = {
  failed: ['queued', 'pending', 'sent', 'unknown'],
  unknown: ['pending'],
  canceled: ['queued'],
  expired: ['queued'],
}

/** The status after `next` was reported: never backwards, and `failed` or `unknown` only before a receipt proved delivery. */
export function advanceStatus(current: MessageStatus, next: MessageStatus): MessageStatus {
  const from = ENDS[next]
  if (from) return from.includes(current) ? next : current
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
      return { ...edited(message, change), editedAt: change.at }
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
    case 'response': {
      const event = message.event && !message.deletedAt && answered(message.event, change)
      return event ? { ...message, event } : undefined
    }
    case 'star': {
      if (change.starred === (message.starred === true)) return undefined
      const { starred: _, ...rest } = message
      return (change.starred ? { ...rest, starred: true } : rest) as M
    }
    case 'label': {
      const { labels = [], ...rest } = message
      const next = labeled(labels, { [change.labelId]: change.labeled })
      if (next.length === labels.length) return undefined
      return (next.length > 0 ? { ...rest, labels: next } : rest) as M
    }
    case 'media':
      if (!message.media || message.media.state === change.state) return undefined
      return { ...message, media: { ...message.media, state: change.state } }
  }
}

const CAPTIONED: ReadonlySet<string> = new Set(['image', 'video', 'document'])

/** New words in place of the old ones; what people did with a message, and its media, stay. */
function edited<M extends Message>(
  message: M,
  { text, preview, mentions, everyone, buttons, poll, event }: EditedBody,
): M {
  const { text: _text, preview: _preview, mentions: _mentions, ...others } = message
  const { everyone: _everyone, buttons: _buttons, media, ...rest } = others
  const { caption: _caption, ...file } = media ?? {}
  const caption = text === undefined ? {} : { caption: text }
  return {
    ...rest,
    ...(media ? { media: CAPTIONED.has(message.type) ? { ...file, ...caption } : media } : {}),
    ...(text === undefined ? {} : { text }),
    ...(preview ? { preview } : {}),
    ...(mentions ? { mentions } : {}),
    ...(everyone ? { everyone } : {}),
    ...(buttons ? { buttons } : {}),
    ...(poll && message.poll ? { poll: withVotesOf(message.poll, poll) } : {}),
    ...(event && message.event ? { event: withResponsesOf(message.event, event) } : {}),
  } as M
}

function withVotesOf({ options, votes }: Poll, poll: Poll): Poll {
  const voters = new Map(options.map((option) => [option.name, option.voters]))
  const kept = poll.options.map((option) => ({ ...option, voters: voters.get(option.name) ?? option.voters }))
  return { ...poll, options: kept, ...(votes ? { votes } : {}) }
}

function withResponsesOf({ responses }: CalendarEvent, event: CalendarEvent): CalendarEvent {
  return { ...event, ...(responses ? { responses } : {}) }
}

function answered(
  event: CalendarEvent,
  { kind: _, ...response }: Extract<MessageChange, { kind: 'response' }>,
): CalendarEvent | undefined {
  const previous = event.responses?.find(({ senderId }) => senderId === response.senderId)
  if (previous && previous.at >= response.at) return undefined
  const others = event.responses?.filter((other) => other !== previous) ?? []
  return { ...event, responses: [...others, response] }
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
  preview: true,
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
  everyone: true,
  forwardedTimes: true,
  live: true,
  quoted: true,
  disappearsAfterSeconds: true,
}

function withoutBody<M extends Message>(message: M): M {
  return Object.fromEntries(Object.entries(message).filter(([name]) => !(name in BODY))) as M
}

/** One ref for each id, each once. */
export function refsOf({ id, ...rest }: MessageRefs): MessageRef[] {
  return [...new Set([id].flat())].map((each) => ({ ...rest, id: each }))
}
