import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import type { MaintenanceRun, MaintenanceStep, MaintenanceStepName } from '../types/maintenance.js'

export interface MaintenanceTask {
  name: string
  /** Between the end of a run and the next begin; `Infinity` never runs it by itself. */
  intervalMs: number
  /** How long a run takes on purpose: it is spread over this time. */
  spreadMs?: number
  /**
   * The signal is aborted when the maintenance is stopped or other times are set, `hurry` when somebody waits for the run: it is not spread then. The
   * numbers of the answer tell what was done.
   */
  run(signal: AbortSignal, hurry: AbortSignal): Promise<unknown>
}

interface Scheduled {
  task: MaintenanceTask
  cancel(): void
  running?: Promise<void>
  hurry: AbortController
  /** Ends the run that is going on, between two things that it does. */
  cut: AbortController
  /** What the interval counts from, by the monotonic clock: when it was scheduled, or its last run ended. */
  from: number
  lastRun?: MaintenanceRun
  /** ISO 8601. */
  nextAt?: string
}

/** Runs tasks again and again, each with a pause between its end and its next begin, until stopped. */
export class Maintenance {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #scheduled = new Map<string, Scheduled>()
  readonly #once = new Map<string, () => void>()
  readonly #stopped = new AbortController()

  constructor(options: { clock: Clock; logger: Logger }) {
    this.#clock = options.clock
    this.#logger = options.logger
  }

  schedule(task: MaintenanceTask): void {
    if (this.#stopped.signal.aborted) return
    this.#scheduled.get(task.name)?.cancel()
    const scheduled: Scheduled = {
      task,
      cancel: () => {},
      hurry: new AbortController(),
      cut: new AbortController(),
      from: this.#clock.monotonic(),
    }
    this.#scheduled.set(task.name, scheduled)
    this.#plan(scheduled)
  }

  /**
   * Puts a task in the place of the scheduled one of its name. With other times it is planned anew, counted from its last run; one that
   * is spread over the old times is cut short.
   */
  replan(task: MaintenanceTask): void {
    const scheduled = this.#scheduled.get(task.name)
    if (!scheduled || this.#stopped.signal.aborted) return
    const { intervalMs, spreadMs } = scheduled.task
    if (task.intervalMs === intervalMs && task.spreadMs === spreadMs) return
    scheduled.task = task
    if (scheduled.running) scheduled.cut.abort()
    else this.#plan(scheduled)
  }

  /** Runs a task once, after its interval. To ask for it again meanwhile changes nothing. */
  runOnce(task: MaintenanceTask): void {
    if (this.#stopped.signal.aborted || this.#once.has(task.name)) return
    const cancel = this.#clock.setTimeout(() => {
      this.#once.delete(task.name)
      void this.#attempt(task, new AbortController().signal, this.#stopped.signal)
    }, task.intervalMs)
    this.#once.set(task.name, cancel)
  }

  /** A scheduled task as people see it; `undefined` when there is none of the name. */
  step(name: MaintenanceStepName): Omit<MaintenanceStep, 'settings'> | undefined {
    const scheduled = this.#scheduled.get(name)
    if (!scheduled) return undefined
    const { task, running, lastRun, nextAt } = scheduled
    const intervalMs = task.intervalMs + (task.spreadMs ?? 0)
    return {
      name,
      ...(Number.isFinite(intervalMs) ? { intervalSeconds: Math.round(intervalMs / 1000) } : {}),
      running: running !== undefined,
      ...(lastRun ? { lastRun } : {}),
      ...(nextAt ? { nextAt } : {}),
    }
  }

  /** Runs a scheduled task now, or waits for the run that is going on; `undefined` when there is none of the name. */
  async run(name: MaintenanceStepName): Promise<MaintenanceRun | undefined> {
    const scheduled = this.#scheduled.get(name)
    if (!scheduled) return undefined
    scheduled.cancel()
    scheduled.hurry.abort()
    await this.#turn(scheduled)
    return scheduled.lastRun
  }

  stop(): void {
    this.#stopped.abort()
    for (const { cancel } of this.#scheduled.values()) cancel()
    for (const cancel of this.#once.values()) cancel()
    this.#once.clear()
  }

  #plan(scheduled: Scheduled): void {
    scheduled.cancel()
    delete scheduled.nextAt
    const { intervalMs } = scheduled.task
    if (!Number.isFinite(intervalMs) || this.#stopped.signal.aborted) return
    const leftMs = Math.max(0, scheduled.from + intervalMs - this.#clock.monotonic())
    scheduled.nextAt = this.#timestamp(leftMs)
    scheduled.cancel = this.#clock.setTimeout(() => void this.#turn(scheduled), leftMs)
  }

  #turn(scheduled: Scheduled): Promise<void> {
    scheduled.running ??= this.#runTurn(scheduled).finally(() => {
      delete scheduled.running
      scheduled.hurry = new AbortController()
      scheduled.cut = new AbortController()
      scheduled.from = this.#clock.monotonic()
      this.#plan(scheduled)
    })
    return scheduled.running
  }

  async #runTurn(scheduled: Scheduled): Promise<void> {
    delete scheduled.nextAt
    const at = this.#timestamp()
    const beganAt = this.#clock.monotonic()
    const { task, hurry, cut } = scheduled
    const result = await this.#attempt(task, hurry.signal, AbortSignal.any([this.#stopped.signal, cut.signal]))
    scheduled.lastRun = { at, durationMs: Math.round(this.#clock.monotonic() - beganAt), ...result }
  }

  async #attempt(
    task: MaintenanceTask,
    hurry: AbortSignal,
    signal: AbortSignal,
  ): Promise<Pick<MaintenanceRun, 'did' | 'problem'>> {
    try {
      return { did: countsOf(await task.run(signal, hurry)) }
    } catch (error) {
      // What drivers say is for the log: it may name hosts and paths.
      const problem = TrunklineError.is(error) ? error.message : 'It failed; the log of the process says why'
      // What is cut short by the end is done after the next start.
      if (!this.#stopped.signal.aborted)
        this.#logger.error({ err: error, task: task.name }, 'A maintenance task failed')
      return { did: {}, problem }
    }
  }

  #timestamp(inMs = 0): string {
    return new Date(this.#clock.now() + inMs).toISOString()
  }
}

function countsOf(result: unknown): Record<string, number> {
  const entries = Object.entries(result ?? {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  )
  return Object.fromEntries(entries)
}
