import type { AsyncLocalStorage } from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'

/** The one object behind every import of the module, whose properties can be replaced. */
const hooks = process.getBuiltinModule('node:async_hooks') as { AsyncLocalStorage: typeof AsyncLocalStorage }

interface Link {
  key: object
  value: unknown
  parent: Link | undefined
}

let shared: AsyncLocalStorage<Link | undefined> | undefined

/**
 * Many stores in one real AsyncLocalStorage: before Node 24 every instance that was ever used is copied with every promise
 * that is made, so one per socket makes each promise of the process cost as much as there are sockets (measured: 5.8 ms of
 * CPU per message with 60 accounts, 2.0 ms with one shared instance).
 */
class SharedAsyncLocalStorage<Store> {
  run<Result>(value: Store, callback: (...args: unknown[]) => Result, ...args: unknown[]): Result {
    const real = sharedStorage()
    return real.run({ key: this, value, parent: real.getStore() }, callback, ...args)
  }

  getStore(): Store | undefined {
    for (let link = sharedStorage().getStore(); link; link = link.parent) {
      if (link.key === this) return link.value as Store
    }
    return undefined
  }
}

function sharedStorage(): AsyncLocalStorage<Link | undefined> {
  shared ??= new hooks.AsyncLocalStorage<Link | undefined>()
  return shared
}

/**
 * Runs `construct`, which makes a Baileys socket, and lets the AsyncLocalStorage that it makes share one real instance. The
 * replacement is seen by nobody else: everything happens in one synchronous stretch. From Node 24 on nothing is replaced.
 */
export function inAsyncStorageWindow<Result>(construct: () => Result, nodeVersion = process.versions.node): Result {
  if (Number.parseInt(nodeVersion, 10) >= 24) return construct()
  sharedStorage()
  const original = hooks.AsyncLocalStorage
  hooks.AsyncLocalStorage = SharedAsyncLocalStorage as unknown as typeof AsyncLocalStorage
  syncBuiltinESMExports()
  try {
    return construct()
  } finally {
    hooks.AsyncLocalStorage = original
    syncBuiltinESMExports()
  }
}
