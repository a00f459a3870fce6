import { chatKindOf } from '../../records/jid.js'
import type { Jid } from '../../types/jid.js'
import type { SessionSettings } from '../../types/session.js'

export type PreloadSettings = NonNullable<SessionSettings['preload']>

/** Kept when a session does not say: enough for a chat list, little enough for a first link. */
export const DEFAULT_PRELOAD: PreloadSettings = { type: 'individual', limit: 30 }

/**
 * Which chats of a history are kept: those of the right kind, and no more than `limit` of them, the newest. A history comes in
 * parts, with the newest chats first: whatever an earlier part has kept stays, and new ones come in while there is room.
 */
export class Preload {
  readonly #settings: PreloadSettings
  readonly #kept = new Set<Jid>()

  constructor(settings: PreloadSettings) {
    this.#settings = settings
  }

  /** Takes in the chats of one part, by the time of what is newest in them (seconds or milliseconds, all the same). */
  admit(chats: ReadonlyMap<Jid, number>): void {
    const newestFirst = [...chats].sort(([, left], [, right]) => right - left)
    for (const [chatId] of newestFirst) {
      if (this.#kept.size >= this.#settings.limit) return
      if (isOfKind(this.#settings.type, chatId)) this.#kept.add(chatId)
    }
  }

  keeps(chatId: Jid): boolean {
    return this.#kept.has(chatId)
  }
}

function isOfKind(type: PreloadSettings['type'], chatId: Jid): boolean {
  if (type === 'all' || type === 'none') return type === 'all'
  return chatKindOf(chatId) === type
}
