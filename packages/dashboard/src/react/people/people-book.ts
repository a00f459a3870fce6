import type { Client } from '@trunkline/client'
import type { Contact } from '../types.js'

/** So many are asked for at the same time. */
const AT_ONCE = 4
const FIRST_PAGE = 200

/** What the people of one session are called: each asked for once, when somebody wants to know, and kept up as names change. */
export class PeopleBook {
  readonly #client: Client
  readonly #sessionId: string
  readonly #names = new Map<string, string | undefined>()
  readonly #listeners = new Set<() => void>()
  readonly #wanted = new Set<string>()
  #first: Promise<void> | undefined
  #asking = 0
  #stop: (() => void) | undefined

  constructor(client: Client, sessionId: string) {
    this.#client = client
    this.#sessionId = sessionId
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    this.#stop ??= this.#client.events.on('contact.updated', ({ sessionId, contact }) => {
      if (sessionId === this.#sessionId) this.#learn([contact])
    })
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#stop?.()
      this.#stop = undefined
    }
  }

  /** As far as it is known by now. */
  nameOf(id: string): string | undefined {
    return this.#names.get(id)
  }

  want(id: string): void {
    if (this.#names.has(id) || this.#wanted.has(id)) return
    this.#wanted.add(id)
    this.#first ??= this.#readFirst()
    void this.#first.then(() => this.#readWanted())
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
