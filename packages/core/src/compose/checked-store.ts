import { toStoreError } from '../errors/store-error.js'
import type { Store } from '../ports/store.js'
import { guarded } from '../util/guarded.js'

/**
 * The store as everything in here uses it: whatever its ports reject with is a Trunkline error, as `Store` promises, also where
 * the author of a store has forgotten it.
 */
export function checkedStore(store: Store): Store {
  const checked = new Map<unknown, unknown>()
  return new Proxy(guarded(store, toStoreError), {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'object' || value === null) return value
      const port = checked.get(value) ?? guarded(value, toStoreError)
      checked.set(value, port)
      return port
    },
  })
}
