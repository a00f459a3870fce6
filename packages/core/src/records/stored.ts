import type { Chat, ChatChange, Contact, ContactChange } from '../types/chat.js'
import type { Jid } from '../types/jid.js'
import type {
  CalendarEvent,
  EditedBody,
  Message,
  MessageBody,
  MessageChange,
  MessageType,
  Poll,
  Quoted,
  RawMessage,
  StoredMessage,
} from '../types/message.js'
import { arrivalText, comparePositions, type Position } from './cursor.js'
import { chatKindOf, isLid, phoneOf } from './jid.js'
import { labeled } from './labels.js'
import { applyMessageChange } from './message-change.js'

// The rules that every store applies to messages and chats inside its own atomic step. Pure, like `applyMessageChange`.

/** A chat as stores keep it: what is said about it, and which message was its last. */
export interface ChatRecord {
  id: Jid
  name?: string
  unreadCount: number
  archived: boolean
  pinned: boolean
  mutedUntil?: string
  disappearsAfterSeconds?: number
  labels?: string[]
  last?: LastMessage
}

/** The last message of a chat, and its time and arrival, which keep the chat's place when the message itself is gone. */
export interface LastMessage {
  timestamp: string
  arrival: number
  id: string
  senderId: Jid
}

/** A contact as stores keep it. */
export interface ContactRecord {
  id: Jid
  name?: string
  pushName?: string
}

/**
 * A message that is stored already after it was told again: its status moves forward, a missing `raw` is filled in, and the
 * reactions, votes, answers, edits and the deletion that come with it are put on it. `undefined` when that says nothing new.
 */
export function mergeMessage(stored: StoredMessage, again: StoredMessage): StoredMessage | undefined {
  if (fillsIn(stored, again)) {
    const { timestamp, arrival, reactions } = stored
    const filled = { ...again, timestamp, ...(arrival === undefined ? {} : { arrival }) }
    return mergeMessage(filled, { ...filled, reactions }) ?? filled
  }
  const { status, error } = again
  const changes: MessageChange[] = [
    { kind: 'status', status, ...(error ? { error } : {}) },
    ...again.reactions.map((reaction) => ({ kind: 'reaction' as const, ...reaction })),
    ...(again.poll ? votesOf(again.poll) : []),
    ...(again.event?.responses ?? []).map((response) => ({ kind: 'response' as const, ...response })),
    ...(again.editedAt ? [{ kind: 'edit' as const, ...editedBodyOf(again), at: again.editedAt }] : []),
    ...(again.deletedAt ? [{ kind: 'delete' as const, at: again.deletedAt }] : []),
    ...(again.starred ? [{ kind: 'star' as const, starred: true }] : []),
    ...(again.labels ?? []).map((labelId) => ({ kind: 'label' as const, labelId, labeled: true })),
  ]
  let merged: StoredMessage | undefined
  for (const change of changes) merged = applyMessageChange(merged ?? stored, change) ?? merged
  if (stored.raw || !again.raw) return merged
  return { ...(merged ?? stored), raw: again.raw }
}

/** Whether a message is told that stood there as a placeholder: it is new then, at the place that it had. */
export function fillsIn(stored: StoredMessage, again: StoredMessage): boolean {
  return isAwaited(stored) && !isAwaited(again) && !stored.deletedAt
}

function isAwaited({ type }: StoredMessage): boolean {
  return type === 'placeholder'
}

function editedBodyOf({ text, preview, mentions, everyone, buttons, poll, event }: Message): EditedBody {
  return {
    ...(text === undefined ? {} : { text }),
    ...(preview ? { preview } : {}),
    ...(mentions ? { mentions } : {}),
    ...(everyone ? { everyone } : {}),
    ...(buttons ? { buttons } : {}),
    ...(poll ? { poll } : {}),
    ...(event ? { event } : {}),
  }
}

