import { join } from 'node:path'
import {
  type AuthStore,
  createFileAuthStore,
  createMemoryStore,
  createSealedAuthStore,
  createWitnessedAuthStore,
  type Logger,
  type SealedAuthStore,
  type Store,
} from '@trunkline/core'
import { continueEpochs } from './continued-epochs.js'
import type { Configuration } from './environment.js'

export interface OpenStore {
  store: Store
  /** Credentials and keys as they are stored: sealed, when they are. */
  storedAuth: AuthStore
  /** What seals them; left out without AUTH_ENCRYPTION_KEY. */
  sealedAuth?: SealedAuthStore
}

/** The store that the environment asks for; only its engine is loaded. Whoever opens it closes it. */
export async function openStore(configuration: Configuration, logger: Logger): Promise<OpenStore> {
  const { AUTH_STORAGE, AUTH_ENCRYPTION_KEY, DATA_DIR, STORE } = configuration
  const engine = await openEngine(configuration)
  const files = AUTH_STORAGE === 'file' ? createFileAuthStore({ folder: join(DATA_DIR, 'auth') }) : undefined
  const storedAuth = files ?? engine.auth
  const sealedAuth = AUTH_ENCRYPTION_KEY && createSealedAuthStore(storedAuth, { keys: AUTH_ENCRYPTION_KEY, logger })
  const auth = sealedAuth ?? storedAuth
  // What does not survive the process cannot be put back either.
  const lasting = files !== undefined || STORE !== 'memory'
  const store: Store = {
    ...engine,
    auth: lasting ? createWitnessedAuthStore(auth, { folder: join(DATA_DIR, 'witness'), logger }) : auth,
    leases: files ? continueEpochs(engine.leases, files.highestEpoch) : engine.leases,
    async close() {
      await sealedAuth?.close()
      await files?.close()
      await engine.close()
    },
    async health() {
      const { capabilities, ...health } = await engine.health()
      const auth = { authStorage: files ? 'file' : STORE, authEncrypted: sealedAuth !== undefined }
      return { ...health, capabilities: { ...capabilities, ...auth } }
    },
  }
  return { store, storedAuth, ...(sealedAuth ? { sealedAuth } : {}) }
}

async function openEngine({ STORE, DATA_DIR, MONGODB_URI = '' }: Configuration): Promise<Store> {
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
