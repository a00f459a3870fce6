import type { Logger } from 'pino'
import type { Configuration } from './environment.js'

/** How long closing may take before the process ends without waiting for it. */
const DEADLINE_MS = 9_000
/** The same where it hands its accounts over first, for half a minute at most. */
const HAND_OVER_DEADLINE_MS = 40_000

/** How long a server of this configuration may take to close. */
export function deadlineOf({ NATS_URL }: Pick<Configuration, 'NATS_URL'>): number {
  return NATS_URL ? HAND_OVER_DEADLINE_MS : DEADLINE_MS
}

export interface Closable {
  close(): Promise<void>
}

/**
 * Closes on SIGTERM and SIGINT and ends the process with 0; the second signal, or the deadline, ends it at once. The answer does what
 * the first signal does, and nothing when there was one.
 */
export function runUntilSignal(
  server: Closable,
  logger: Pick<Logger, 'error' | 'warn'>,
  { deadlineMs = DEADLINE_MS }: { deadlineMs?: number } = {},
): () => void {
  let asked = false
  const end = () => {
    if (asked) return
    asked = true
    const deadline = setTimeout(() => {
      logger.error({}, 'Closing took too long')
      process.exit(1)
    }, deadlineMs)
    deadline.unref()
    server.close().then(
      () => process.exit(0),
      (error) => {
        logger.error({ err: error }, 'Closing failed')
        process.exit(1)
      },
    )
  }
  const onSignal = (signal: NodeJS.Signals) => {
    if (asked) process.exit(signal === 'SIGINT' ? 130 : 143)
    end()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return end
}

/**
 * Closes what is on its way up once it is up. The first process of a container gets no signal that it does not listen for, so that it
 * has to listen from the beginning.
 */
export function startedFirst(starting: Promise<Closable>): Closable {
  return { close: async () => (await starting).close() }
}
