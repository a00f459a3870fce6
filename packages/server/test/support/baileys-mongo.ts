import { type AuthenticationState, BufferJSON, initAuthCreds, proto, type SignalDataSet } from '@whiskeysockets/baileys'
import type { Db } from 'mongodb'
import type { BaileysState } from './plain-baileys.js'

/** How a program keeps one value under its name. */
interface Shape {
  read(name: string): Promise<unknown>
  write(name: string, value: unknown): Promise<unknown>
  remove(name: string): Promise<unknown>
}

const toJson = (value: unknown): string => JSON.stringify(value, BufferJSON.replacer)
const fromJson = (json: string): unknown => JSON.parse(json, BufferJSON.reviver)

/** What the functions called `useMongoDBAuthState` are found to do, each for an account `shop`. */
export const shapes = {
  'one collection for each account, values spread over documents': (database) => {
    const collection = database.collection<{ _id: string }>('shop')
    return {
      read: async (name) => {
        const found = await collection.findOne({ _id: name })
        return found && fromJson(JSON.stringify(found))
      },
      // Spreads texts and lists, too, into `{ 0: …, 1: … }`: so it is done there.
      write: (name, value) =>
        collection.updateOne({ _id: name }, { $set: { ...JSON.parse(toJson(value)) } }, { upsert: true }),
      remove: (name) => collection.deleteOne({ _id: name }),
    }
  },
  'a prefix before names, values as JSON': (database) => {
    const collection = database.collection<{ _id: string; value: string }>('auth')
    return {
      read: async (name) => {
        const found = await collection.findOne({ _id: `shop:${name}` })
        return found && fromJson(found.value)
      },
      write: (name, value) =>
        collection.replaceOne({ _id: `shop:${name}` }, { value: toJson(value) }, { upsert: true }),
      remove: (name) => collection.deleteOne({ _id: `shop:${name}` }),
    }
  },
  'the account and the name in fields, values as objects': (database) => {
    const collection = database.collection<{ sessionId: string; key: string; data: unknown }>('auth')
    const document = (name: string) => ({ sessionId: 'shop', key: name })
    return {
      read: async (name) => {
        const found = await collection.findOne(document(name))
        return found && fromJson(JSON.stringify(found.data))
      },
      write: (name, value) =>
        collection.updateOne(document(name), { $set: { data: JSON.parse(toJson(value)) } }, { upsert: true }),
      remove: (name) => collection.deleteOne(document(name)),
    }
  },
  'values as they are, bytes as binary': (database) => {
    const collection = database.collection<{ _id: string; value: unknown }>('shop', { promoteBuffers: true })
    return {
      read: async (name) => (await collection.findOne({ _id: name }))?.value ?? null,
      write: (name, value) => collection.replaceOne({ _id: name }, { value }, { upsert: true }),
      remove: (name) => collection.deleteOne({ _id: name }),
    }
  },
} satisfies Record<string, (database: Db) => Shape>

/** The auth state of a program that keeps values so. */
export async function useMongoAuthState({ read, write, remove }: Shape): Promise<BaileysState> {
  const creds = ((await read('creds')) ?? initAuthCreds()) as AuthenticationState['creds']
  const keys = {
    async get(type: string, ids: string[]) {
      const values = ids.map(async (id) => {
        const value = await read(`${type}-${id}`)
        const isAppStateKey = type === 'app-state-sync-key' && value !== null
        return [id, isAppStateKey ? proto.Message.AppStateSyncKeyData.fromObject(value as object) : value]
      })
      return Object.fromEntries(await Promise.all(values))
    },
    async set(data: SignalDataSet) {
      const writes = Object.entries(data).flatMap(([type, values]) =>
        Object.entries(values ?? {}).map(([id, value]) =>
          value ? write(`${type}-${id}`, value) : remove(`${type}-${id}`),
        ),
      )
      await Promise.all(writes)
    },
  }
  return { state: { creds, keys: keys as AuthenticationState['keys'] }, saveCreds: () => write('creds', creds) }
}
