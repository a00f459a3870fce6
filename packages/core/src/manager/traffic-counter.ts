import type { Clock } from '../ports/clock.js'
import type { Logger } from '../ports/logger.js'
import type { SessionIncrement } from '../ports/session-store.js'
import type { SessionTraffic, TrafficStore } from '../ports/traffic-store.js'

const HOUR_MS = 60 * 60_000

/** The hour that is now, or one before it, by its beginning (ISO 8601). */
export function hourAt(now: number, { before = 0 }: { before?: number } = {}): string {
  return new Date((Math.floor(now / HOUR_MS) - before) * HOUR_MS).toISOString()
}

export interface TrafficCounterParts {
  store: TrafficStore | undefined
  clock: Clock
  logger: Logger
  /** Called when something could not be stored, so that it is tried again. */
  onPending(): void
}

/**
 * What sessions counted, by hour, on its way to the store. It rides along with the counters, every few seconds, so that no message
 * waits for it; what the store does not take is added the next time, to the hour it belongs to.
 */
export class TrafficCounter {
  readonly #store: TrafficStore | undefined
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #onPending: () => void
  /** By session and hour: of a store that is silent for long no more is kept than it would have. */
  readonly #waiting = new Map<string, SessionTraffic>()

  constructor({ store, clock, logger, onPending }: TrafficCounterParts) {
    this.#store = store
    this.#clock = clock
    this.#logger = logger
    this.#onPending = onPending
  }

  /** Counts what was added to the counters of sessions just now. */
  count(increments: readonly SessionIncrement[]): void {
    if (!this.#store) return
    const at = hourAt(this.#clock.now())
    for (const { sessionId, counters } of increments) {
      const { sent = 0, received = 0, failed = 0 } = counters
      if (sent + received + failed > 0) this.#add({ sessionId, at, sent, received, failed })
    }
  }

  async flush(): Promise<void> {
    const rows = [...this.#waiting.values()]
    if (!this.#store || rows.length === 0) return
    this.#waiting.clear()
    try {
      await this.#store.add(rows)
    } catch (error) {
      for (const row of rows) this.#add(row)
      this.#onPending()
      this.#logger.warn({ err: error }, 'Messages by hour could not be stored; trying again')
    }
  }

  #add(row: SessionTraffic): void {
    const key = `${row.at} ${row.sessionId}`
    const known = this.#waiting.get(key)
    this.#waiting.set(key, {
      ...row,
      sent: row.sent + (known?.sent ?? 0),
      received: row.received + (known?.received ?? 0),
      failed: row.failed + (known?.failed ?? 0),
    })
  }
}
