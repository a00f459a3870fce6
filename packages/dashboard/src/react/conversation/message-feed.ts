import type { Client } from '@trunkline/client'
import { FrameBatch } from '../frame-batch.js'
import type { Message } from '../types.js'
import { further, type MessageNews, withNews, withPage } from './message-list.js'

/** The messages of one chat as they are known now. */
export interface FeedSnapshot {
  state: 'loading' | 'ready' | 'failed'
  /** Oldest first. */
  messages: readonly Message[]
  /** Whether the server has older ones. */
  hasOlder: boolean
  loadingOlder: boolean
  error?: unknown
}

const PAGE = 40

/** The messages of one chat: the newest at first, older ones when asked for, and what happens to them as it happens. */
export class MessageFeed {
  readonly #client: Client
  readonly #sessionId: string
  readonly #chatId: string
  readonly #listeners = new Set<() => void>()
  readonly #batch = new FrameBatch(() => this.#tell())
  #snapshot: FeedSnapshot = { state: 'loading', messages: [], hasOlder: false, loadingOlder: false }
  #cursor: string | undefined
  /** How far messages came that are not here yet: receipts can be faster than the answer to the call. */
  readonly #early = new Map<string, Message['status']>()
  #stop: (() => void) | undefined
  #ending = new AbortController()

  constructor(client: Client, { sessionId, chatId }: { sessionId: string; chatId: string }) {
    this.#client = client
    this.#sessionId = sessionId
    this.#chatId = chatId
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#start()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#end()
    }
  }

  readonly snapshot = (): FeedSnapshot => this.#snapshot

  /** What a call has answered: the message that was sent. */
  readonly put = (message: Message): void => this.#hear({ kind: 'message', message })

  readonly older = (): void => {
    const { hasOlder, loadingOlder } = this.#snapshot
    if (!hasOlder || loadingOlder) return
    this.#set({ loadingOlder: true })
    void this.#read({ cursor: this.#cursor })
  }

  readonly reload = (): void => {
    void this.#read({})
  }

  #start(): void {
    const { events } = this.#client
    const hear = ({ sessionId, message }: { sessionId: string; message: Message }) => {
      if (sessionId === this.#sessionId && message.chatId === this.#chatId) this.#hear({ kind: 'message', message })
    }
    const offs = [
      events.on('message', hear),
      events.on('message-sent', hear),
      events.on('message.notice', hear),
      events.on('message.edited', hear),
      events.on('message.deleted', hear),
      events.on('message.starred', hear),
      events.on('message.reaction', hear),
      events.on('poll.vote', hear),
      events.on('event.response', hear),
      events.on('message.status', ({ sessionId, chatId, messageId, status }) => {
        if (sessionId === this.#sessionId && chatId === this.#chatId) this.#hear({ kind: 'status', messageId, status })
      }),
      events.on('events.gap', ({ sessionId }) => {
        if (sessionId === this.#sessionId) this.reload()
      }),
    ]
    this.#stop = () => {
      for (const off of offs) off()
    }
    this.#ending = new AbortController()
    void this.#read({})
  }

  #end(): void {
    this.#stop?.()
    this.#ending.abort()
    this.#batch.cancel()
  }

  async #read({ cursor }: { cursor?: string | undefined }): Promise<void> {
    const { signal } = this.#ending
    try {
      const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }
      const page = await this.#client.chats.listMessages(this.#sessionId, this.#chatId, query, { signal })
      this.#cursor = page.nextCursor
      this.#snapshot = {
        state: 'ready',
        messages: withPage(this.#snapshot.messages, page.items),
        hasOlder: page.nextCursor !== undefined,
        loadingOlder: false,
      }
    } catch (error) {
      if (signal.aborted) return
      const state = this.#snapshot.state === 'ready' ? 'ready' : 'failed'
      this.#snapshot = { ...this.#snapshot, state, loadingOlder: false, error }
    }
    this.#batch.changed()
  }

  #hear(news: MessageNews): void {
    const messages = withNews(this.#snapshot.messages, this.#settled(news))
    if (messages !== this.#snapshot.messages) this.#set({ messages })
  }

  #settled(news: MessageNews): MessageNews {
    if (news.kind === 'status') {
      const isHere = this.#snapshot.messages.some(({ id }) => id === news.messageId)
      if (!isHere) this.#early.set(news.messageId, news.status)
      return news
    }
    const early = this.#early.get(news.message.id)
    if (early === undefined || !news.message.fromMe) return news
    this.#early.delete(news.message.id)
    return { kind: 'message', message: { ...news.message, status: further(news.message.status, early) } }
  }

  #set(change: Partial<FeedSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    this.#batch.changed()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
