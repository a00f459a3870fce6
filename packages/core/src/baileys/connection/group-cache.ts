import { type BinaryNode, type GroupMetadata, getBinaryNodeChild, type WASocket } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { Clock } from '../../ports/clock.js'
import type { WireGroup } from '../../ports/group-connection.js'
import type { ChatChange } from '../../types/chat.js'
import type { Jid } from '../../types/jid.js'
import { BoundedMap } from '../../util/bounded-map.js'
import { toGroup, toGroupMetadata } from '../translate/to-group.js'
import { ask, type Refusals } from './ask.js'

const MAX_GROUPS = 500
const TTL_MS = 10 * 60_000

/** What WhatsApp's numbers mean about a group, as whatsmeow reads them. */
export const GROUP_REFUSALS: Refusals = {
  401: 'GROUP_FORBIDDEN',
  403: 'GROUP_FORBIDDEN',
  404: 'GROUP_NOT_FOUND',
  409: 'GROUP_CHANGED_MEANWHILE',
  419: 'GROUP_FULL',
}

/** What is known of a group. Another object whenever it was asked for anew. */
export interface KnownGroup {
  group: WireGroup
  /** The same for Baileys. */
  metadata: GroupMetadata
  descriptionId?: string
}

/** The groups, so that a send to one does not ask WhatsApp for its members each time (and is not rate limited). */
export class GroupCache {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #onFacts: (change: ChatChange) => void
  readonly #facts = new BoundedMap<Jid, string>({ max: MAX_GROUPS })
  readonly #groups = new BoundedMap<Jid, KnownGroup & { until: number }>({ max: MAX_GROUPS })
  /** How often each group was forgotten: an answer to a question from before is not kept. */
  readonly #changes = new BoundedMap<Jid, number>({ max: MAX_GROUPS })

  /** `onFacts` is told what the chat of a group shows when that is something else than was known. */
  constructor(clock: Pick<Clock, 'monotonic'>, onFacts: (change: ChatChange) => void) {
    this.#clock = clock
    this.#onFacts = onFacts
  }

  /** Asks once, and remembers until the group changes. @throws as `ask` does of groups */
  async get(groupId: Jid, socket: Pick<WASocket, 'query'>): Promise<KnownGroup> {
    const known = this.#groups.get(groupId)
    if (known && known.until > this.#clock.monotonic()) return known
    const changesBefore = this.#changes.get(groupId) ?? 0
    const about = 'who is in a group'
    const answer = await ask(socket, {
      about,
      attrs: { type: 'get', xmlns: 'w:g2', to: groupId },
      content: [{ tag: 'query', attrs: { request: 'interactive' } }],
      refusals: GROUP_REFUSALS,
    })
    const stanza = getBinaryNodeChild(answer, 'group')
    const read = stanza && this.#read(stanza)
    if (!read) throw new TrunklineError('CONNECTION_LOST', { message: `WhatsApp did not answer ${about}` })
    if ((this.#changes.get(groupId) ?? 0) === changesBefore) this.#keep(read)
    return read
  }

  /** Takes over what WhatsApp has told of a group in answer to something else. */
  learn(stanza: BinaryNode): WireGroup | undefined {
    const read = this.#read(stanza)
    if (read) this.#keep(read)
    return read?.group
  }

  forget(groupId: Jid): void {
    this.#groups.delete(groupId)
    this.#changes.set(groupId, (this.#changes.get(groupId) ?? 0) + 1)
  }

  #read(stanza: BinaryNode): KnownGroup | undefined {
    const group = toGroup(stanza)
    if (!group) return undefined
    const descriptionId = getBinaryNodeChild(stanza, 'description')?.attrs.id
    return { group, metadata: toGroupMetadata(stanza, group), ...(descriptionId ? { descriptionId } : {}) }
  }

  #keep(known: KnownGroup): void {
    const { id, subject, settings } = known.group
    this.#groups.set(id, { ...known, until: this.#clock.monotonic() + TTL_MS })
    const facts = {
      id,
      ...(subject ? { name: subject } : {}),
      disappearsAfterSeconds: settings.ephemeralSeconds ?? null,
    }
    if (this.#facts.get(id) === JSON.stringify(facts)) return
    this.#facts.set(id, JSON.stringify(facts))
    this.#onFacts(facts)
  }
}
