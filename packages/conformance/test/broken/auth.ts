import { type AuthBatch, type Store, TrunklineError } from '@trunkline/core'
import { at } from '../../src/fixtures.js'
import { auth, type BrokenStore } from './broken-store.js'

const asText = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString('utf8'))

export const BROKEN_AUTH: BrokenStore[] = [
  {
    name: 'knows the key types of today only',
    caughtBy: 'keeps a type that does not exist yet',
    wrap: auth(({ commit }) => ({
      commit: (id, { puts = [], ...batch }, options) =>
        commit(id, { ...batch, puts: puts.filter(({ type }) => /^[a-z-]+$/.test(type)) }, options),
    })),
  },
  {
    name: 'takes no credentials for empty ones',
    caughtBy: 'has no credentials and no keys before the first commit',
    wrap: auth(({ readCreds }) => ({ readCreds: async (id) => (await readCreds(id)) ?? new Uint8Array() })),
  },
  {
    name: 'takes the first word on the credentials for the last',
    caughtBy: 'reads what was committed last',
    wrap: auth(({ commit, readCreds }) => ({
      async commit(id, { creds, ...batch }, options) {
        const known = await readCreds(id)
        await commit(id, { ...batch, ...(creds && !known ? { creds } : {}) }, options)
      },
    })),
  },
  {
    name: 'forgets the fence when it is closed',
    caughtBy: 'outlives close and open',
    wrap: (store, { opening }) =>
      opening === 1
        ? store
        : auth(({ commit }) => ({ commit: (id, batch, { epoch }) => commit(id, batch, { epoch: epoch + 9 }) }))(store),
  },
  {
    name: 'lets the instance that came first write on',
    caughtBy: 'shuts a former owner out of another instance',
    wrap: (store, { opening }) =>
      opening > 1
        ? store
        : auth(({ commit }) => ({ commit: (id, batch) => commit(id, batch, { epoch: Number.MAX_SAFE_INTEGER }) }))(
            store,
          ),
  },
  {
    name: 'archives what is not there',
    caughtBy: 'archives nothing where there are no credentials',
    wrap: auth(({ archive }) => ({
      archive: async (id, options) =>
        (await archive(id, options)) ?? { id: 'empty', at: options.at, reason: options.reason },
    })),
  },
  {
    name: 'keeps values as text',
    caughtBy: 'keeps every byte, no byte at all, and a megabyte',
    wrap: auth(({ commit }) => ({
      commit: (id, { puts = [], ...batch }, options) =>
        commit(id, { ...batch, puts: puts.map((put) => ({ ...put, value: asText(put.value) })) }, options),
    })),
  },
  {
    name: 'takes an empty value for a missing one',
    caughtBy: 'keeps every byte, no byte at all, and a megabyte',
    wrap: auth(({ readKeys }) => ({
      readKeys: async (...args) => new Map([...(await readKeys(...args))].filter(([, value]) => value.length > 0)),
    })),
  },
  {
    name: 'keeps the whole buffer behind a view',
    caughtBy: 'keeps a view into a larger buffer as the bytes of the view',
    wrap: auth(({ commit }) => ({
      commit: (id, { creds, ...batch }, options) =>
        commit(id, { ...batch, ...(creds ? { creds: new Uint8Array(creds.buffer) } : {}) }, options),
    })),
  },
  {
    name: 'answers something for ids that do not exist',
    caughtBy: 'leaves out the ids that do not exist, and reads none when asked for none',
    wrap: auth(({ readKeys }) => ({
      async readKeys(id, type, ids) {
        const found = await readKeys(id, type, ids)
        return new Map(ids.map((key) => [key, found.get(key) ?? new Uint8Array()]))
      },
    })),
  },
  {
    name: 'puts type and id into one key with a separator that ids may contain',
    caughtBy: 'tells apart ids and types that look alike',
    wrap: auth(({ commit, readKeys }) => ({
      commit: (id, { puts = [], ...batch }, options) =>
        commit(id, { ...batch, puts: puts.map((put) => ({ ...put, type: '', id: `${put.type}|${put.id}` })) }, options),
      async readKeys(id, type, ids) {
        const found = await readKeys(
          id,
          '',
          ids.map((key) => `${type}|${key}`),
        )
        return new Map([...found].map(([key, value]) => [key.slice(type.length + 1), value]))
      },
    })),
  },
  {
    name: 'does not tell upper case from lower case in session ids',
    caughtBy: 'keeps sessions with ids that look alike apart, a purge too',
    wrap: auth(({ commit, readCreds }) => ({
      commit: (id, ...rest) => commit(id.toLowerCase(), ...rest),
      readCreds: (id) => readCreds(id.toLowerCase()),
    })),
  },
  {
    name: 'purges by prefix',
    caughtBy: 'keeps sessions with ids that look alike apart, a purge too',
    wrap: auth(({ purge }) => ({
      purge: async (id) => {
        for (const suffix of ['', '-', '_', '-b', 'a']) await purge(id + suffix)
      },
    })),
  },
  {
    name: 'takes the first of two entries of one batch',
    caughtBy: 'takes the later of two entries of one batch',
    wrap: auth(({ commit }) => ({
      commit: (id, batch, options) => commit(id, { ...batch, puts: [...(batch.puts ?? [])].reverse() }, options),
    })),
  },
  {
    name: 'does not delete',
    caughtBy: 'deletes keys, and takes the deletion of what is not there',
    wrap: auth(({ commit }) => ({ commit: (id, batch, options) => commit(id, { ...batch, deletes: [] }, options) })),
  },
  {
    name: 'keeps the buffers of the caller',
    caughtBy: 'keeps nothing by reference',
    wrap: auth(({ commit, readCreds }) => {
      let creds: Uint8Array | undefined
      return {
        async commit(id, batch, options) {
          creds = batch.creds ?? creds
          await commit(id, batch, options)
        },
        readCreds: async (id) => creds ?? readCreds(id),
      }
    }),
  },
  {
    name: 'takes no more than 1,000 keys in one batch',
    caughtBy: 'takes and reads the 4,000 LID mappings of a history sync at once',
    wrap: auth(({ commit }) => ({
      commit: (id, batch, options) => commit(id, { ...batch, puts: (batch.puts ?? []).slice(0, 1_000) }, options),
    })),
  },
  {
    name: 'has no fence',
    caughtBy: 'refuses a commit of an older epoch and writes nothing of it',
    wrap: auth(({ commit }) => ({ commit: (id, batch) => commit(id, batch, { epoch: 1 }) })),
  },
  {
    name: 'writes before it looks at the fence',
    caughtBy: 'refuses a commit of an older epoch and writes nothing of it',
    wrap: auth(({ commit }) => ({
      async commit(id, batch, options) {
        try {
          await commit(id, batch, options)
        } catch (error) {
          await commit(id, batch, { epoch: 3 })
          throw error
        }
      },
    })),
  },
  {
    name: 'passes over an empty batch',
    caughtBy: 'is raised by an empty batch',
    wrap: auth(({ commit }) => ({
      commit: async (id, batch, options) => (Object.keys(batch).length ? commit(id, batch, options) : undefined),
    })),
  },
  {
    name: 'has one fence for all sessions',
    caughtBy: 'fences each session by itself',
    wrap: auth(({ commit }) => ({
      async commit(id, batch, options) {
        await commit('all', {}, options)
        await commit(id, batch, options)
      },
    })),
  },
  {
    name: 'forgets the fence with a purge',
    caughtBy: 'outlives a purge',
    wrap: auth(({ commit, readCreds, purge }) => {
      const lives = new Map<string, number>()
      const life = (id: string) => `${id}/${lives.get(id) ?? 0}`
      return {
        commit: (id, ...rest) => commit(life(id), ...rest),
        readCreds: (id) => readCreds(life(id)),
        async purge(id) {
          await purge(life(id))
          lives.set(id, (lives.get(id) ?? 0) + 1)
        },
      }
    }),
  },
  {
    name: 'archives a copy and leaves the original in use',
    caughtBy: 'moves credentials and keys out of use and lists the archive',
    wrap: auth(({ readCreds, archive, commit }) => ({
      async archive(id, options) {
        const creds = await readCreds(id)
        const made = await archive(id, options)
        if (creds) await commit(id, { creds }, options)
        return made
      },
    })),
  },
  {
    name: 'restores over credentials in use',
    caughtBy: 'refuses to restore over credentials in use',
    wrap: auth(({ archive, restore }) => ({
      async restore(id, archiveId, options) {
        await archive(id, { ...options, reason: 'overwritten', at: at(0) })
        await restore(id, archiveId, options)
      },
    })),
  },
  {
    name: 'lists archives in the order in which they were made',
    caughtBy: 'lists newest first, each session by itself',
    wrap: auth(({ listArchives }) => ({ listArchives: async (id) => (await listArchives(id)).reverse() })),
  },
  {
    name: 'forgets credentials when it is closed',
    caughtBy: 'finds credentials, keys and archives after close and open',
    wrap: (store, { opening }) => (opening === 1 ? store : auth(() => ({ readCreds: async () => undefined }))(store)),
  },
  {
    name: 'takes a failed read for "no credentials"',
    caughtBy: 'rejects a read that fails and never takes it for "none"',
    wrap: auth(({ readCreds }) => ({ readCreds: (id) => readCreds(id).catch(() => undefined) })),
  },
  {
    name: 'leaves half of a batch behind when the engine fails',
    caughtBy: 'leaves all or nothing of a batch in whose middle the engine fails, and takes it when it is back',
    wrap: (store, { failing }) =>
      failing ? halfCommitting(store, ({ puts = [] }) => ({ puts: puts.slice(0, 1) })) : store,
  },
  {
    name: 'deletes before it puts',
    caughtBy: 'writes inbox, identities, sessions, credentials with other keys, deletes: in this order, or all at once',
    wrap: (store, { failing }) => (failing ? halfCommitting(store, ({ deletes = [] }) => ({ deletes })) : store),
  },
]

/** Fails every commit in its middle, after the part of it that `part` names. */
function halfCommitting(store: Store, part: (batch: AuthBatch) => AuthBatch): Store {
  return auth(({ commit }) => ({
    async commit(id, batch, options) {
      await commit(id, part(batch), options)
      throw new TrunklineError('STORE_UNAVAILABLE')
    },
  }))(store)
}
