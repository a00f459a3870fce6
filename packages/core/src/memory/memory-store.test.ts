import { storeSuite } from '@trunkline/conformance'
import { createMemoryStore } from './memory-store.js'

/** The backend is where `open` keeps its one store: two instances on one backend are one object. */
storeSuite({
  name: 'memory',
  backend: async () => new Map<'store', ReturnType<typeof createMemoryStore>>(),
  async open(backend, { clock }) {
    const store = backend.get('store') ?? createMemoryStore({ clock })
    backend.set('store', store)
    return store
  },
  lacks: { durable: 'nothing survives the process' },
})
