import type { Page } from '../types/page.js'
import type {
  Account,
  AttemptLogEntry,
  ConnectionAttempts,
  DesiredState,
  DeviceInfo,
  HealthCheckResult,
  SessionCounters,
  SessionError,
  SessionSettings,
  SessionStatus,
  StatusReason,
} from '../types/session.js'

/** The records of sessions, without their credentials. */
export interface SessionStore {
  /** `false`, and nothing written, when the id is in use (by a deleted session too). */
  insert(record: SessionRecord): Promise<boolean>

  get(sessionId: string): Promise<SessionRecord | undefined>

  /** By id, ascending. Deleted sessions are left out unless asked for. */
  list(options: SessionQuery): Promise<Page<SessionRecord>>

  /**
   * Writes the given fields, leaves the others alone, raises the revision by one, and answers the record; `undefined` when
   * there is none, or when `expectedRevision` is given and is not the current one. A field set to `null` is removed.
   */
  update(
    sessionId: string,
    changes: SessionChanges,
    options?: { expectedRevision?: number },
  ): Promise<SessionRecord | undefined>

  /**
   * Adds to counters atomically, for many sessions in one round trip; sessions that do not exist are passed over. The last
   * activity only moves forward; the revision stays, so that counting never makes an update fail.
   */
  increment(increments: readonly SessionIncrement[]): Promise<void>

  /** Removes the record for good. */
  remove(sessionId: string): Promise<void>
}

export interface SessionRecord {
  id: string
  label?: string
  metadata: Record<string, string>
  settings: SessionSettings
  desired: DesiredState
  /** The status of the last write; a running session's true status is in its owner. */
  status: SessionStatus
  /** When the status was last another one. */
  statusSince: string
  statusReason?: StatusReason
  account?: Account
  device?: DeviceInfo
  counters: SessionCounters
  attempts: ConnectionAttempts
  /** Newest last, at most 20. */
  errors: SessionError[]
  /** Newest last, at most 20. */
  attemptsLog: AttemptLogEntry[]
  healthCheck?: HealthCheckResult
  lastConnectedAt?: string
  lastActivityAt?: string
  createdAt: string
  updatedAt: string
  /** Set when the session was deleted: its messages are kept for a while, its id is not free yet. */
  deletedAt?: string
  revision: number
}

export type SessionChanges = {
  [Field in keyof Omit<SessionRecord, 'id' | 'revision' | 'createdAt' | 'counters'>]?: SessionRecord[Field] | null
}

export interface SessionIncrement {
  sessionId: string
  counters: Partial<SessionCounters>
  lastActivityAt?: string
}

export interface SessionQuery {
  limit: number
  cursor?: string
  /** Only these. */
  ids?: readonly string[]
  desired?: DesiredState
  includeDeleted?: boolean
  /** Only sessions that were deleted before this time (ISO 8601). */
  deletedBefore?: string
}
