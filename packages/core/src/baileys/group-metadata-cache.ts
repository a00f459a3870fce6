import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys'
import { LRUCache } from 'lru-cache'

const MAX_GROUPS = 500
const TTL_MS = 10 * 60_000

/** The members of groups, so that a send to a group does not ask WhatsApp for them each time (and is not rate limited). */
export class GroupMetadataCache {
  readonly #groups = new LRUCache<string, GroupMetadata>({ max: MAX_GROUPS, ttl: TTL_MS })

  /** For `cachedGroupMetadata`: asks once, and remembers until the group changes. */
  async get(groupId: string, socket: WASocket): Promise<GroupMetadata> {
    const known = this.#groups.get(groupId)
    if (known) return known
    const metadata = await socket.groupMetadata(groupId)
    this.#groups.set(groupId, metadata)
    return metadata
  }

  forget(groupId: string): void {
    this.#groups.delete(groupId)
  }
}
