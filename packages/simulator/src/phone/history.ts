import { deflateSync } from 'node:zlib'
import { proto } from '@whiskeysockets/baileys'
import { bareJid, isGroupJid } from '../model/jid.js'
import type { AccountState, StoredChat, StoredMessage } from '../model/state.js'
import type { World } from '../model/world.js'
import { SimulatorError } from '../util/errors.js'
import type { MessageContent } from './message-content.js'
import { hashOfOption } from './polls.js'

/** A conversation from before the link. */
export interface HistoryChat {
  /** A number, a JID or a group's JID. Nobody needs to be there. */
  with: string
  name?: string
  unreadCount?: number
  /** Oldest first. */
  messages?: HistoryMessage[]
}

export interface HistoryMessage {
  /** Default: one that follows from chat and position. */
  id?: string
  text?: string
  /** Anything else than a text, as its protobuf. */
  message?: MessageContent
  fromMe?: boolean
  /** Who wrote it in a group: a number or a JID. */
  author?: string
  /** ISO 8601. */
  at: string
  reactions?: HistoryReaction[]
  /** Of a poll. */
  votes?: HistoryVote[]
}

/** Who has reacted or voted, and when: the chat partner, unless it says otherwise, at the time of the message. */
interface HistoryAuthor {
  fromMe?: boolean
  /** Who it was in a group: a number or a JID. */
  author?: string
  /** ISO 8601. */
  at?: string
}

export interface HistoryReaction extends HistoryAuthor {
  emoji: string
}

export interface HistoryVote extends HistoryAuthor {
  /** The names of the options that are chosen. */
  options: string[]
}

const { HistorySyncType } = proto.HistorySync
export type HistorySyncType = proto.HistorySync.HistorySyncType

const { Status } = proto.WebMessageInfo

/** Throws `BAD_INPUT`. */
export const storedChat = (chat: HistoryChat): StoredChat => ({
  jid: jidOf(chat.with),
  ...(chat.name === undefined ? {} : { name: chat.name }),
  unreadCount: chat.unreadCount ?? 0,
  messages: (chat.messages ?? []).map((message, index) => storedMessage(chat, message, index)),
})

function storedMessage(chat: HistoryChat, message: HistoryMessage, index: number): StoredMessage {
  const { reactions, votes } = message
  const authorOf = ({ fromMe = false, author, at = message.at }: HistoryAuthor) => ({
    fromMe,
    ...(author === undefined ? {} : { author: jidOf(author) }),
    atMs: timeOf(at),
  })
  const content = message.message ?? { conversation: message.text ?? '' }
  return {
    id: message.id ?? `3AHISTORY${jidOf(chat.with).replace(/\D/g, '')}${index}`,
    fromMe: message.fromMe ?? false,
    ...(message.author === undefined ? {} : { author: jidOf(message.author) }),
    atSeconds: Math.floor(timeOf(message.at) / 1000),
    message: Buffer.from(proto.Message.encode(proto.Message.fromObject(content)).finish()),
    ...(reactions ? { reactions: reactions.map((each) => ({ ...authorOf(each), emoji: each.emoji })) } : {}),
    ...(votes ? { votes: votes.map((each) => ({ ...authorOf(each), options: each.options })) } : {}),
  }
}

function timeOf(at: string): number {
  const time = Date.parse(at)
  if (Number.isNaN(time)) throw new SimulatorError('BAD_INPUT', 'A time is written as ISO 8601', { field: 'at' })
  return time
}

const jidOf = (who: string): string => (who.includes('@') ? who : `${who.replace(/\D/g, '')}@s.whatsapp.net`)

export interface HistoryPart {
  syncType: HistorySyncType
  chats: StoredChat[]
  /** The id of the request that it answers. */
  requestId?: string
}

/** The first history of a new companion, then the names that the phone knows. */
export function bootstrapParts(account: AccountState): HistoryPart[] {
  const chats = account.history ?? []
  const bootstrap = { syncType: HistorySyncType.INITIAL_BOOTSTRAP, chats }
  return chats.some((chat) => chat.name !== undefined)
    ? [bootstrap, { syncType: HistorySyncType.PUSH_NAME, chats }]
    : [bootstrap]
}

export const recentPart = (chats: StoredChat[]): HistoryPart => ({ syncType: HistorySyncType.RECENT, chats })

