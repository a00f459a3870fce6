import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection } from '../ports/connector.js'
import { isPhoneJid, normalizeJid } from '../records/jid.js'
import type { Jid } from '../types/jid.js'
import type { InboxParts } from './inbox.js'

/** Whom callers mean by the addresses that they give. */
export class Recipients {
  readonly #parts: Pick<InboxParts, 'identities' | 'publisher' | 'state'>

  constructor(parts: Pick<InboxParts, 'identities' | 'publisher' | 'state'>) {
    this.#parts = parts
  }

  /** The chat to write to as far as it is known here; nobody is asked. @throws RECIPIENT_INVALID */
  async known(to: string): Promise<Jid> {
    const jid = normalizeJid(to)
    if (!jid) throw new TrunklineError('RECIPIENT_INVALID', { details: { field: 'to', to } })
    return isPhoneJid(jid) ? this.#parts.identities.canonicalDialled(jid) : jid
  }

  /** The chat to write to: canonical, and known to be on WhatsApp. @throws RECIPIENT_INVALID · RECIPIENT_NOT_ON_WHATSAPP */
  async find(to: string, connection: Connection): Promise<Jid> {
    const known = await this.known(to)
    const dialled = normalizeJid(to)
    if (!isPhoneJid(known) || !dialled) return known
    const found = await this.#lookUp(dialled, connection)
    if (!found) throw new TrunklineError('RECIPIENT_NOT_ON_WHATSAPP', { details: { to } })
    return found
  }

  /** Whether an address is that of a chat. Without a connection as far as it is known here. */
  async isChat(chatId: Jid, to: string, connection: Connection | undefined): Promise<boolean> {
    const jid = normalizeJid(to)
    if (!jid) return false
    const canonical = await this.#parts.identities.canonicalDialled(jid)
    if (canonical === chatId || !isPhoneJid(canonical) || !connection) return canonical === chatId
    // WhatsApp knows some numbers under another one, such as those of Brazil without their ninth digit.
    return (await this.#lookUp(jid, connection)) === chatId
  }

  /** The canonical address under which WhatsApp knows a number; from then on it is found by this number. */
  async #lookUp(dialled: Jid, connection: Connection): Promise<Jid | undefined> {
    const { identities, publisher, state } = this.#parts
    const found = await connection.lookUp(dialled)
    if (!found) return undefined
    await identities.learnDialled(dialled, found.jid)
    if (!found.lid) return found.jid
    await publisher.publish(await identities.learn([{ pn: found.jid, lid: found.lid }], state.timestamp()))
    return found.lid
  }
}
