import {
  type BaileysAuth,
  type ImportedSession,
  importSession,
  readMultiFileAuth,
  TrunklineError,
} from '@trunkline/core'
import { checkEncryption } from './encryption.js'
import { readEnvironment } from './environment.js'
import { createLogger } from './log.js'
import { openStore } from './open-store.js'
import type { Environment, ServerOptions } from './server.js'

export interface ImportOptions extends ServerOptions {
  /** A folder of Baileys' multi-file state, a folder of such folders, or a `mongodb://` URI. */
  from: string
  /** The collections of a MongoDB; `*` stands for any characters. */
  collections?: readonly string[]
  /** What to call the session; only where there is one account. By its folder, prefix, field or collection unless given. */
  sessionId?: string
  /** Leaves the sessions stopped, instead of having the next start of the server connect them. */
  stopped?: boolean
}

export type ImportOutcome = ImportedSession | { sessionId: string; error: TrunklineError }

/**
 * Takes accounts over from other programs on Baileys into the store that the environment names: what `trunkline import` does.
 * Each account is in as a whole or not at all; one that is refused does not keep the others out.
 *
 * @throws CONFIG_INVALID · IMPORT_FAILED when there is no account to be found · VALIDATION_FAILED · the codes of stores
 */
export async function importAccounts(env: Environment, options: ImportOptions): Promise<ImportOutcome[]> {
  const configuration = readEnvironment(env)
  const accounts = await readAccounts(options)
  if (options.sessionId !== undefined && accounts.length > 1) {
    const errors = [{ field: 'sessionId', message: `cannot name ${accounts.length} accounts` }]
    throw new TrunklineError('VALIDATION_FAILED', {
      message: `--session cannot name ${accounts.length} accounts`,
      details: { errors },
    })
  }
  const { store, storedAuth } = await openStore(configuration, options.logger ?? createLogger(configuration.LOG_LEVEL))
  try {
    await store.setup()
    await checkEncryption(store, storedAuth, configuration.AUTH_ENCRYPTION_KEY ?? [])
    const outcomes: ImportOutcome[] = []
    for (const account of accounts) {
      const sessionId = options.sessionId ?? toSessionId(account.name)
      const { PRELOAD_CHATS_TYPE: type, PRELOAD_CHATS_LIMIT: limit } = configuration
      const settings = { preload: { type, limit } }
      const desired = options.stopped ? 'stopped' : 'running'
      outcomes.push(
        await importSession(store, account, { sessionId, settings, desired }).catch((error: unknown) => {
          if (TrunklineError.is(error) && !error.retryable) return { sessionId, error }
          throw error
        }),
      )
    }
    return outcomes
  } finally {
    await store.close()
  }
}

async function readAccounts({ from, collections = [] }: ImportOptions): Promise<BaileysAuth[]> {
  if (!/^mongodb(\+srv)?:\/\//.test(from)) return readMultiFileAuth(from)
  const { readMongoAuth } = await import('@trunkline/mongo-store')
  return readMongoAuth({ uri: from, collections })
}

/** The name with what no session id may have replaced. */
function toSessionId(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 64)
}
