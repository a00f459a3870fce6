import { USyncQuery, USyncUser, type WASocket } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { Clock } from '../../ports/clock.js'
import type { IdentityLookup } from '../../ports/connector.js'
import { normalizeJid, phoneOf } from '../../records/jid.js'
import type { Jid } from '../../types/jid.js'
import { BoundedMap } from '../../util/bounded-map.js'

const MAX_KNOWN = 1_000
/** A number without WhatsApp may get it any minute. */
const UNKNOWN_TTL_MS = 60_000
const KNOWN_TTL_MS = 24 * 60 * 60_000

/** Which numbers are on WhatsApp, asked for once: a send to one that is not would succeed and reach nobody. */
export class NumberLookup {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #answers = new BoundedMap<Jid, { answer: IdentityLookup | undefined; until: number }>({ max: MAX_KNOWN })

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** @throws CONNECTION_LOST when the server does not answer */
  async find(jid: Jid, socket: WASocket): Promise<IdentityLookup | undefined> {
    const phone = phoneOf(jid)
    if (!phone) return { jid }
    const known = this.#answers.get(jid)
    if (known && known.until > this.#clock.monotonic()) return known.answer
    const answer = await ask(phone, socket)
    const until = this.#clock.monotonic() + (answer ? KNOWN_TTL_MS : UNKNOWN_TTL_MS)
    this.#answers.set(jid, { answer, until })
    return answer
  }
}

async function ask(phone: string, socket: WASocket): Promise<IdentityLookup | undefined> {
  const query = new USyncQuery()
    .withContactProtocol()
    .withLIDProtocol()
    .withUser(new USyncUser().withPhone(`+${phone}`))
  const result = await socket.executeUSyncQuery(query)
  // An unanswered query resolves to nothing: that is no "not on WhatsApp".
  if (!result) throw new TrunklineError('CONNECTION_LOST', { message: 'WhatsApp did not answer who this number is' })
  const [user] = result.list
  const jid = user && normalizeJid(user.id)
  if (!jid || user.contact !== true) return undefined
  const lid = typeof user.lid === 'string' ? normalizeJid(user.lid) : undefined
  return { jid, ...(lid ? { lid } : {}) }
}
