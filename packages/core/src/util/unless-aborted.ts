import { onAbort } from './on-abort.js'

/**
 * The result of `promise`. When the signal is aborted before, it rejects with what `because` makes of the reason; the promise
 * itself goes on, and how it ends is nobody's concern any more.
 */
export function unlessAborted<Value>(
  promise: Promise<Value>,
  { signal, because }: { signal: AbortSignal | undefined; because: (reason: unknown) => Error },
): Promise<Value> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const leave = onAbort(signal, () => reject(because(signal.reason)))
    promise.then(resolve, reject).finally(leave)
  })
}
