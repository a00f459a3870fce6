import type { Store } from '@trunkline/core/store'

/** Called for each call of a store when it is over. */
export type ObserveCall = (call: { operation: string; seconds: number; failed: boolean }) => void

/** The same store, the calls of all its ports timed: `messages.upsert`. */
export function measuredStore(store: Store, observe: ObserveCall): Store {
  const ports = new Map<string | symbol, object>()
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value === 'function') return value.bind(target)
      if (typeof value !== 'object' || value === null) return value
      const port = ports.get(name) ?? measuredPort(String(name), value, observe)
      ports.set(name, port)
      return port
    },
  })
}

function measuredPort(port: string, target: object, observe: ObserveCall): object {
  const measured = new Map<string | symbol, unknown>()
  return new Proxy(target, {
    get(_, name) {
      const known = measured.get(name)
      if (known) return known
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const timed = timedCall(`${port}.${String(name)}`, value.bind(target), observe)
      measured.set(name, timed)
      return timed
    },
  })
}

function timedCall(operation: string, call: (...args: unknown[]) => unknown, observe: ObserveCall) {
  return (...args: unknown[]): unknown => {
    const startedAt = performance.now()
    const over = (failed: boolean) => observe({ operation, seconds: (performance.now() - startedAt) / 1000, failed })
    const result = call(...args)
    // What answers at once, a stream of bytes for example, is not waited for.
    if (!(result instanceof Promise)) return result
    return result.then(
      (value: unknown) => {
        over(false)
        return value
      },
      (error: unknown) => {
        over(true)
        throw error
      },
    )
  }
}
