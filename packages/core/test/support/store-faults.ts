import { type AuthStore, type Store, TrunklineError } from '../../src/index.js'

export interface StoreFaults {
  /** `false`: every call of the store rejects. */
  works: boolean
  /** Calls that reject all the same, such as `auth.archive`. */
  readonly failing: Set<string>
  /** The auth store itself, which never breaks. */
  readonly auth: AuthStore
}

const PORTS = ['auth', 'sessions', 'messages', 'events', 'chats'] as const

/** Makes a store fail on demand, reads and writes alike. */
export function storeFaults(store: Store): StoreFaults {
  const faults: StoreFaults = { works: true, failing: new Set(), auth: { ...store.auth } }
  for (const name of PORTS) {
    const port = store[name] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    for (const [method, call] of Object.entries(port)) {
      port[method] = (...args) =>
        faults.works && !faults.failing.has(`${name}.${method}`)
          ? call.apply(port, args)
          : Promise.reject(new TrunklineError('STORE_UNAVAILABLE'))
    }
  }
  return faults
}
