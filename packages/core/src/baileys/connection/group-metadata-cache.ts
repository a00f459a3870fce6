import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys'
import type { Clock } from '../../ports/clock.js'
import { BoundedMap } from '../../util/bounded-map.js'
import { answered } from './answered.js'

const MAX_GROUPS = 500
const TTL_MS = 10 * 60_000

/** The members of groups, so that a send to a group does not ask WhatsApp for them each time (and is not rate limited). */
export class GroupMetadataCache {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #onSubject: (groupId: string, subject: string) => void
  readonly #subjects = new BoundedMap<string, string>({ max: MAX_GROUPS })
  readonly #groups = new BoundedMap<string, { metadata: GroupMetadata; until: number }>({ max: MAX_GROUPS })

  /** `onSubject` is told the subject of a group when it is another one than was known. */
  constructor(clock: Pick<Clock, 'monotonic'>, onSubject: (groupId: string, subject: string) => void) {
    this.#clock = clock
    this.#onSubject = onSubject
  }

  /** For `cachedGroupMetadata`: asks once, and remembers until the group changes. */
  async get(groupId: string, socket: WASocket): Promise<GroupMetadata> {
    const known = this.#groups.get(groupId)
    if (known && known.until > this.#clock.monotonic()) return known.metadata
    const metadata = await answered('who is in a group', socket.groupMetadata(groupId))
    if (metadata.subject && this.#subjects.get(groupId) !== metadata.subject) {
      this.#subjects.set(groupId, metadata.subject)
      this.#onSubject(groupId, metadata.subject)
    }
    this.#groups.set(groupId, { metadata, until: this.#clock.monotonic() + TTL_MS })
    return metadata
  }

  forget(groupId: string): void {
    this.#groups.delete(groupId)
  }
}
