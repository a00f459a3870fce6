import type { Position } from './cursor.js'

/** How an action ended: it was done, it was not allowed or not right, or something broke. */
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const
/** One of `AUDIT_OUTCOMES`. */
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number]

/** One action of somebody. */
export interface AuditEntry {
  id: string
  /** When it ended (ISO 8601). */
  at: string
  /** The name of the route, such as `deleteSession`. */
  action: string
  outcome: AuditOutcome
  /** The HTTP status of the answer. */
  status: number
  /** The code of the error, when there was one. */
  code?: string
  /** Who did it; left out for a sign-in that failed. */
  userId?: string
  /** By which API key of theirs. */
  keyId?: string
  /** The session that it was about. */
  sessionId?: string
  /** What else it was about: the id of a user, a key, a message, … */
  targetId?: string
  /** The address that the request came from. */
  address?: string
  /** As in the log of requests. */
  requestId?: string
}

/** How many parts `auditPosition` has. */
export const AUDIT_POSITION_PARTS = 2

/** Where an entry stands: by time, then by id. */
export function auditPosition({ at, id }: AuditEntry): Position {
  return [at, id]
}

/** The fields of an entry that a query can ask for. */
export const AUDIT_FILTERS = [
  'userId',
  'keyId',
  'sessionId',
  'targetId',
  'action',
  'outcome',
] as const satisfies (keyof AuditEntry)[]