/** Two records of one message, found under both addresses of a person, as one: what happened to either happened. */
export function joinMessages(kept: StoredMessage, other: StoredMessage): StoredMessage {
  const joined = mergeMessage(kept, other) ?? kept
  // Without it a repeated request would send the message again.
  if (joined.clientMessageId !== undefined || other.clientMessageId === undefined) return joined
  const { clientMessageId, contentHash } = other
  return { ...joined, clientMessageId, ...(contentHash === undefined ? {} : { contentHash }) }
}

/**
 * The message with `ids` put in place of a person's other address, wherever it stands. Who has reacted or voted under both
 * addresses did so once: the later of the two counts.
 */
export function readdressMessage<Kept extends Message>(message: Kept, ids: ReadonlyMap<Jid, Jid>): Kept {
  const renamed = (jid: Jid) => ids.get(jid) ?? jid
  return {
    ...message,
    chatId: renamed(message.chatId),
    senderId: renamed(message.senderId),
    ...readdressReactionsAndVotes(message, ids),
    ...readdressNamed(message, ids),
  }
}

/** Everybody who has to do with a message, some of them more than once: whoever wrote it, is named in it, or has answered it. */
export function peopleIn(
  message: Pick<Message, 'chatId' | 'senderId'> & Partial<Pick<Message, 'reactions'>> & MessageBody,
): Jid[] {
  const { chatId, senderId, reactions = [], poll, event } = message
  const voters = poll?.votes?.map(({ voterId }) => voterId) ?? []
  const doers = [...reactions, ...(event?.responses ?? [])].map((deed) => deed.senderId)
  return [chatId, senderId, ...doers, ...voters, ...namedIn(message)]
}

function namedIn({ mentions = [], quoted, notice }: MessageBody): Jid[] {
  const { chatId, senderId } = quoted ?? {}
  return [...mentions, ...(notice?.people ?? []), ...[chatId, senderId].filter((jid) => jid !== undefined)]
}

/** Whom the words of a message name, with `ids` in place of their other addresses. */
export function readdressNamed(
  { mentions, quoted, notice }: MessageBody,
  ids: ReadonlyMap<Jid, Jid>,
): Pick<MessageBody, 'mentions' | 'quoted' | 'notice'> {
  const renamed = (jid: Jid) => ids.get(jid) ?? jid
  return {
    ...(mentions ? { mentions: [...new Set(mentions.map(renamed))] } : {}),
    ...(quoted ? { quoted: readdressQuoted(quoted, renamed) } : {}),
    ...(notice?.people ? { notice: { ...notice, people: notice.people.map(renamed) } } : {}),
  }
}

function readdressQuoted({ chatId, senderId, ...rest }: Quoted, renamed: (jid: Jid) => Jid): Quoted {
  return {
    ...(chatId === undefined ? {} : { chatId: renamed(chatId) }),
    ...(senderId === undefined ? {} : { senderId: renamed(senderId) }),
    ...rest,
  }
}

/** Who has reacted to a message, voted in it or answered it, with `ids` in place of their other addresses. */
export function readdressReactionsAndVotes(
  { reactions, poll, event }: Pick<StoredMessage, 'reactions' | 'poll' | 'event'>,
  ids: ReadonlyMap<Jid, Jid>,
): Pick<StoredMessage, 'reactions' | 'poll' | 'event'> {
  const renamed = (jid: Jid) => ids.get(jid) ?? jid
  const readdressed = reactions.map((reaction) => ({ ...reaction, senderId: renamed(reaction.senderId) }))
  return {
    reactions: latestOfEach(readdressed, ({ senderId }) => senderId),
    ...(poll ? { poll: readdressPoll(poll, renamed) } : {}),
    ...(event ? { event: readdressEvent(event, renamed) } : {}),
  }
}

function readdressEvent(event: CalendarEvent, renamed: (jid: Jid) => Jid): CalendarEvent {
  if (!event.responses) return event
  const responses = event.responses.map((response) => ({ ...response, senderId: renamed(response.senderId) }))
  return { ...event, responses: latestOfEach(responses, ({ senderId }) => senderId) }
}