export interface OnDemandRequest {
  id: string
  chatJid: string
  oldestMessageId: string
  oldestAtMs: number
  count: number
}

/** Pure. What is older than the message that the companion names, at most as much as it wants. */
export function onDemandPart(world: World, account: AccountState, request: OnDemandRequest): HistoryPart {
  const number = world.accountOf(request.chatJid)?.number
  const chat = (account.history ?? []).find(
    ({ jid }) => jid === request.chatJid || (number !== undefined && world.accountOf(jid)?.number === number),
  )
  const base = { syncType: HistorySyncType.ON_DEMAND, requestId: request.id }
  if (!chat) return { ...base, chats: [] }
  const position = chat.messages.findIndex(({ id }) => id === request.oldestMessageId)
  const older =
    position >= 0
      ? chat.messages.slice(0, position)
      : chat.messages.filter(({ atSeconds }) => atSeconds * 1000 < request.oldestAtMs)
  return { ...base, chats: [{ ...chat, messages: older.slice(-request.count) }] }
}

/** Inside the message itself: Baileys takes the inline form for any sync type and so needs no download. */
export function historyNotification(world: World, account: AccountState, part: HistoryPart): MessageContent {
  const { syncType, requestId } = part
  const history = proto.HistorySync.encode({
    syncType,
    conversations: syncType === HistorySyncType.PUSH_NAME ? [] : part.chats.map((chat) => conversation(world, chat)),
    pushnames: pushNames(account, part),
    phoneNumberToLidMappings: part.chats.flatMap(({ jid }) => {
      const other = world.accountOf(jid)
      return other ? [{ pnJid: bareJid(other), lidJid: bareJid(other, 'lid') }] : []
    }),
    chunkOrder: 1,
    progress: 100,
  }).finish()
  return {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: {
        syncType,
        chunkOrder: 1,
        progress: 100,
        initialHistBootstrapInlinePayload: deflateSync(history),
        ...(requestId === undefined ? {} : { peerDataRequestSessionId: requestId }),
      },
    },
  }
}

function pushNames(account: AccountState, { syncType, chats }: HistoryPart): proto.IPushname[] {
  if (syncType !== HistorySyncType.PUSH_NAME) return [{ id: bareJid(account), pushname: account.name }]
  return chats.flatMap(({ jid, name }) => (name === undefined || isGroupJid(jid) ? [] : [{ id: jid, pushname: name }]))
}

/** The newest message comes first: clients take the first for the last of the chat. */
function conversation(world: World, chat: StoredChat): proto.IConversation {
  const other = world.accountOf(chat.jid)
  return {
    id: chat.jid,
    ...(chat.name === undefined ? {} : { name: chat.name }),
    ...(other ? { lidJid: bareJid(other, 'lid'), pnJid: bareJid(other) } : {}),
    unreadCount: chat.unreadCount,
    conversationTimestamp: chat.messages.at(-1)?.atSeconds ?? 0,
    messages: chat.messages.map((message) => ({ message: webMessage(chat, message) })).reverse(),
  }
}

const webMessage = (chat: StoredChat, message: StoredMessage): proto.IWebMessageInfo => ({
  key: { ...keyOf(chat, message), id: message.id },
  ...(message.author === undefined ? {} : { participant: message.author }),
  messageTimestamp: message.atSeconds,
  ...(message.fromMe ? { status: Status.DELIVERY_ACK } : {}),
  message: proto.Message.decode(message.message),
  reactions: (message.reactions ?? []).map((reaction, index) => ({
    key: { ...keyOf(chat, reaction), id: `${message.id}R${index}` },
    text: reaction.emoji,
    senderTimestampMs: reaction.atMs,
  })),
  pollUpdates: (message.votes ?? []).map((vote, index) => ({
    pollUpdateMessageKey: { ...keyOf(chat, vote), id: `${message.id}V${index}` },
    vote: { selectedOptions: vote.options.map(hashOfOption) },
    senderTimestampMs: vote.atMs,
  })),
})

const keyOf = ({ jid }: StoredChat, { fromMe, author }: Pick<StoredMessage, 'fromMe' | 'author'>) => ({
  remoteJid: jid,
  fromMe,
  ...(author === undefined ? {} : { participant: author }),
})
