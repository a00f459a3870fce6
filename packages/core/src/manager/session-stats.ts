import type { SessionRecord } from '../ports/session-store.js'
import { isProblematic } from '../session/health.js'
import { SESSION_STATUSES, type SessionCounters, type SessionStats } from '../types/session.js'

export interface StatsContext {
  /** What was counted here and is not stored yet. */
  pending(sessionId: string): Partial<SessionCounters> | undefined
  now: number
  memory: SessionStats['memory']
  uptimeSeconds: number
}

/** Sums over sessions. */
export async function collectStats(
  records: AsyncIterable<SessionRecord>,
  context: StatsContext,
): Promise<SessionStats> {
  const byStatus = Object.fromEntries(SESSION_STATUSES.map((status) => [status, 0])) as SessionStats['byStatus']
  const messages = { sent: 0, received: 0, failed: 0 }
  const sums = { total: 0, active: 0, problematic: 0, chats: 0 }
  for await (const record of records) {
    const { counters } = record
    const pending = context.pending(record.id)
    sums.total += 1
    byStatus[record.status] += 1
    if (record.desired === 'running') sums.active += 1
    if (isProblematic(record, context.now)) sums.problematic += 1
    messages.sent += counters.sent + (pending?.sent ?? 0)
    messages.received += counters.received + (pending?.received ?? 0)
    messages.failed += counters.failed + (pending?.failed ?? 0)
    sums.chats += counters.chats + (pending?.chats ?? 0)
  }
  const { memory, uptimeSeconds } = context
  return { ...sums, byStatus, connected: byStatus.connected, messages, memory, uptimeSeconds }
}
