import { join } from 'node:path'
import { createMemoryStore, type Store } from '@trunkline/core'
import type { Configuration } from './environment.js'

/** The store that the environment asks for; only its engine is loaded. Whoever opens it closes it. */
export async function openStore({ STORE, DATA_DIR, MONGODB_URI = '' }: Configuration): Promise<Store> {
  switch (STORE) {
    case 'memory':
      return createMemoryStore()
    case 'sqlite': {
      const { createSqliteStore } = await import('@trunkline/sqlite-store')
      return createSqliteStore({ path: join(DATA_DIR, 'trunkline.db') })
    }
    case 'mongo': {
      const { createMongoStore } = await import('@trunkline/mongo-store')
      return createMongoStore({ uri: MONGODB_URI })
    }
  }
}
