import type { ChatStore } from '../ports/chat-store.js'
import type { NewEvent } from '../ports/event-log.js'
import { isPhoneJid } from '../records/jid.js'
import type { IdentityPair } from '../types/chat.js'
import type { Jid } from '../types/jid.js'
import { BoundedMap } from '../util/bounded-map.js'

const MAX_CACHED = 2_000

/** Which phone number is which LID, for one session: the store's knowledge with a small memory in front. */
export class Identities {
  readonly #sessionId: string
  readonly #chats: ChatStore
  /** LIDs by phone-number JID. Absence is not kept: a mapping can arrive at any time, from another session's code path too. */
  readonly #lids = new BoundedMap<Jid, Jid>({ max: MAX_CACHED })

  constructor(sessionId: string, chats: ChatStore) {
    this.#sessionId = sessionId
    this.#chats = chats
  }

  /** Stores pairs that are news and answers the `chat.updated` events of chats whose id moved by them. */
  async learn(pairs: readonly IdentityPair[], at: string): Promise<NewEvent[]> {
    const news = pairs.filter(({ pn, lid }) => this.#lids.get(pn) !== lid)
    if (news.length === 0) return []
    const merged = await this.#chats.mapIdentities(this.#sessionId, news)
    for (const { pn, lid } of news) this.#lids.set(pn, lid)
    if (merged.length === 0) return []
    // A change of nothing reads all of them in one round trip, however many a history moves.
    const { chats } = await this.#chats.upsert(
      this.#sessionId,
      merged.map(({ chatId }) => ({ id: chatId })),
    )
    return chats.map((chat, place) => {
      const { mergedFrom = chat.id } = merged[place] ?? {}
      return { name: 'chat.updated', at, payload: { chat, mergedFrom } }
    })
  }

  /** As `canonical`, of an address that a caller gives: a number may be known to WhatsApp under another one. */
  async canonicalDialled(jid: Jid): Promise<Jid> {
    const [canonical = jid] = await this.canonical([jid])
    return canonical === jid && isPhoneJid(jid) ? this.#chats.resolveDialled(this.#sessionId, jid) : canonical
  }

  /** Remembers under which address WhatsApp knows a number, where that is not the one that was dialled. */
  async learnDialled(dialled: Jid, jid: Jid): Promise<void> {
    if (dialled !== jid) await this.#chats.learnDialled(this.#sessionId, [{ dialled, jid }])
  }

  /** The canonical ids, in order: the LID of a phone number once it is known. One round trip at most. */
  async canonical(jids: readonly Jid[]): Promise<Jid[]> {
    const unknown = [...new Set(jids.filter((jid) => isPhoneJid(jid) && !this.#lids.has(jid)))]
    if (unknown.length > 0) {
      const resolved = await this.#chats.resolve(this.#sessionId, unknown)
      unknown.forEach((jid, index) => {
        const canonical = resolved[index]
        if (canonical && canonical !== jid) this.#lids.set(jid, canonical)
      })
    }
    return jids.map((jid) => this.#lids.get(jid) ?? jid)
  }
}
