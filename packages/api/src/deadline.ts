import { type Clock, TrunklineError } from '@trunkline/core'

/** A body that has not come in this time does not come: phones on slow lines need a few seconds for a megabyte. */
export const BODY_TIMEOUT_MS = 30_000

/** @throws REQUEST_TIMEOUT when `work` takes longer, OPERATION_ABORTED when the caller goes away first */
export async function within<Result>(
  work: Promise<Result>,
  { clock, timeoutMs, signal }: { clock: Clock; timeoutMs: number; signal?: AbortSignal },
): Promise<Result> {
  let undo = () => {}
  const cut = new Promise<never>((_, reject) => {
    const cancel = clock.setTimeout(() => reject(new TrunklineError('REQUEST_TIMEOUT')), timeoutMs)
    const onAbort = () => reject(new TrunklineError('OPERATION_ABORTED'))
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    undo = () => {
      cancel()
      signal?.removeEventListener('abort', onAbort)
    }
  })
  try {
    return await Promise.race([work, cut])
  } finally {
    undo()
  }
}
