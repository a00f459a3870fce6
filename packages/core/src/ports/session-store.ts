import type { ErrorCode } from '../errors/codes.js'
import type { Page } from '../types/page.js'
import type { SendRestriction } from '../types/queue.js'
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
  SessionSort,
  SessionStatus,
  StatusReason,
} from '../types/session.js'

/**
 * The records of sessions, without their credentials. A record has two halves: what is wanted of the session, which anybody may
 * change, and what is known of it, which its owner alone reports.
 */
export interface SessionStore {
  /** `false`, and nothing written, when the id is in use (by a deleted session too). */
  insert(record: SessionRecord): Promise<boolean>

  get(sessionId: string): Promise<SessionRecord | undefined>

  /**
   * By id, ascending, or as `sort` says. Deleted sessions are left out unless asked for. Costs what the page costs, and what those
   * sessions cost that are passed over because they do not fit: their records are not read.
   *
   * @throws VALIDATION_FAILED for a cursor that is none, or of a list in another order
   */
  list(options: SessionQuery): Promise<Page<SessionRecord>>

  /**
   * How many sessions there are and what they counted, in one round trip, without reading whole records: those at rest in heaps of
   * such as are alike, those that run as far as is known one by one, in no order. Deleted sessions are left out. `ids`: only
   * these; `except`: without these.
   */
  tally(options?: { ids?: readonly string[]; except?: readonly string[] }): Promise<SessionTally>

  /**
   * Changes what is wanted of the session: writes the given fields, leaves the others alone, raises the revision by one, and
   * answers the record; `undefined` when there is none, or when `expectedRevision` is given and is not the current one. A field
   * set to `null` is removed.
   */
  update(
    sessionId: string,
    changes: SpecChanges,
    options?: { expectedRevision?: number },
  ): Promise<SessionRecord | undefined>

  /**
   * Writes what only the owner of the session knows, fenced by the epoch of its lease: the given fields, as `update` does, but
   * the revision stays. Answers the record, `undefined` when there is none.
   *
   * An empty report changes no field and still raises the epoch: that is how a new owner shuts the former one out before it
   * reads what that one left.
   *
   * @throws LEASE_LOST when a newer epoch has reported on a session of this id before, a removed one too; nothing is written then
   */
  report(sessionId: string, changes: ReportChanges, options: { epoch: number }): Promise<SessionRecord | undefined>

  /**
   * Adds to counters atomically, for many sessions in one round trip; sessions that do not exist are passed over. The last
   * activity only moves forward; the revision stays, so that counting never makes an update fail. Not fenced: what was counted
   * did happen, whoever owns the session by now.
   */
  increment(increments: readonly SessionIncrement[]): Promise<void>

  /** Removes the record for good. The number of the epoch is remembered, so that a former owner cannot report on the next one. */
  remove(sessionId: string): Promise<void>
}

/** A session as stores keep it. Times are ISO 8601. */
export interface SessionRecord {
  id: string
  label?: string
  metadata: Record<string, string>
  settings: SessionSettings
  desired: DesiredState
  /** What is queued is not sent until somebody resumes it. */
  queuePaused?: true
  /** As reported last; it says nothing any more when the node that reported it holds no lease. */
  status: SessionStatus
  /** When the status was last another one. */
  statusSince: string
  statusReason?: StatusReason
  account?: Account
  /** The account that was let in here, also after it was unlinked: what the session has stored is of that one. */
  messagesOf?: Account
  device?: DeviceInfo
  counters: SessionCounters
  attempts: ConnectionAttempts
  /** Newest last, at most 20. */
  errors: SessionError[]
  /** Newest last, at most 20. */
  attemptsLog: AttemptLogEntry[]
  healthCheck?: HealthCheckResult
  /** What WhatsApp has told of its limits. */
  restrictions?: SendRestriction[]
  lastConnectedAt?: string
  lastActivityAt?: string
  /** The node that reported last: the name of an owner. */
  node?: string
  createdAt: string
  updatedAt: string
  /** Set when the session was deleted: its messages are kept for a while, its id is not free yet. */
  deletedAt?: string
  /** What one node asks of the one that runs the session. */
  request?: SessionRequest
  /** Counts the changes of what is wanted. */
  revision: number
}

/** That a node looks at a record again, and, with a command, that it carries this out. */
export interface SessionRequest {
  /** Who is asked: the name of an owner. */
  node: string
  command?: EndingCommand
}

/** What a node is asked to do with a session that others cannot: each ends with the session given back. */
export type EndingCommand =
  | { kind: 'stop' }
  | { kind: 'logout'; reason: string }
  | { kind: 'delete'; reason: string; quietly?: true }

type ChangesOf<Field extends keyof SessionRecord> = { [Name in Field]?: SessionRecord[Name] | null }

/** What is wanted of a session: anybody's to change. */
export type SpecChanges = ChangesOf<
  'label' | 'metadata' | 'settings' | 'desired' | 'queuePaused' | 'deletedAt' | 'request' | 'updatedAt'
>

/** What is known of a session: its owner's to report. */
export type ReportChanges = ChangesOf<
  | 'status'
  | 'statusSince'
  | 'statusReason'
  | 'account'
  | 'messagesOf'
  | 'device'
  | 'attempts'
  | 'errors'
  | 'attemptsLog'
  | 'healthCheck'
  | 'restrictions'
  | 'lastConnectedAt'
  | 'lastActivityAt'
  | 'node'
  | 'updatedAt'
>

/** Changes of both halves. */
export type SessionChanges = SpecChanges & ReportChanges

/** What there is of sessions. */
export interface SessionTally {
  resting: RestingSessions[]
  running: RunningSession[]
}

/** Sessions of a status in which nothing runs: `RESTING_STATUSES`. */
export interface RestingSessions {
  desired: DesiredState
  status: SessionStatus
  /** The code of the reason of their status; left out where there is none. */
  code?: ErrorCode
  /** How many they are. */
  count: number
  /** Of all of them together. */
  counters: SessionCounters
}

/** A session of any other status, with what tells how it is. */
export type RunningSession = Pick<
  SessionRecord,
  'id' | 'desired' | 'status' | 'statusSince' | 'counters' | 'healthCheck'
>

/** What is added to the counters of a session. */
export interface SessionIncrement {
  sessionId: string
  counters: Partial<SessionCounters>
  lastActivityAt?: string
}

/** Which sessions; everything that is given has to fit. */
export interface SessionQuery {
  limit: number
  cursor?: string
  sort?: SessionSort
  /** Only these. */
  ids?: readonly string[]
  desired?: DesiredState
  /** As reported last. */
  status?: SessionStatus
  /** In the id or in the label, whatever the case of its letters. */
  text?: string
  /** Sessions that have all of these names and values. */
  metadata?: Readonly<Record<string, string>>
  /** Only those with a request to this node; found without looking at the others. */
  requestsTo?: string
  includeDeleted?: boolean
  /** Only sessions that were deleted before this time (ISO 8601). */
  deletedBefore?: string
}
