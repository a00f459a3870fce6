import type { SessionRecord } from '../ports/session-store.js'
import type { SessionHealth, SessionStatus, StatusReason } from '../types/session.js'
import { isRunning } from './session-machine.js'

/** A session that reconnects for longer than this is a problem. */
const PROBLEMATIC_AFTER_MS = 5 * 60_000

type Judged = Pick<SessionRecord, 'status' | 'statusSince' | 'healthCheck'> & {
  statusReason?: Pick<StatusReason, 'code'>
}

/** How a session does: `unhealthy` needs somebody to look, `degraded` heals by itself. */
export function healthOf(
  session: Judged,
  { now, storeAnswers }: { now: number; storeAnswers: boolean },
): SessionHealth {
  if (isProblematic(session, now)) return session.status === 'connected' ? 'degraded' : 'unhealthy'
  // Connected as it may be: what comes in cannot be stored, so it is not taken.
  if (!storeAnswers && isRunning(session.status)) return 'degraded'
  return session.status === 'reconnecting' ? 'degraded' : 'ok'
}

const BROKEN: readonly SessionStatus[] = ['failed', 'banned', 'logged_out']

/** Failed, banned, logged out, left behind by a process that is gone, reconnecting for longer than five minutes, or connected with a failed health check. */
export function isProblematic(session: Judged, now: number): boolean {
  if (BROKEN.includes(session.status)) return true
  if (session.status === 'stopped') return session.statusReason?.code === 'LEASE_LOST'
  if (session.status === 'reconnecting') return now - Date.parse(session.statusSince) > PROBLEMATIC_AFTER_MS
  return session.status === 'connected' && session.healthCheck?.ok === false
}
