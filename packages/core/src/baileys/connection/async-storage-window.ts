import type { AsyncLocalStorage } from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'

/** The one object behind every import of the module, whose properties can be replaced. */
const hooks = process.getBuiltinModule('node:async_hooks') as { AsyncLocalStorage: typeof AsyncLocalStorage }

interface Link {
  key: object
  value: unknown
  parent: Link | undefined
  ended: boolean
}

let shared: AsyncLocalStorage<Link | undefined> | undefined

/**
 * Many stores in one real AsyncLocalStorage, each of which ends with the promise of its `run`.
 *
 * - Before Node 24 every instance that was ever used is copied with every promise that is made, so one per socket makes each
 *   promise of the process cost as much as there are sockets (measured: 5.8 ms of CPU per message with 60 accounts, 2.0 ms
 *   with one shared instance).
 * - Baileys keeps a transaction of its keys in it, and starts work in it that it does not wait for: what that writes after the
 *   transaction was committed would be written into the committed one, and be lost. So it forgets that it has given a contact
 *   its privacy token, and gives it again with every second message (`relayMessage` of 7.0.0-rc14; measured: 99 times in 200
 *   messages). A transaction that is over has no store any more, and late writes go to the storage itself.
 */
class SharedAsyncLocalStorage<Store> {
  run<Result>(value: Store, callback: (...args: unknown[]) => Result, ...args: unknown[]): Result {
    const real = sharedStorage()
    const link: Link = { key: this, value, parent: liveLink(real.getStore()), ended: false }
    const result = real.run(link, callback, ...args)
    if (result instanceof Promise) {
      const end = () => {
        link.ended = true
      }
      result.then(end, end)
    }
    return result
  }

  getStore(): Store | undefined {
    for (let link = liveLink(sharedStorage().getStore()); link; link = liveLink(link.parent)) {
      if (link.key === this) return link.value as Store
    }
    return undefined
  }
}

function liveLink(link: Link | undefined): Link | undefined {
  let live = link
  while (live?.ended) live = live.parent
  return live
}

function sharedStorage(): AsyncLocalStorage<Link | undefined> {
  shared ??= new hooks.AsyncLocalStorage<Link | undefined>()
  return shared
}

/**
 * Runs `construct`, which makes a Baileys socket, and lets the AsyncLocalStorage that it makes share one real instance. The
 * replacement is seen by nobody else: everything happens in one synchronous stretch.
 */
export function inAsyncStorageWindow<Result>(construct: () => Result): Result {
  sharedStorage()
  // A value on Node 20 and 22, from 24 on a getter, to which nothing can be assigned.
  const original = Object.getOwnPropertyDescriptor(hooks, 'AsyncLocalStorage') ?? {}
  replaceExport({ value: SharedAsyncLocalStorage, enumerable: true, configurable: true, writable: true })
  try {
    return construct()
  } finally {
    replaceExport(original)
  }
}

function replaceExport(descriptor: PropertyDescriptor): void {
  Object.defineProperty(hooks, 'AsyncLocalStorage', descriptor)
  syncBuiltinESMExports()
}