function readdressPoll(poll: Poll, renamed: (jid: Jid) => Jid): Poll {
  const votes = votesOf(poll).map((vote) => ({ ...vote, voterId: renamed(vote.voterId) }))
  const latest = latestOfEach(votes, ({ voterId }) => voterId)
  const options = poll.options.map((option) => ({
    ...option,
    voters: latest.filter((vote) => vote.options.includes(option.name)).map(({ voterId }) => voterId),
  }))
  return { ...poll, options, ...(poll.votes ? { votes: latest.map(({ voterId, at }) => ({ voterId, at })) } : {}) }
}

/** What each person has voted last, as the changes that say so. */
function votesOf({ options, votes = [] }: Poll) {
  return votes.map(({ voterId, at }) => ({
    kind: 'vote' as const,
    voterId,
    options: options.filter(({ voters }) => voters.includes(voterId)).map(({ name }) => name),
    at,
  }))
}

/** One of each person, at the place of the first. */
function latestOfEach<Deed extends { at: string }>(deeds: readonly Deed[], personOf: (deed: Deed) => Jid): Deed[] {
  const latest = new Map<Jid, Deed>()
  for (const deed of deeds) {
    const other = latest.get(personOf(deed))
    if (!other || other.at <= deed.at) latest.set(personOf(deed), deed)
  }
  return [...latest.values()]
}

const SILENT: ReadonlySet<MessageType> = new Set<MessageType>(['system', 'placeholder', 'hidden', 'unknown'])

/** Whether a person is shown something that somebody said. All else is never event `message` and never unread. */
export function isSaid({ type, text }: Pick<Message, 'type' | 'text'>): boolean {
  // A call that nobody announced is a line of the chat.
  return !SILENT.has(type) && (type !== 'call' || text !== undefined)
}

/** Whether a message that was just stored makes its chat more unread. What somebody posts as a status waits for nobody. */
export function countsAsUnread(message: Message): boolean {
  if (chatKindOf(message.chatId) === 'status') return false
  return !message.fromMe && message.source !== 'history' && !message.deletedAt && isSaid(message)
}

/** Whether a message that was just stored makes its chat read, as on phones: the account has answered. */
export function readsChat(message: Message): boolean {
  return message.fromMe && message.source !== 'history' && !message.deletedAt && isSaid(message)
}

/** How many messages of a chat are unread after one that is new was stored. */
export function unreadAfter(unread: number, message: Message): number {
  if (readsChat(message)) return 0
  return countsAsUnread(message) ? unread + 1 : unread
}

/** Whether a message may be the last one of its chat: a person sees something of it. */
export function movesChatOn({ type }: Pick<Message, 'type'>): boolean {
  return !QUIET_TYPES.includes(type)
}

/** The types of messages that are never the last one of a chat. */
export const QUIET_TYPES: readonly MessageType[] = ['hidden', 'unknown']

/** A chat of which nothing is known but its id. */
export function newChat(id: Jid): ChatRecord {
  return { id, unreadCount: 0, archived: false, pinned: false }
}

/** A message as the last one of its chat. */
export function lastMessageOf({ timestamp, arrival = 0, id, senderId }: StoredMessage): LastMessage {
  return { timestamp, arrival, id, senderId }
}

/** The later of two last messages, by the order of messages. */
export function laterOf(left: LastMessage | undefined, right: LastMessage | undefined): LastMessage | undefined {
  if (!left || !right) return left ?? right
  return comparePositions(lastPosition(left), lastPosition(right)) >= 0 ? left : right
}

function lastPosition({ timestamp, arrival, id, senderId }: LastMessage): Position {
  return [timestamp, arrivalText(arrival), id, senderId]
}

/**
 * Where a chat stands in the list: pinned first, then by its last message. Chats that never had one come last. The list goes
 * from the highest position down.
 */
export function chatPosition({ id, pinned, last }: Pick<ChatRecord, 'id' | 'pinned' | 'last'>): Position {
  return [pinned ? '1' : '0', last?.timestamp ?? '', last ? arrivalText(last.arrival) : '', id]
}

/** How many parts `chatPosition` has. */
export const CHAT_POSITION_PARTS = 4

