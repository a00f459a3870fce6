import { type BinaryNode, decodeMessageNode, proto, unpadRandomMax16, type WAMessage } from '@whiskeysockets/baileys'
import { BoundedMap } from '../util/bounded-map.js'
import type { Journal, JournalEntry } from './signal-engine.js'

/** Message stanzas between arrival and event; more than this many at once are only recovered by the journal's own bound. */
const MAX_IN_FLIGHT = 4_096

interface StanzaAttributes extends Record<string, unknown> {
  stanza: Record<string, string>
}

/**
 * Ties decrypted ciphertexts to the messages they became, so that the journal forgets each once it is stored, and makes
 * messages again of what a crash left in it.
 */
export class InboundJournal {
  readonly #journal: Journal
  readonly #ciphertextId: (ciphertext: Uint8Array) => string
  readonly #entries = new BoundedMap<string, string[]>({ max: MAX_IN_FLIGHT })

  constructor(journal: Journal, ciphertextId: (ciphertext: Uint8Array) => string) {
    this.#journal = journal
    this.#ciphertextId = ciphertextId
  }

  /** Must see each `message` stanza before Baileys does: the journal keeps its attributes beside the plaintext. */
  arriving(stanza: BinaryNode): void {
    if (!Array.isArray(stanza.content)) return
    const ids: string[] = []
    for (const { tag, content } of stanza.content) {
      if (tag !== 'enc' || !(content instanceof Uint8Array)) continue
      const id = this.#ciphertextId(content)
      const attributes: StanzaAttributes = { stanza: { ...stanza.attrs } }
      this.#journal.expect(id, attributes)
      ids.push(id)
    }
    const { id, from, participant } = stanza.attrs
    if (ids.length > 0) this.#entries.set(`${id}|${participant ?? from}`, ids)
  }

  /** The journal entries behind a message; they are forgotten here. */
  take(stanzaId: string, from: string): string[] {
    const key = `${stanzaId}|${from}`
    const ids = this.#entries.get(key) ?? []
    this.#entries.delete(key)
    return ids
  }

  settle(ids: readonly string[]): void {
    this.#journal.settle(ids)
  }

  flush(): Promise<void> {
    return this.#journal.flush()
  }

  /** What was decrypted before the process ended and not settled, oldest first, as Baileys would have given it. */
  async drain(me: { id: string; lid?: string | undefined }): Promise<{ id: string; message: WAMessage | undefined }[]> {
    const entries = await this.#journal.list()
    return entries.map((entry) => ({ id: entry.id, message: recovered(entry, me) }))
  }
}

function recovered(entry: JournalEntry, me: { id: string; lid?: string | undefined }): WAMessage | undefined {
  const stanza = entry.attributes?.stanza as Record<string, string> | undefined
  if (!stanza) return undefined
  try {
    const { fullMessage } = decodeMessageNode({ tag: 'message', attrs: stanza }, me.id, me.lid ?? '')
    const message = proto.Message.decode(unpadRandomMax16(entry.plaintext))
    fullMessage.message = message.deviceSentMessage?.message ?? message
    return fullMessage
  } catch {
    // A plaintext that is no message: Baileys would not have shown it either.
    return undefined
  }
}
