/** Node.js takes more for one millisecond: some 24 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

/** The time of this machine. */
export const systemClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback: () => void, delayMs: number): () => void {
    let timer: NodeJS.Timeout
    const wait = (leftMs: number) => {
      timer =
        leftMs > MAX_TIMEOUT_MS
          ? setTimeout(() => wait(leftMs - MAX_TIMEOUT_MS), MAX_TIMEOUT_MS)
          : setTimeout(callback, leftMs)
    }
    wait(delayMs)
    return () => clearTimeout(timer)
  },
}
