import { onAbort } from './on-abort.js'

interface Timers {
  setTimeout(callback: () => void, delayMs: number): () => void
}

/** Waits; ends early, without an error, when the signal is aborted. Answers whether the whole time passed. */
export function sleep(timers: Timers, delayMs: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const cancel = timers.setTimeout(() => finish(true), delayMs)
    const leave = signal && onAbort(signal, () => finish(false))
    const finish = (whole: boolean) => {
      cancel()
      leave?.()
      resolve(whole)
    }
  })
}

/**
 * The result of `promise`, or `undefined` when it takes longer than `timeoutMs` or the signal is aborted. The promise itself goes
 * on.
 */
export async function within<Value>(
  timers: Timers,
  timeoutMs: number,
  promise: Promise<Value>,
  signal?: AbortSignal,
): Promise<Value | undefined> {
  let giveUp = () => {}
  const enough = new Promise<undefined>((resolve) => {
    giveUp = () => resolve(undefined)
  })
  const cancel = timers.setTimeout(giveUp, timeoutMs)
  const leave = signal && onAbort(signal, giveUp)
  try {
    return await Promise.race([promise, enough])
  } finally {
    cancel()
    leave?.()
  }
}
