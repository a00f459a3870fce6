import {
  type BinaryNode,
  decodeMessageNode,
  jidDecode,
  proto,
  unpadRandomMax16,
  type WAMessage,
} from '@whiskeysockets/baileys'
import { BoundedMap } from '../../util/bounded-map.js'
import type { Journal, JournalEntry } from '../signal-engine.js'

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
  /** The entries of the message that Baileys is working on, when it is one of those it handles itself. */
  readonly #inHand: string[] = []
  /** What Baileys was working on when the process ended, and the server has not sent again. */
  readonly #unfinished = new Map<string, { id: string; message: WAMessage }>()

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
    const key = stanzaKey(stanza.attrs)
    this.#unfinished.delete(key)
    // Of a message that is asked for again, what could be read the first time stays as well.
    if (ids.length > 0) this.#entries.set(key, [...new Set([...(this.#entries.get(key) ?? []), ...ids])])
  }

  /**
   * A message has come out of Baileys: answers what forgets its entries. One that is for Baileys itself (a history, a key) is
   * forgotten when that has carried it out: with the next encrypted message, as it works on one after the other.
   */
  became(message: Pick<WAMessage, 'key'>, { isForBaileys }: { isForBaileys: boolean }): () => Promise<void> {
    const ids = this.#take(message)
    if (ids.length > 0) this.settle(this.#inHand.splice(0))
    if (isForBaileys) this.#inHand.push(...ids)
    return async () => this.settle(ids)
  }

  /** Baileys has made a history of the message it was working on: answers what forgets that. */
  carriedOut(): () => Promise<void> {
    const ids = this.#inHand.splice(0)
    return async () => this.settle(ids)
  }

  /** The journal entries behind a message; they are forgotten here. */
  #take({ key: { id, participant, remoteJid } }: Pick<WAMessage, 'key'>): string[] {
    const key = keyOf(id, participant || remoteJid)
    const ids = this.#entries.get(key) ?? []
    this.#entries.delete(key)
    return ids
  }

  /** The message of a stanza that Baileys has decrypted and not told of; `undefined` where it was told, or could not be read. */
  async untold(stanzaId: string, me: { id: string; lid?: string | undefined }): Promise<WAMessage | undefined> {
    const entries = await this.#journal.list()
    const entry = entries.find(({ attributes }) => (attributes as StanzaAttributes | undefined)?.stanza.id === stanzaId)
    const message = entry && recovered(entry, me)
    const { id, participant, remoteJid } = message?.key ?? {}
    return this.#entries.has(keyOf(id, participant || remoteJid)) ? message : undefined
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

  /**
   * Leaves a drained message in the journal: it is for Baileys, which answers a repeated ciphertext from there. Most of them the
   * server sends again; the others are told by `finish`.
   */
  postpone(id: string, message: WAMessage): void {
    const { participant, remoteJid } = message.key
    this.#unfinished.set(keyOf(message.key.id, participant || remoteJid), { id, message })
  }

  /** The postponed messages that the server has not sent again, now that everything that waited has come. */
  finish(): WAMessage[] {
    const unfinished = [...this.#unfinished]
    this.#unfinished.clear()
    for (const [key, { id }] of unfinished) this.#entries.set(key, [id])
    return unfinished.map(([, { message }]) => message)
  }
}

/** As Baileys makes the key of the message: without devices, and what another device of ours has sent goes by its chat. */
function stanzaKey({ id, from, participant, recipient }: Record<string, string | undefined>): string {
  return keyOf(id, participant ?? recipient ?? from)
}

function keyOf(id: string | null | undefined, jid: string | null | undefined): string {
  return `${id}|${jidDecode(jid ?? undefined)?.user}`
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
