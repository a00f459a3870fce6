import type { SimulatorClock } from '../../util/clock.js'
import { SimulatorError } from '../../util/errors.js'

/** A phone shows that linking has failed when the client is silent for so long. */
const ANSWER_TIMEOUT_MS = 60_000

export interface PendingAnswer<T> {
  resolve(value: T): void
  reject(error: Error): void
}

/** What `ask` asks of a client. Rejects with `PAIRING_FAILED` when nobody settles it within a minute. */
export function answerOfClient<T>(clock: SimulatorClock, ask: (pending: PendingAnswer<T>) => void): Promise<T> {
  let timer: unknown
  const answer = new Promise<T>((resolve, reject) => {
    timer = clock.setTimeout(
      () => reject(new SimulatorError('PAIRING_FAILED', 'The client has not answered for a minute')),
      ANSWER_TIMEOUT_MS,
    )
    ask({ resolve, reject })
  })
  return answer.finally(() => clock.clearTimeout(timer))
}
