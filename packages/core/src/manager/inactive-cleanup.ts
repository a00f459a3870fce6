import { TrunklineError } from '../errors/trunkline-error.js'
import type { SessionRecord } from '../ports/session-store.js'

/** What the clean-up of inactive sessions does with one. */
export type InactiveVerdict = 'keep' | 'stop' | 'remove'

/** Linked sessions are stopped and keep their credentials; those that were never linked go. */
export function judgeInactive(
  record: SessionRecord,
  options: { now: number; inactiveAfterMs: number },
): InactiveVerdict {
  const lastSign = record.lastActivityAt ?? record.lastConnectedAt ?? record.createdAt
  if (options.now - Date.parse(lastSign) < options.inactiveAfterMs) return 'keep'
  if (!record.account && !record.lastConnectedAt) return 'remove'
  return record.desired === 'running' ? 'stop' : 'keep'
}

export interface InactiveCleanupOptions {
  records: AsyncIterable<SessionRecord>
  inactiveAfterMs: number
  now(): number
  /** Whether another node runs it, which judges it by itself. */
  runsElsewhere(record: SessionRecord): boolean
  stop(sessionId: string): Promise<unknown>
  /** Whether it was removed. */
  remove(sessionId: string): Promise<boolean>
}

/** Stops and removes what was inactive for too long. */
export async function cleanInactive(
  options: InactiveCleanupOptions,
): Promise<{ stopped: string[]; removed: string[] }> {
  const stopped: string[] = []
  const removed: string[] = []
  for await (const record of options.records) {
    const verdict = judgeInactive(record, { now: options.now(), inactiveAfterMs: options.inactiveAfterMs })
    if (verdict === 'keep' || options.runsElsewhere(record)) continue
    try {
      if (verdict === 'stop') {
        await options.stop(record.id)
        stopped.push(record.id)
      } else if (await options.remove(record.id)) removed.push(record.id)
    } catch (error) {
      // Another node was faster.
      if (!TrunklineError.is(error, 'LEASE_HELD')) throw error
    }
  }
  return { stopped, removed }
}
