import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys'
import type { Clock } from '../../ports/clock.js'
import type { ChatChange } from '../../types/chat.js'
import { BoundedMap } from '../../util/bounded-map.js'
import { shortened } from '../translate/bounds.js'
import { answered } from './answered.js'

const MAX_GROUPS = 500
const TTL_MS = 10 * 60_000

/** The members of groups, so that a send to a group does not ask WhatsApp for them each time (and is not rate limited). */
export class GroupMetadataCache {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #onFacts: (change: ChatChange) => void
  readonly #facts = new BoundedMap<string, string>({ max: MAX_GROUPS })
  readonly #groups = new BoundedMap<string, { metadata: GroupMetadata; until: number }>({ max: MAX_GROUPS })

  /** `onFacts` is told what the chat of a group shows when that is something else than was known. */
  constructor(clock: Pick<Clock, 'monotonic'>, onFacts: (change: ChatChange) => void) {
    this.#clock = clock
    this.#onFacts = onFacts
  }

  /** For `cachedGroupMetadata`: asks once, and remembers until the group changes. */
  async get(groupId: string, socket: WASocket): Promise<GroupMetadata> {
    const known = this.#groups.get(groupId)
    if (known && known.until > this.#clock.monotonic()) return known.metadata
    const metadata = await answered('who is in a group', socket.groupMetadata(groupId))
    const { subject, ephemeralDuration } = metadata
    const facts = {
      id: groupId,
      ...(subject ? { name: shortened(subject) } : {}),
      disappearsAfterSeconds: ephemeralDuration || null,
    }
    if (this.#facts.get(groupId) !== JSON.stringify(facts)) {
      this.#facts.set(groupId, JSON.stringify(facts))
      this.#onFacts(facts)
    }
    this.#groups.set(groupId, { metadata, until: this.#clock.monotonic() + TTL_MS })
    return metadata
  }

  forget(groupId: string): void {
    this.#groups.delete(groupId)
  }
}
