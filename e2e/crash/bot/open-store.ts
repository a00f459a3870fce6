import { join } from 'node:path'
import { createFileAuthStore, type Store } from '@trunkline/core'
import { createMongoStore } from '@trunkline/mongo-store'
import { createSqliteStore } from '@trunkline/sqlite-store'

/** A store by what survives of it: a folder, or a database on a server. `files`: credentials as files, the rest in SQLite. */
export type StoreChoice =
  | { kind: 'sqlite' | 'files'; folder: string }
  | { kind: 'mongo'; uri: string; databaseName: string }

export function openStore(choice: StoreChoice): Store {
  if (choice.kind === 'mongo') return createMongoStore({ uri: choice.uri, databaseName: choice.databaseName })
  const store = createSqliteStore({ path: join(choice.folder, 'bot.db') })
  return choice.kind === 'sqlite'
    ? store
    : { ...store, auth: createFileAuthStore({ folder: join(choice.folder, 'auth') }) }
}
