import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import type { SessionRecord } from '../ports/session-store.js'

export interface MaintenanceTask {
  name: string
  intervalMs: number
  /** The signal is aborted when the maintenance is stopped. */
  run(signal: AbortSignal): Promise<unknown>
}

/** Runs tasks again and again, each with a pause between its end and its next begin, until stopped. */
export class Maintenance {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #cancels = new Map<string, () => void>()
  readonly #stopped = new AbortController()

  constructor(options: { clock: Clock; logger: Logger }) {
    this.#clock = options.clock
    this.#logger = options.logger
  }

  schedule(task: MaintenanceTask): void {
    if (this.#stopped.signal.aborted) return
    this.#cancels.get(task.name)?.()
    this.#cancels.set(
      task.name,
      this.#clock.setTimeout(() => void this.#run(task), task.intervalMs),
    )
  }

  /** Runs a task once, after its interval. To ask for it again meanwhile changes nothing. */
  runOnce(task: MaintenanceTask): void {
    if (this.#stopped.signal.aborted || this.#cancels.has(task.name)) return
    const cancel = this.#clock.setTimeout(() => {
      this.#cancels.delete(task.name)
      void this.#attempt(task)
    }, task.intervalMs)
    this.#cancels.set(task.name, cancel)
  }

  stop(): void {
    this.#stopped.abort()
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancels.clear()
  }

  async #run(task: MaintenanceTask): Promise<void> {
    await this.#attempt(task)
    this.schedule(task)
  }

  async #attempt(task: MaintenanceTask): Promise<void> {
    try {
      await task.run(this.#stopped.signal)
    } catch (error) {
      // What is cut short by the end is done after the next start.
      if (this.#stopped.signal.aborted) return
      this.#logger.error({ err: error, task: task.name }, 'A maintenance task failed')
    }
  }
}

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
