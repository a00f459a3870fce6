import { join, resolve } from 'node:path'
import {
  type AuthStore,
  createFileAuthStore,
  createMemoryStore,
  createSealedAuthStore,
  createWitnessedAuthStore,
  type Logger,
  type SealedAuthStore,
  type Store,
  TrunklineError,
} from '@trunkline/core'
import { continueEpochs } from './continued-epochs.js'
import type { Configuration } from './environment.js'
import { atVariable, explain } from './explain.js'
import { WriteProbe } from './write-probe.js'

export interface OpenStore {
  store: Store
  /** Credentials and keys as they are stored: sealed, when they are. */
  storedAuth: AuthStore
  /** What seals them; left out without AUTH_ENCRYPTION_KEY. */
  sealedAuth?: SealedAuthStore
  /** Rejects when something of it does not take writes. */
  checkWrites(): Promise<void>
}

/**
 * The store that the environment asks for; only its engine is loaded. Whoever opens it closes it. What fails when it is set up
 * names the variable.
 */
export async function openStore(configuration: Configuration, logger: Logger): Promise<OpenStore> {
  const { AUTH_STORAGE, AUTH_ENCRYPTION_KEY, DATA_DIR, STORE } = configuration
  const engine = await openEngine(configuration)
  const folder = AUTH_STORAGE === 'file' ? join(DATA_DIR, 'auth') : undefined
  const files = folder === undefined ? undefined : createFileAuthStore({ folder })
  const probe = new WriteProbe({ leases: engine.leases, ...(folder === undefined ? {} : { folder }) })
  const checkWrites = () => naming(configuration, () => probe.check())
  const storedAuth = files ?? engine.auth
  const sealedAuth = AUTH_ENCRYPTION_KEY && createSealedAuthStore(storedAuth, { keys: AUTH_ENCRYPTION_KEY, logger })
  const auth = sealedAuth ?? storedAuth
  // What does not survive the process cannot be put back either.
  const lasting = files !== undefined || STORE !== 'memory'
  const store: Store = {
    ...engine,
    auth: lasting ? createWitnessedAuthStore(auth, { folder: join(DATA_DIR, 'witness'), logger }) : auth,
    leases: files ? continueEpochs(engine.leases, files.highestEpoch) : engine.leases,
    async setup() {
      await naming(configuration, () => engine.setup())
      await checkWrites()
    },
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
  return { store, storedAuth, checkWrites, ...(sealedAuth ? { sealedAuth } : {}) }
}

/** Which variable says where the store is. */
async function naming<Result>({ STORE, DATA_DIR }: Configuration, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw atVariable(error, STORE === 'mongo' ? 'MONGODB_URI' : `DATA_DIR ${resolve(DATA_DIR)}`)
  }
}

async function openEngine({ STORE, DATA_DIR, MEDIA_DIR, MONGODB_URI = '' }: Configuration): Promise<Store> {
  switch (STORE) {
    case 'memory':
      return createMemoryStore()
    case 'sqlite': {
      const { createSqliteStore } = await import('@trunkline/sqlite-store')
      return createSqliteStore({
        path: join(DATA_DIR, 'trunkline.db'),
        mediaFolder: MEDIA_DIR ?? join(DATA_DIR, 'media'),
      })
    }
    case 'mongo': {
      const { createMongoStore } = await import('@trunkline/mongo-store')
      try {
        return createMongoStore({ uri: MONGODB_URI })
      } catch (cause) {
        throw wrongUri(cause)
      }
    }
  }
}

/** The driver reads the URI when it is made. */
function wrongUri(cause: unknown): TrunklineError {
  const error = { field: 'MONGODB_URI', message: explain(cause) }
  return new TrunklineError('CONFIG_INVALID', {
    message: `${error.field} ${error.message}`,
    cause,
    details: { errors: [error] },
  })
}
