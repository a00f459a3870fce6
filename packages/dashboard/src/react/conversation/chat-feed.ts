import type { Client } from '@trunkline/client'
import { FrameBatch } from '../frame-batch.js'
import type { Chat, Message } from '../types.js'

/** The chats of one session as they are known now. */
export interface ChatsSnapshot {
  state: 'loading' | 'ready' | 'failed'
  /** Pinned first, then by their last message. */
  chats: readonly Chat[]
  hasMore: boolean
  /** Where a chat went that is known by another id now. */
  moved: ReadonlyMap<string, string>
  error?: unknown
}

const PAGE = 60

/** The chats of one session, live. */
export class ChatFeed {
  readonly #client: Client
  readonly #sessionId: string
  readonly #listeners = new Set<() => void>()
  readonly #batch = new FrameBatch(() => this.#publish())
  readonly #byId = new Map<string, Chat>()
  readonly #moved = new Map<string, string>()
  #snapshot: ChatsSnapshot = { state: 'loading', chats: [], hasMore: false, moved: new Map() }
  #state: ChatsSnapshot['state'] = 'loading'
  #cursor: string | undefined
  #error: unknown
  #stop: (() => void) | undefined
  #ending = new AbortController()

  constructor(client: Client, sessionId: string) {
    this.#client = client
    this.#sessionId = sessionId
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#start()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#end()
    }
  }

  readonly snapshot = (): ChatsSnapshot => this.#snapshot

  readonly more = (): void => {
    if (this.#cursor !== undefined) void this.#read(this.#cursor)
  }

  readonly reload = (): void => {
    void this.#read(undefined)
  }

  #start(): void {
    const { events } = this.#client
    const hear = ({ sessionId, message }: { sessionId: string; message: Message }) => {
      if (sessionId === this.#sessionId) this.#hear(message)
    }
    const offs = [
      events.on('message', hear),
      events.on('message-sent', hear),
      events.on('chat.updated', ({ sessionId, chat, mergedFrom }) => {
        if (sessionId !== this.#sessionId) return
        if (mergedFrom !== undefined) this.#move(mergedFrom, chat.id)
        this.#byId.set(chat.id, chat)
        this.#batch.changed()
      }),
      events.on('chat.deleted', ({ sessionId, chatId }) => {
        if (sessionId === this.#sessionId && this.#byId.delete(chatId)) this.#batch.changed()
      }),
      events.on('events.gap', ({ sessionId }) => {
        if (sessionId === this.#sessionId) this.reload()
      }),
    ]
    this.#stop = () => {
      for (const off of offs) off()
    }
    this.#ending = new AbortController()
    void this.#read(undefined)
  }

  #end(): void {
    this.#stop?.()
    this.#ending.abort()
    this.#batch.cancel()
  }

  /** A message moves its chat up at once; a chat that is not known is read. */
  #hear(message: Message): void {
    const chat = this.#byId.get(message.chatId)
    if (!chat) {
      void this.#readOne(message.chatId)
      return
    }
    if (chat.lastMessage && chat.lastMessage.timestamp > message.timestamp) return
    this.#byId.set(chat.id, { ...chat, lastMessage: message })
    this.#batch.changed()
  }

  #move(from: string, to: string): void {
    this.#byId.delete(from)
    this.#moved.set(from, to)
  }

  async #readOne(chatId: string): Promise<void> {
    try {
      const chat = await this.#client.chats.get(this.#sessionId, chatId, { signal: this.#ending.signal })
      this.#byId.set(chat.id, chat)
      this.#batch.changed()
    } catch {
      // Its next event brings it, or the next look at the list.
    }
  }

  async #read(cursor: string | undefined): Promise<void> {
    const { signal } = this.#ending
    try {
      const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }
      const page = await this.#client.chats.list(this.#sessionId, query, { signal })
      for (const chat of page.items) this.#byId.set(chat.id, chat)
      this.#cursor = page.nextCursor
      this.#state = 'ready'
      this.#error = undefined
    } catch (error) {
      if (signal.aborted) return
      this.#error = error
      if (this.#state === 'loading') this.#state = 'failed'
    }
    this.#batch.changed()
  }

  #publish(): void {
    this.#snapshot = {
      state: this.#state,
      chats: [...this.#byId.values()].sort(byUse),
      hasMore: this.#cursor !== undefined,
      moved: new Map(this.#moved),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    }
    for (const listener of this.#listeners) listener()
  }
}

function byUse(one: Chat, other: Chat): number {
  if (one.pinned !== other.pinned) return one.pinned ? -1 : 1
  return (other.lastMessage?.timestamp ?? '').localeCompare(one.lastMessage?.timestamp ?? '')
}
