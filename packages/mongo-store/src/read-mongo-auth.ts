import { type BaileysAuth, TrunklineError } from '@trunkline/core/store'
import { MongoClient } from 'mongodb'
import { assembleAccounts, type BaileysDocument } from './baileys-documents.js'

export interface ReadMongoAuthOptions {
  uri: string
  /** Unless given, the database that the URI names. */
  databaseName?: string
  /** Names of collections; `*` stands for any characters, as in `auth_*`. */
  collections: readonly string[]
}

/**
 * Reads what the usual `useMongoDBAuthState` functions and `mongo-baileys` keep in a MongoDB. Nothing is changed there.
 *
 * @throws IMPORT_FAILED when there is no account in the collections · STORE_UNAVAILABLE
 */
export async function readMongoAuth(options: ReadMongoAuthOptions): Promise<BaileysAuth[]> {
  try {
    return await readAccounts(options)
  } catch (cause) {
    if (TrunklineError.is(cause)) throw cause
    // Not to be mistaken for the store that is imported into.
    throw new TrunklineError('STORE_UNAVAILABLE', { message: 'The MongoDB to import from cannot be read', cause })
  }
}

async function readAccounts({ uri, databaseName, collections }: ReadMongoAuthOptions): Promise<BaileysAuth[]> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5_000 })
  try {
    const database = client.db(databaseName)
    const existing = (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)
    const wanted = existing.filter((name) => collections.some((pattern) => fits(pattern, name))).sort()
    if (wanted.length === 0)
      throw failed(`There is no such collection; there are: ${existing.sort().join(', ') || 'none'}`)
    const documents: BaileysDocument[] = []
    for (const collection of wanted) {
      const found = database.collection(collection).find({}, { promoteBuffers: true, batchSize: 1_000 })
      for await (const document of found) documents.push({ collection, document })
    }
    const accounts = assembleAccounts(documents)
    if (accounts.length === 0) throw failed(`There are no credentials of Baileys in ${wanted.join(', ')}`)
    return accounts
  } finally {
    await client.close()
  }
}

function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}

function failed(message: string): TrunklineError {
  return new TrunklineError('IMPORT_FAILED', { message })
}
