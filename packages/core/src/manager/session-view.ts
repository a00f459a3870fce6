import { inForce } from '../pacing/restrictions.js'
import type { SessionRecord } from '../ports/session-store.js'
import { adviceFor } from '../session/advice.js'
import { healthOf } from '../session/health.js'
import { isRunning } from '../session/session-machine.js'
import type { Session, SessionCounters, SessionDetails } from '../types/session.js'
import { showSettings } from './session-settings.js'

/** What a running session knows beyond its record: counters that are not stored yet. */
export interface Unstored {
  counters: Partial<SessionCounters>
  lastActivityAt?: string
}

const NOTHING: Unstored = { counters: {} }

/** A record as callers see it. */
export function toSession(
  record: SessionRecord,
  moment: { now: number; storeAnswers: boolean },
  { counters, lastActivityAt }: Unstored = NOTHING,
): Session {
  const { id, label, metadata, status, statusReason, desired, account, settings, attempts, lastConnectedAt } = record
  const lastError = record.errors.at(-1)
  const restrictions = inForce(record.restrictions ?? [], moment.now)
  const activity = lastActivityAt ?? record.lastActivityAt
  return {
    id,
    ...(label === undefined ? {} : { label }),
    metadata,
    status,
    health: healthOf(record, moment),
    ...(statusReason ? { statusReason } : {}),
    ...(record.node !== undefined && isRunning(status) ? { node: record.node } : {}),
    desired,
    ...(account ? { account } : {}),
    settings: showSettings(settings),
    counters: {
      sent: record.counters.sent + (counters.sent ?? 0),
      received: record.counters.received + (counters.received ?? 0),
      failed: record.counters.failed + (counters.failed ?? 0),
      chats: record.counters.chats + (counters.chats ?? 0),
    },
    attempts,
    ...(lastError ? { lastError } : {}),
    ...(restrictions.length > 0 ? { restrictions } : {}),
    ...(lastConnectedAt ? { lastConnectedAt } : {}),
    ...(activity ? { lastActivityAt: activity } : {}),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  }
}

export function toDetails(record: SessionRecord, session: Session, memoryBytes: number): SessionDetails {
  const { device, errors, attemptsLog, healthCheck } = record
  return {
    ...session,
    ...(device ? { device } : {}),
    errors,
    attemptsLog,
    ...(healthCheck ? { healthCheck } : {}),
    memoryBytes,
    advice: adviceFor(record.status, record.statusReason?.code),
  }
}
