import { TrunklineError } from '@trunkline/core'

/** Runs tasks a few at a time; the others wait their turn. */
export type Gate = <Result>(task: () => Promise<Result>) => Promise<Result>

/** @throws RATE_LIMITED when `width` tasks run and `queue` more wait already */
export function createGate({ width, queue }: { width: number; queue: number }): Gate {
  const waiting: (() => void)[] = []
  let running = 0

  return async (task) => {
    if (running < width) running += 1
    else if (waiting.length < queue) await new Promise<void>((resolve) => waiting.push(resolve))
    else throw new TrunklineError('RATE_LIMITED', { details: { retryAfterSeconds: 1 } })
    try {
      return await task()
    } finally {
      // The place is handed on, so `running` stays as it is when somebody waits.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
