import type { SessionRecord } from '../ports/session-store.js'
import { healthOf } from '../session/health.js'
import type { HealthProblem, HealthReport } from '../types/maintenance.js'
import type { SessionHealth } from '../types/session.js'

const MAX_PROBLEMS = 200

/** How sessions do, from their records: nobody is asked anything. */
export async function reportHealth(
  records: AsyncIterable<SessionRecord>,
  moment: { now: number; storeAnswers: boolean },
): Promise<HealthReport> {
  const counts: Record<SessionHealth, number> = { ok: 0, degraded: 0, unhealthy: 0 }
  const problems: HealthProblem[] = []
  for await (const record of records) {
    const health = healthOf(record, moment)
    counts[health] += 1
    if (health !== 'ok' && problems.length < MAX_PROBLEMS) problems.push(problemOf(record, health))
  }
  const { now, storeAnswers } = moment
  const total = counts.ok + counts.degraded + counts.unhealthy
  return { at: new Date(now).toISOString(), total, ...counts, storeAnswers, problems }
}

function problemOf(record: SessionRecord, health: SessionHealth): HealthProblem {
  const { id, label, status, statusSince, statusReason, healthCheck } = record
  return {
    sessionId: id,
    ...(label === undefined ? {} : { label }),
    status,
    since: statusSince,
    health,
    ...(statusReason ? { reason: statusReason } : {}),
    ...(healthCheck ? { healthCheck } : {}),
  }
}
