import { TrunklineError } from '../errors/trunkline-error.js'
import type { Logger } from '../ports/logger.js'
import type { SessionRecord } from '../ports/session-store.js'
import { isProblematic } from '../session/health.js'

/** What the reset of problematic sessions does with one. */
export type ResetVerdict = 'keep' | 'reconnect' | 'start'

/**
 * Only what nobody has decided: a session that waits for a person, because WhatsApp or the phone has said so, is left alone, and
 * so is one that fights with another connection. Credentials are never touched.
 */
export function judgeProblem(record: SessionRecord, { now }: { now: number }): ResetVerdict {
  const { status, statusReason, desired } = record
  if (desired !== 'running' || !isProblematic(record, now)) return 'keep'
  if (status === 'reconnecting') return statusReason?.code === 'CONNECTION_REPLACED' ? 'keep' : 'reconnect'
  // Left behind by a process that is gone.
  if (status === 'stopped') return 'start'
  return status === 'failed' && statusReason?.code === 'INTERNAL' ? 'start' : 'keep'
}

export interface ProblemResetOptions {
  records(): AsyncIterable<SessionRecord>
  reconnect(sessionId: string): Promise<unknown>
  start(sessionId: string): Promise<unknown>
  now(): number
  logger: Logger
}

/** Has sessions begin anew that have not come back by themselves for long. */
export async function resetProblems(
  options: ProblemResetOptions,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const did = { reconnect: 0, start: 0 }
  for await (const record of options.records()) {
    if (signal.aborted) break
    const verdict = judgeProblem(record, { now: options.now() })
    if (verdict === 'keep') continue
    try {
      await options[verdict](record.id)
      did[verdict] += 1
    } catch (error) {
      // The node that runs it looks after it.
      if (!TrunklineError.is(error, 'LEASE_HELD'))
        options.logger.warn({ err: error, sessionId: record.id }, 'A problematic session could not begin anew')
    }
  }
  return { reconnected: did.reconnect, started: did.start }
}
