import type { Client } from '@trunkline/client'
import type { Contact } from '../types.js'

/** So many are asked for at the same time. */
const AT_ONCE = 4
const FIRST_PAGE = 200

/**
 * What the people of one session are called: each asked for once, when somebody wants to know, and kept up as names change, whether or not
 * anybody looks at that moment.
 */
export class PeopleBook {
  readonly #client: Client
  readonly #sessionId: string
  readonly #names = new Map<string, string | undefined>()
  readonly #listeners = new Set<() => void>()
  readonly #wanted = new Set<string>()
  #first: Promise<void> | undefined
  #asking = 0
  #isListening = false

  constructor(client: Client, sessionId: string) {
    this.#client = client
    this.#sessionId = sessionId
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listen()
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** As far as it is known by now. */
  nameOf(id: string): string | undefined {
    return this.#names.get(id)
  }

  want(id: string): void {
    if (this.#names.has(id) || this.#wanted.has(id)) return
    this.#listen()
    this.#wanted.add(id)
    this.#first ??= this.#readFirst()
    void this.#first.then(() => this.#readWanted())
  }

  /** Until the page is gone: what was told while nobody listened would stay unknown. */
  #listen(): void {
    if (this.#isListening) return
    this.#isListening = true
    this.#client.events.on('contact.updated', ({ sessionId, contact }) => {
      if (sessionId === this.#sessionId) this.#learn([contact])
    })
    this.#client.events.on('events.gap', ({ sessionId }) => {
      if (sessionId === this.#sessionId) this.#askAgain()
    })
  }

  /** For those whom nobody knew: it may have been told meanwhile what they are called. */
  #askAgain(): void {
    this.#first = undefined
    const unknown = [...this.#names].flatMap(([id, name]) => (name === undefined ? [id] : []))
    for (const id of unknown) {
      this.#names.delete(id)
      this.want(id)
    }
  }

  async #readFirst(): Promise<void> {
    try {
      this.#learn((await this.#client.contacts.list(this.#sessionId, { limit: FIRST_PAGE })).items)
    } catch {
      // Each of them is asked for then, and goes without a name where that is refused too.
    }
  }

  #readWanted(): void {
    for (const id of this.#wanted) {
      if (this.#asking >= AT_ONCE) return
      this.#wanted.delete(id)
      if (!this.#names.has(id)) void this.#read(id)
    }
  }

  async #read(id: string): Promise<void> {
    this.#asking += 1
    this.#names.set(id, undefined)
    try {
      this.#learn([{ ...(await this.#client.contacts.get(this.#sessionId, id)), id }])
    } catch {
      // Nothing is known of them; the event of a change brings it.
    } finally {
      this.#asking -= 1
      this.#readWanted()
    }
  }

  #learn(contacts: readonly Contact[]): void {
    for (const contact of contacts) this.#names.set(contact.id, contactName(contact))
    for (const listener of this.#listeners) listener()
  }
}

/** As in the address book of the phone; else as they call themselves, with the mark that phones give to such names. */
export function contactName({ name, pushName }: Contact): string | undefined {
  return name ?? (pushName ? `~${pushName}` : undefined)
}
