import type { Connection } from '../ports/connector.js'
import type { Jid } from '../types/jid.js'
import type { Identities } from './identities.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

export interface StatusReadersParts {
  state: SessionState
  services: SessionServices
  identities: Identities
}

const PAGE = 200

/** Who gets what the account posts as its status: those whom its phone would send it to, as its privacy says. */
export class StatusReaders {
  readonly #parts: StatusReadersParts

  constructor(parts: StatusReadersParts) {
    this.#parts = parts
  }

  /** Under canonical ids. @throws SESSION_NOT_CONNECTED · CONNECTION_LOST and what WhatsApp refuses */
  async now({ profile }: Pick<Connection, 'profile'>): Promise<Jid[]> {
    const { kind, people } = await profile.statusAudience()
    const named = await this.#parts.identities.canonical(people)
    const known = kind === 'only' ? named : await this.#addressBook()
    const left = new Set(kind === 'contacts-except' ? named : [])
    const { account } = this.#parts.state.record
    for (const own of [account?.lid, account?.jid]) if (own) left.add(own)
    return [...new Set(known.filter((jid) => !left.has(jid)))]
  }

  /** Those who have a name in it: others that the account has met in groups are no contacts. */
  async #addressBook(): Promise<Jid[]> {
    const { services, state } = this.#parts
    const found: Jid[] = []
    let cursor: string | undefined
    do {
      const page = await services.store.chats.pageContacts(state.id, { limit: PAGE, ...(cursor ? { cursor } : {}) })
      found.push(...page.items.flatMap(({ id, name }) => (name === undefined ? [] : [id])))
      cursor = page.nextCursor
    } while (cursor)
    return found
  }
}
