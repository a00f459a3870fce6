import type { Store } from '@trunkline/core'

/** A memory store with one mistake, and a test that has to fail because of it. */
export interface BrokenStore {
  /** The mistake. */
  name: string
  /** The test that catches it. */
  caughtBy: string
  /** `opening` counts from 1; `failing` is set for the store whose engine is about to fail. */
  wrap(store: Store, context: { opening: number; failing: boolean }): Store
}

const with_ = <Port extends 'auth' | 'sessions' | 'messages' | 'chats' | 'users' | 'leases' | 'events'>(
  store: Store,
  port: Port,
  methods: (port: Store[Port]) => Partial<Store[Port]>,
): Store => ({ ...store, [port]: { ...store[port], ...methods(store[port]) } })

export const auth = (methods: (auth: Store['auth']) => Partial<Store['auth']>) => (store: Store) =>
  with_(store, 'auth', methods)
export const sessions = (methods: (port: Store['sessions']) => Partial<Store['sessions']>) => (store: Store) =>
  with_(store, 'sessions', methods)
export const messages = (methods: (port: Store['messages']) => Partial<Store['messages']>) => (store: Store) =>
  with_(store, 'messages', methods)
export const chats = (methods: (port: Store['chats']) => Partial<Store['chats']>) => (store: Store) =>
  with_(store, 'chats', methods)
export const users = (methods: (port: Store['users']) => Partial<Store['users']>) => (store: Store) =>
  with_(store, 'users', methods)
export const leases = (methods: (port: Store['leases']) => Partial<Store['leases']>) => (store: Store) =>
  with_(store, 'leases', methods)
export const events = (methods: (port: Store['events']) => Partial<Store['events']>) => (store: Store) =>
  with_(store, 'events', methods)

export const tick = () => new Promise((resolve) => setImmediate(resolve))
