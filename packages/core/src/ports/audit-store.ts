import type { AuditEntry, AuditOutcome } from '../records/audit.js'
import type { Page } from '../types/page.js'

/** Who did what, when and from where: never what was said, nor any secret. */
export interface AuditStore {
  /** Keeps entries, in one round trip however many they are. One whose id is kept already is passed over. */
  append(entries: readonly AuditEntry[]): Promise<void>
  /** Newest first: by time, then by id. */
  list(query: AuditQuery): Promise<Page<AuditEntry>>
  /**
   * Removes entries from before `before` (ISO 8601), and all but the newest `keep`, no more than `limit` in one call, all of them
   * unless given; answers how many.
   */
  prune(options: { before?: string; keep?: number; limit?: number }): Promise<number>
}

/** Which entries; everything that is given has to fit. */
export interface AuditQuery {
  limit: number
  cursor?: string
  userId?: string
  keyId?: string
  sessionId?: string
  targetId?: string
  action?: string
  outcome?: AuditOutcome
  /** Not before this time (ISO 8601). */
  from?: string
  /** Before this time (ISO 8601). */
  to?: string
}
