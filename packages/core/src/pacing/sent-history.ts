import type { MessageStore } from '../ports/message-store.js'
import { isPerson } from '../records/jid.js'
import type { Message } from '../types/message.js'
import { DAY_MS, type SendHistory } from './history.js'

const PAGE = 200
/** Chats that are asked about at once. */
const ASKED_AT_ONCE = 16
/** How far back in a chat it is looked for a word. */
const LOOKED_BACK = 20
/** What the other side got, or may have got. */
const WRITTEN: ReadonlySet<Message['status']> = new Set(['pending', 'sent', 'delivered', 'read', 'played', 'unknown'])
/** The last message to so many chats is kept beyond its day. */
const MAX_CHATS = 2_000

/** What an account has sent of late, counted as it goes on. */
export class SentHistory implements SendHistory {
  readonly sent: number[]
  readonly newChats: number[]
  readonly lastOfChat = new Map<string, number>()

  constructor({ sent, newChats, lastOfChat }: SendHistory) {
    this.sent = [...sent]
    this.newChats = [...newChats]
    for (const [chatId, at] of lastOfChat) this.lastOfChat.set(chatId, at)
  }

  count({ chatId, at, isNew }: { chatId: string; at: number; isNew: boolean }): void {
    forget(this.sent, at - DAY_MS)
    forget(this.newChats, at - DAY_MS)
    this.sent.push(at)
    if (isNew) this.newChats.push(at)
    this.lastOfChat.set(chatId, at)
    if (this.lastOfChat.size <= MAX_CHATS) return
    for (const [chat, last] of this.lastOfChat) if (last < at - DAY_MS) this.lastOfChat.delete(chat)
  }
}

/**
 * What was sent within a day, from the messages themselves: they are stored before they go, so that counting them needs no write of
 * its own and is right after a crash and on another node. Of those that WhatsApp dates by the second the latest moment counts.
 */
export async function readHistory(messages: MessageStore, sessionId: string, now: number): Promise<SentHistory> {
  const sent: Message[] = []
  let after = new Date(now - DAY_MS).toISOString()
  for (;;) {
    const { items, nextCursor } = await messages.page(sessionId, { fromMe: true, after, limit: PAGE })
    sent.push(...items.filter(({ source, status }) => source === 'api' && WRITTEN.has(status)))
    if (nextCursor === undefined) break
    after = nextCursor
  }
  const times = sent.map(timeOf).sort((left, right) => left - right)
  return new SentHistory({
    sent: times,
    newChats: await readNewChats(messages, sessionId, sent),
    lastOfChat: new Map(sent.map((message) => [message.chatId, timeOf(message)])),
  })
}

/** When conversations were begun by these messages, which are oldest first. */
async function readNewChats(messages: MessageStore, sessionId: string, sent: readonly Message[]): Promise<number[]> {
  const firsts = new Map([...sent].reverse().map((message) => [message.chatId, message]))
  const asked = [...firsts.values()].filter(({ chatId }) => isPerson(chatId))
  const begun: number[] = []
  for (let from = 0; from < asked.length; from += ASKED_AT_ONCE) {
    const some = asked.slice(from, from + ASKED_AT_ONCE)
    const isNew = await Promise.all(some.map((first) => beginsConversation(messages, sessionId, first)))
    begun.push(...some.filter((_, place) => isNew[place]).map(timeOf))
  }
  return begun.sort((left, right) => left - right)
}

async function beginsConversation(messages: MessageStore, sessionId: string, first: Message): Promise<boolean> {
  const { chatId, timestamp } = first
  const { items } = await messages.page(sessionId, { chatId, before: timestamp, limit: LOOKED_BACK })
  const dayBefore = new Date(Date.parse(timestamp) - DAY_MS).toISOString()
  return !items.some((one) => (one.fromMe ? WRITTEN.has(one.status) : one.timestamp > dayBefore))
}

function timeOf({ timestamp }: Message): number {
  return Date.parse(timestamp) + 999
}

function forget(times: number[], before: number): void {
  let old = 0
  while ((times[old] ?? Number.POSITIVE_INFINITY) <= before) old += 1
  if (old > 0) times.splice(0, old)
}
