import type { Clock, Store } from '@trunkline/core/store'

/** A memory store with one mistake, and a test that has to fail because of it. */
export interface BrokenStore {
  /** The mistake. */
  name: string
  /** The test that catches it. */
  caughtBy: string
  /**
   * Called for each opening of the store, so that what a mistake keeps in memory is lost when it is closed, and unknown to a
   * second instance. `opening` counts from 1; `failing` is set for the store whose engine is about to fail.
   */
  wrap(store: Store, context: { opening: number; failing: boolean; clock: Clock }): Store
}

type Port =
  | 'auth'
  | 'sessions'
  | 'messages'
  | 'chats'
  | 'users'
  | 'apiKeys'
  | 'audit'
  | 'leases'
  | 'events'
  | 'jobs'
  | 'media'
  | 'cursors'
  | 'webhooks'
  | 'traffic'
  | 'attempts'
  | 'installation'

/** Puts other methods in the place of some of a port. */
const on =
  <Name extends Port>(name: Name) =>
  (methods: (port: Required<Store>[Name]) => Partial<Required<Store>[Name]>) =>
  (store: Store): Store => {
    const port = (store as Required<Store>)[name]
    return { ...store, [name]: { ...port, ...methods(port) } }
  }

export const auth = on('auth')
export const sessions = on('sessions')
export const messages = on('messages')
export const chats = on('chats')
export const users = on('users')
export const apiKeys = on('apiKeys')
export const audit = on('audit')
export const leases = on('leases')
export const events = on('events')
export const jobs = on('jobs')
export const media = on('media')
export const cursors = on('cursors')
export const webhooks = on('webhooks')
export const traffic = on('traffic')
export const attempts = on('attempts')
export const installation = on('installation')

/** The mistake of what was in memory only: nothing is wrong until the store is opened again. */
export const onceReopened =
  (mistake: (store: Store) => Store): BrokenStore['wrap'] =>
  (store, { opening }) =>
    opening === 1 ? store : mistake(store)

export const tick = () => new Promise((resolve) => setImmediate(resolve))

export type Turn = <Result>(call: () => Promise<Result>) => Promise<Result>

/** One call after the other: a lock that only its own process sees. */
export function lock(): Turn {
  let last: Promise<unknown> = Promise.resolve()
  return (call) => {
    const result = last.then(call)
    last = result.catch(() => {})
    return result
  }
}

/** All calls at once. */
export const noLock: Turn = (call) => call()

type Call = (...args: unknown[]) => Promise<unknown>

/** A port that answers a read from a cache, which only these writes of its own instance empty. */
export function cached<Port extends object>(port: Port, read: keyof Port, writes: (keyof Port)[]): Partial<Port> {
  const cache = new Map<string, unknown>()
  const methods = port as Record<keyof Port, Call>
  const reading: Call = async (...args) => {
    const key = JSON.stringify(args)
    if (!cache.has(key)) cache.set(key, await methods[read](...args))
    return structuredClone(cache.get(key))
  }
  const writing = writes.map((write): [keyof Port, Call] => [
    write,
    (...args) => {
      cache.clear()
      return methods[write](...args)
    },
  ])
  return Object.fromEntries([[read, reading], ...writing]) as Partial<Port>
}
