interface Waiting {
  calls: Set<() => void>
  unlisten(): void
}

const waiting = new WeakMap<AbortSignal, Waiting>()

/**
 * Calls back when the signal is aborted, and at once when it was; the answer takes the call back. However many wait for one signal, it
 * has one listener, and none when nobody waits: Node.js takes more than ten for a leak and says so, and callers may share one signal
 * among all their calls.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback()
    return () => {}
  }
  const { calls, unlisten } = waiting.get(signal) ?? listen(signal)
  const call = () => callback()
  calls.add(call)
  return () => {
    if (calls.delete(call) && calls.size === 0) unlisten()
  }
}

function listen(signal: AbortSignal): Waiting {
  const calls = new Set<() => void>()
  const callAll = () => {
    waiting.delete(signal)
    for (const call of calls) call()
  }
  const unlisten = () => {
    waiting.delete(signal)
    signal.removeEventListener('abort', callAll)
  }
  signal.addEventListener('abort', callAll, { once: true })
  const made = { calls, unlisten }
  waiting.set(signal, made)
  return made
}
