import { type BinaryNode, getBinaryNodeChild, type WASocket } from '@whiskeysockets/baileys'
import type { Clock } from '../../ports/clock.js'
import type { IdentityLookup } from '../../ports/connector.js'
import { normalizeJid, phoneOf } from '../../records/jid.js'
import { otherNationalForm } from '../../records/national-forms.js'
import type { Jid } from '../../types/jid.js'
import { BoundedMap } from '../../util/bounded-map.js'
import { usync } from './usync.js'

const MAX_KNOWN = 1_000
/** A number without WhatsApp may get it any minute. */
const UNKNOWN_TTL_MS = 60_000
const KNOWN_TTL_MS = 24 * 60 * 60_000
/** Numbers in one question. */
const MAX_ASKED = 250

/** Which numbers are on WhatsApp, asked for once: a send to one that is not would succeed and reach nobody. */
export class NumberLookup {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #answers = new BoundedMap<Jid, { answer: IdentityLookup | undefined; until: number }>({ max: MAX_KNOWN })

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** @throws CONNECTION_LOST when the server does not answer, and what `ask` makes of a refusal */
  async find(jid: Jid, socket: Pick<WASocket, 'query'>): Promise<IdentityLookup | undefined> {
    const [found] = await this.findAll([jid], socket)
    return found
  }

  /** As `find`, for many in few questions: an answer for each, in order. */
  async findAll(jids: readonly Jid[], socket: Pick<WASocket, 'query'>): Promise<(IdentityLookup | undefined)[]> {
    const answers = new Map<Jid, IdentityLookup | undefined>()
    const unknown: Jid[] = []
    for (const jid of new Set(jids)) {
      const known = this.#answers.get(jid)
      if (!phoneOf(jid)) answers.set(jid, { jid })
      else if (known && known.until > this.#clock.monotonic()) answers.set(jid, known.answer)
      else unknown.push(jid)
    }
    for (let at = 0; at < unknown.length; at += MAX_ASKED) {
      const asked = unknown.slice(at, at + MAX_ASKED)
      const found = await ask(asked, socket)
      for (const jid of asked) {
        const answer = found.get(jid)
        const until = this.#clock.monotonic() + (answer ? KNOWN_TTL_MS : UNKNOWN_TTL_MS)
        this.#answers.set(jid, { answer, until })
        answers.set(jid, answer)
      }
    }
    return jids.map((jid) => answers.get(jid))
  }
}

/** Those that are on WhatsApp, by the address that was asked about. */
async function ask(asked: readonly Jid[], socket: Pick<WASocket, 'query'>): Promise<Map<Jid, IdentityLookup>> {
  const contact = (jid: Jid) => ({ tag: 'contact', attrs: {}, content: Buffer.from(`+${phoneOf(jid)}`) })
  const users = await usync(socket, {
    about: asked.length === 1 ? 'who this number is' : 'who these numbers are',
    protocols: ['contact', 'lid'],
    users: asked.map((jid) => ({ tag: 'user', attrs: {}, content: [contact(jid)] })),
  })
  const found = new Map<Jid, IdentityLookup>()
  for (const user of users) {
    const known = knownBy(user)
    const question = known && questionOf(user, known.jid, asked)
    if (known && question) found.set(question, known)
  }
  return found
}

function knownBy(user: BinaryNode): IdentityLookup | undefined {
  const jid = user.attrs.jid ? normalizeJid(user.attrs.jid) : undefined
  if (!jid || getBinaryNodeChild(user, 'contact')?.attrs.type !== 'in') return undefined
  const { val } = getBinaryNodeChild(user, 'lid')?.attrs ?? {}
  const lid = val ? normalizeJid(val) : undefined
  return { jid, ...(lid ? { lid } : {}) }
}

/** Which of the questions this is the answer to. WhatsApp repeats the number, which is not always the one that it knows. */
function questionOf(user: BinaryNode, jid: Jid, asked: readonly Jid[]): Jid | undefined {
  const content = getBinaryNodeChild(user, 'contact')?.content
  const text = content instanceof Uint8Array ? Buffer.from(content).toString() : content
  const repeated = typeof text === 'string' ? normalizeJid(text) : undefined
  const candidates = [repeated, jid, otherNationalForm(jid)]
  const named = asked.find((question) => candidates.includes(question))
  return named ?? (asked.length === 1 ? asked[0] : undefined)
}
