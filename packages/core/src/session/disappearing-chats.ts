import type { ChatStore } from '../ports/chat-store.js'
import type { Chat } from '../types/chat.js'
import type { Jid } from '../types/jid.js'
import { BoundedMap } from '../util/bounded-map.js'

const MAX_CACHED = 2_000

/** After how many seconds the messages of each chat disappear: the store's knowledge with a small memory in front. */
export class DisappearingChats {
  readonly #sessionId: string
  readonly #chats: ChatStore
  /** 0 where messages stay. */
  readonly #seconds = new BoundedMap<Jid, number>({ max: MAX_CACHED })

  constructor(sessionId: string, chats: ChatStore) {
    this.#sessionId = sessionId
    this.#chats = chats
  }

  /** `undefined` where messages stay. */
  async secondsOf(chatId: Jid): Promise<number | undefined> {
    const known = this.#seconds.get(chatId)
    if (known !== undefined) return known || undefined
    const seconds = (await this.#chats.get(this.#sessionId, chatId))?.disappearsAfterSeconds
    this.#seconds.set(chatId, seconds ?? 0)
    return seconds
  }

  /** These chats were stored. */
  stored(chats: readonly Chat[]): void {
    for (const { id, disappearsAfterSeconds } of chats) this.#seconds.set(id, disappearsAfterSeconds ?? 0)
  }

  /** Another node may have had the session: what was known may be old. */
  forget(): void {
    this.#seconds.clear()
  }
}