/** A message as callers see it who may have asked for its protobuf. */
export function messageFor({ raw: isAsked = false }: { raw?: boolean }, stored: StoredMessage): RawMessage {
  const message = publicMessage(stored)
  return isAsked && stored.raw ? { ...message, raw: stored.raw } : message
}

/** A stored message as callers see it. */
export function publicMessage({
  raw: _raw,
  arrival: _arrival,
  contentHash: _hash,
  ...message
}: StoredMessage): Message {
  return message
}

/** The chat after a change. Pure: stores call it inside their own atomic step. */
export function applyChatChange(chat: ChatRecord, change: ChatChange): ChatRecord {
  const { mutedUntil, disappearsAfterSeconds, labels: before = [], ...kept } = chat
  const labels = labeled(before, change.labels ?? {})
  const muted = change.mutedUntil === undefined ? mutedUntil : change.mutedUntil
  const seconds = change.disappearsAfterSeconds === undefined ? disappearsAfterSeconds : change.disappearsAfterSeconds
  const name = change.name ?? kept.name
  return {
    ...kept,
    ...(name === undefined ? {} : { name }),
    ...(muted === undefined || muted === null ? {} : { mutedUntil: muted }),
    ...(seconds === undefined || seconds === null ? {} : { disappearsAfterSeconds: seconds }),
    ...(labels.length > 0 ? { labels } : {}),
    unreadCount: change.unreadCount ?? kept.unreadCount,
    archived: change.archived ?? kept.archived,
    pinned: change.pinned ?? kept.pinned,
  }
}

/** Two chats of one person as one, under the id of `kept`, whose own name and mute win. */
export function mergeChats(kept: ChatRecord, moved: ChatRecord): ChatRecord {
  const name = kept.name ?? moved.name
  const mutedUntil = kept.mutedUntil ?? moved.mutedUntil
  const seconds = kept.disappearsAfterSeconds ?? moved.disappearsAfterSeconds
  const last = laterOf(kept.last, moved.last)
  const labels = [...new Set([...(kept.labels ?? []), ...(moved.labels ?? [])])]
  return {
    id: kept.id,
    ...(name === undefined ? {} : { name }),
    ...(mutedUntil === undefined ? {} : { mutedUntil }),
    ...(seconds === undefined ? {} : { disappearsAfterSeconds: seconds }),
    ...(labels.length > 0 ? { labels } : {}),
    ...(last ? { last } : {}),
    unreadCount: kept.unreadCount + moved.unreadCount,
    archived: kept.archived && moved.archived,
    pinned: kept.pinned || moved.pinned,
  }
}

/** A contact with a change put in, or `undefined` when the change says nothing new. */
export function applyContactChange(contact: ContactRecord, change: ContactChange): ContactRecord | undefined {
  const name = change.name ?? contact.name
  const pushName = change.pushName ?? contact.pushName
  if (name === contact.name && pushName === contact.pushName) return undefined
  return { id: contact.id, ...(name === undefined ? {} : { name }), ...(pushName === undefined ? {} : { pushName }) }
}

/** A chat as callers see it. `phoneJid`: the phone-number JID of a LID, where it is known. */
export function chatOf(
  sessionId: string,
  record: ChatRecord,
  found: { phoneJid?: Jid | undefined; lastMessage?: Message | undefined },
): Chat {
  const { last: _, id, ...rest } = record
  const { lastMessage } = found
  return {
    id,
    sessionId,
    kind: chatKindOf(id),
    ...addressesOf(id, found.phoneJid),
    ...rest,
    ...(lastMessage ? { lastMessage } : {}),
  }
}

/** A contact as callers see it. */
export function contactOf(sessionId: string, record: ContactRecord, phoneJid: Jid | undefined): Contact {
  const { id, ...names } = record
  return { id, sessionId, ...addressesOf(id, phoneJid), ...names }
}

function addressesOf(id: Jid, phoneJid: Jid | undefined): { phone?: string; lid?: Jid } {
  const phone = phoneOf(phoneJid ?? id)
  return { ...(phone === undefined ? {} : { phone }), ...(isLid(id) ? { lid: id } : {}) }
}
