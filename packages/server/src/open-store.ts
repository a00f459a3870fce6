import { join } from 'node:path'
import { createMemoryStore, type Store } from '@trunkline/core'
import { createSqliteStore } from '@trunkline/sqlite-store'
import type { Configuration } from './environment.js'

/** The store that the environment asks for. Whoever opens it closes it. */
export function openStore({ STORE, DATA_DIR }: Pick<Configuration, 'STORE' | 'DATA_DIR'>): Store {
  return STORE === 'memory' ? createMemoryStore() : createSqliteStore({ path: join(DATA_DIR, 'trunkline.db') })
}
