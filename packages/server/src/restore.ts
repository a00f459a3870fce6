import { type RestoredSession, restoreSession, TrunklineError } from '@trunkline/core'
import type { AuthArchive } from '@trunkline/core/store'
import { checkEncryption } from './encryption.js'
import { readEnvironment } from './environment.js'
import { createLogger } from './log.js'
import { type OpenStore, openStore } from './open-store.js'
import type { Environment, ServerOptions } from './server.js'

export interface RestoreOptions extends ServerOptions {
  sessionId: string
  /** The newest archive unless given. */
  archiveId?: string
  /** Leaves the session stopped, instead of having the next start of the server connect it. */
  stopped?: boolean
}

/** The archived credentials of a session, newest first: what `trunkline restore <session>` shows. */
export async function listArchives(
  env: Environment,
  { sessionId, logger }: Pick<RestoreOptions, 'sessionId' | 'logger'>,
): Promise<AuthArchive[]> {
  return withStore(env, { logger }, async ({ store }) => {
    if (!(await store.sessions.get(sessionId)))
      throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId } })
    return store.auth.listArchives(sessionId)
  })
}

/**
 * Puts archived credentials back in use: what `trunkline restore <session> <archive>` does.
 *
 * @throws what `restoreSession` of core throws · CONFIG_INVALID · the codes of stores
 */
export async function restore(env: Environment, options: RestoreOptions): Promise<RestoredSession> {
  const { sessionId, archiveId, stopped, logger } = options
  return withStore(env, { logger }, ({ store }) =>
    restoreSession(store, {
      sessionId,
      ...(archiveId === undefined ? {} : { archiveId }),
      desired: stopped ? 'stopped' : 'running',
    }),
  )
}

async function withStore<Result>(
  env: Environment,
  { logger }: { logger: ServerOptions['logger'] | undefined },
  work: (opened: OpenStore) => Promise<Result>,
): Promise<Result> {
  const configuration = readEnvironment(env)
  const opened = await openStore(configuration, logger ?? createLogger(configuration.LOG_LEVEL))
  try {
    await opened.store.setup()
    await checkEncryption(opened.store, opened.storedAuth, configuration.AUTH_ENCRYPTION_KEY ?? [])
    return await work(opened)
  } finally {
    await opened.store.close()
  }
}
