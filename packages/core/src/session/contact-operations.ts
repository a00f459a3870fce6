import { TrunklineError } from '../errors/trunkline-error.js'
import type { ChatStore } from '../ports/chat-store.js'
import type { Connection, IdentityLookup } from '../ports/connector.js'
import { isLid, isPerson, isPhoneJid, normalizeJid, phoneOf } from '../records/jid.js'
import type { BlockedContact, CheckedNumber } from '../types/contact.js'
import type { ContactRequest } from '../types/contact-request.js'
import type { Jid } from '../types/jid.js'
import { assertNever } from '../util/assert-never.js'
import type { GroupHandlersParts } from './groups.js'
import { PictureFiles } from './picture-files.js'
import type { SessionServices } from './services.js'

type Contacts = Connection['contacts']

/** What callers ask of the people whom a session knows, or may get to know: done over its connection. */
export class ContactOperations {
  readonly #parts: GroupHandlersParts
  readonly #chats: ChatStore
  readonly #pictures: PictureFiles

  constructor(parts: GroupHandlersParts & { services: Pick<SessionServices, 'store' | 'clock'> }) {
    this.#parts = parts
    this.#chats = parts.services.store.chats
    this.#pictures = new PictureFiles(parts)
  }

  async execute(request: ContactRequest, { contacts }: Pick<Connection, 'contacts'>): Promise<unknown> {
    switch (request.do) {
      case 'check':
        return this.#check(request.numbers, contacts)
      case 'picture':
        return contacts.picture(await this.#addressOf(request.id), request)
      case 'keep-picture':
        return this.#pictures.keep({ ...request, address: await this.#addressOf(request.id) }, contacts)
      case 'about':
        return contacts.about(await this.#addressOf(request.contactId))
      case 'business':
        return contacts.business(await this.#addressOf(request.contactId))
      case 'block':
        return contacts.setBlocked(await this.#bothOf(request.contactId, contacts), request.blocked)
      case 'watch':
        return contacts.watchPresence(await this.#addressOf(request.contactId))
      case 'blocked':
        return this.#blocked(contacts)
      default:
        return assertNever(request)
    }
  }

  async #check(numbers: readonly string[], contacts: Contacts): Promise<CheckedNumber[]> {
    const dialled = numbers.map((number) => numberOf(number))
    const asked = [...new Set(dialled.flatMap((jid) => jid ?? []))]
    const answers = await contacts.lookUpAll(asked)
    const found = new Map(asked.map((jid, place) => [jid, answers[place]]))
    await this.#learn(found)
    return numbers.map((number, place) => {
      const jid = dialled[place]
      if (!jid) return { number, state: 'invalid' }
      const known = found.get(jid)
      if (!known) return { number, state: 'not_on_whatsapp' }
      const phone = phoneOf(known.jid)
      return {
        number,
        state: 'on_whatsapp',
        id: known.lid ?? known.jid,
        ...(phone ? { phone } : {}),
        ...(known.lid ? { lid: known.lid } : {}),
      }
    })
  }

  async #learn(found: ReadonlyMap<Jid, IdentityLookup | undefined>): Promise<void> {
    const { identities, publisher, state } = this.#parts
    const known = [...found].flatMap(([dialled, answer]) => (answer ? [{ dialled, ...answer }] : []))
    const pairs = known.flatMap(({ jid, lid }) => (lid ? [{ pn: jid, lid }] : []))
    await publisher.publish(await identities.learn(pairs, state.timestamp()))
    for (const { dialled, jid } of known) await identities.learnDialled(dialled, jid)
  }

  /** Where WhatsApp is asked about somebody: the phone number where it is known, which all of its directories take. */
  async #addressOf(given: string): Promise<Jid> {
    const jid = normalizeJid(given)
    if (!jid) throw new TrunklineError('RECIPIENT_INVALID', { details: { field: 'contactId', to: given } })
    if (!isPerson(jid)) return jid
    const canonical = await this.#parts.identities.canonicalDialled(jid)
    if (!isLid(canonical)) return canonical
    return (await this.#chats.phonesOf(this.#parts.state.id, [canonical])).get(canonical) ?? canonical
  }

  /** Every address of somebody; a number that nobody has written with yet is looked up. */
  async #bothOf(given: string, contacts: Contacts): Promise<{ lid?: Jid; pn?: Jid }> {
    const address = await this.#addressOf(given)
    if (!isPhoneJid(address)) return { lid: address }
    const [lid] = await this.#parts.identities.canonical([address])
    if (lid && isLid(lid)) return { lid, pn: address }
    const [found] = await contacts.lookUpAll([address])
    if (!found) throw new TrunklineError('RECIPIENT_NOT_ON_WHATSAPP', { details: { to: given } })
    await this.#learn(new Map([[address, found]]))
    return { pn: found.jid, ...(found.lid ? { lid: found.lid } : {}) }
  }

  async #blocked(contacts: Contacts): Promise<BlockedContact[]> {
    const { identities, publisher, state } = this.#parts
    const blocked = await contacts.blocked()
    const pairs = blocked.flatMap((one) => one.identities)
    await publisher.publish(await identities.learn(pairs, state.timestamp()))
    const ids = await identities.canonical(blocked.map(({ id }) => id))
    const phones = await this.#chats.phonesOf(state.id, ids.filter(isLid))
    return ids.map((id) => {
      const phone = phoneOf(phones.get(id) ?? id)
      return { id, ...(phone ? { phone } : {}) }
    })
  }
}

/** The address of a number as people write it; nothing for what is no number with a country code. */
function numberOf(given: string): Jid | undefined {
  const jid = normalizeJid(given)
  const phone = jid && phoneOf(jid)
  return phone && /^[1-9]\d{6,14}$/.test(phone) ? jid : undefined
}
