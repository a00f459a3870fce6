import type { RestingSessions, RunningSession } from '../ports/session-store.js'
import { isProblematic } from '../session/health.js'
import { SESSION_STATUSES, type SessionCounters, type SessionStats, type StatusReason } from '../types/session.js'

/** A session as far as its numbers go. */
export type CountedSession = RunningSession & { statusReason?: Pick<StatusReason, 'code'> }

export interface StatsContext {
  /** What was counted here and is not stored yet. */
  pending: Iterable<Partial<SessionCounters>>
  now: number
  memory: SessionStats['memory']
  uptimeSeconds: number
}

/** Of a session at rest it does not matter since when. */
const LONG_AGO = new Date(0).toISOString()

/** Sums over sessions: heaps of those that rest, and each of the others. */
export function collectStats(
  { resting, others }: { resting: readonly RestingSessions[]; others: readonly CountedSession[] },
  { pending, now, memory, uptimeSeconds }: StatsContext,
): SessionStats {
  const byStatus = Object.fromEntries(SESSION_STATUSES.map((status) => [status, 0])) as SessionStats['byStatus']
  const sums = { total: 0, active: 0, problematic: 0 }
  const counted = { sent: 0, received: 0, failed: 0, chats: 0 }
  const add = (session: Omit<CountedSession, 'id'>, count: number) => {
    sums.total += count
    byStatus[session.status] += count
    if (session.desired === 'running') sums.active += count
    if (isProblematic(session, now)) sums.problematic += count
    addCounters(counted, session.counters)
  }
  for (const { code, count, ...alike } of resting) {
    add({ ...alike, statusSince: LONG_AGO, ...(code ? { statusReason: { code } } : {}) }, count)
  }
  for (const session of others) add(session, 1)
  for (const counters of pending) addCounters(counted, counters)
  const { chats, ...messages } = counted
  return { ...sums, byStatus, connected: byStatus.connected, messages, chats, memory, uptimeSeconds }
}

function addCounters(
  sum: SessionCounters,
  { sent = 0, received = 0, failed = 0, chats = 0 }: Partial<SessionCounters>,
): void {
  sum.sent += sent
  sum.received += received
  sum.failed += failed
  sum.chats += chats
}
