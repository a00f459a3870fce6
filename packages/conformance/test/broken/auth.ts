import { type AuthBatch, type AuthKeyRef, type AuthStore, type Store, TrunklineError } from '@trunkline/core/store'
import { at } from '../../src/fixtures.js'
import { auth, type BrokenStore, cached, onceReopened, tick } from './broken-store.js'

const readingFromCache = (read: keyof AuthStore) =>
  auth((port) => cached(port, read, ['commit', 'archive', 'restore', 'purge']))
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
    wrap: onceReopened(
      auth(({ commit }) => ({ commit: (id, batch, { epoch }) => commit(id, batch, { epoch: epoch + 9 }) })),
    ),
  },
  {
    name: 'fences by the newest epoch that its own process has seen',
    caughtBy: 'shuts a former owner out of another instance',
    wrap: (store, { opening }) =>
      opening > 1
        ? store
        : auth(({ commit }) => {
            const seen = new Map<string, number>()
            return {
              async commit(id, batch, { epoch }) {
                const newest = seen.get(id) ?? epoch
                seen.set(id, Math.max(newest, epoch))
                await commit(id, batch, { epoch }).catch((error: unknown) => {
                  if (epoch < newest) throw error
                  return commit(id, batch, { epoch: Number.MAX_SAFE_INTEGER })
                })
              },
            }
          })(store),
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
    wrap: auth(({ commit, readKeys, listKeyIds }) => {
      const joined = <Ref extends AuthKeyRef>(ref: Ref) => ({ ...ref, type: '', id: `${ref.type}|${ref.id}` })
      return {
        commit: (id, { puts = [], deletes = [], ...batch }, options) =>
          commit(id, { ...batch, puts: puts.map(joined), deletes: deletes.map(joined) }, options),
        async readKeys(id, type, ids) {
          const keys = ids.map((key) => `${type}|${key}`)
          const found = await readKeys(id, '', keys)
          return new Map([...found].map(([key, value]) => [key.slice(type.length + 1), value]))
        },
        async listKeyIds(id, type) {
          const keys = await listKeyIds(id, '')
          return keys.filter((key) => key.startsWith(`${type}|`)).map((key) => key.slice(type.length + 1))
        },
      }
    }),
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
    wrap: auth((port) => {
      const lives = new Map<string, number>()
      const inThisLife =
        <Args extends unknown[], Result>(call: (id: string, ...args: Args) => Promise<Result>) =>
        (id: string, ...args: Args) =>
          call(`${id}/${lives.get(id) ?? 0}`, ...args)
      return {
        readCreds: inThisLife(port.readCreds),
        readKeys: inThisLife(port.readKeys),
        listKeyIds: inThisLife(port.listKeyIds),
        commit: inThisLife(port.commit),
        archive: inThisLife(port.archive),
        listArchives: inThisLife(port.listArchives),
        restore: inThisLife(port.restore),
        async purge(id) {
          await inThisLife(port.purge)(id)
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
    wrap: onceReopened(auth(() => ({ readCreds: async () => undefined }))),
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
  {
    name: 'keeps no more than 4 kB of credentials',
    caughtBy: 'keeps credentials byte for byte',
    wrap: auth(({ commit }) => ({
      commit: (id, { creds, ...batch }, options) =>
        commit(id, { ...batch, ...(creds ? { creds: creds.subarray(0, 4_096) } : {}) }, options),
    })),
  },
  {
    name: 'writes a large batch in parts and forgets the credentials then',
    caughtBy: 'takes the 812 pre-keys and the credentials of a pairing at once',
    wrap: auth(({ commit }) => ({
      async commit(id, { puts = [], creds, ...batch }, options) {
        const PART = 500
        for (let start = 0; start === 0 || start < puts.length; start += PART) {
          const whole = puts.length <= PART && creds ? { creds } : {}
          await commit(id, { ...batch, ...whole, puts: puts.slice(start, start + PART) }, options)
        }
      },
    })),
  },
  {
    name: 'lists the first page of key ids and takes it for all',
    caughtBy: 'takes the 812 pre-keys and the credentials of a pairing at once',
    wrap: auth(({ listKeyIds }) => ({ listKeyIds: async (...args) => (await listKeyIds(...args)).slice(0, 500) })),
  },
  {
    name: 'deletes ids whatever their type',
    caughtBy: 'puts and deletes in one batch, and takes an empty one',
    wrap: auth(({ commit }) => ({
      commit(id, { puts = [], deletes = [], ...batch }, options) {
        const types = new Set([...puts, ...deletes].map(({ type }) => type))
        const wide = deletes.flatMap((key) => [...types].map((type) => ({ type, id: key.id })))
        return commit(id, { ...batch, puts, deletes: wide }, options)
      },
    })),
  },
  {
    name: 'notes the session that it is writing where the next call finds it',
    caughtBy: 'keeps the commits of many sessions apart while they run at once',
    wrap: auth(({ commit }) => {
      let writing = ''
      return {
        async commit(id, batch, options) {
          writing = id
          await tick()
          await commit(writing, batch, options)
        },
      }
    }),
  },
  {
    name: 'compares epochs as text',
    caughtBy: 'goes on taking commits of the same epoch and of newer ones',
    wrap: auth(({ commit }) => {
      const newest = new Map<string, string>()
      return {
        async commit(id, batch, options) {
          const epoch = `${options.epoch}`
          if (epoch < (newest.get(id) ?? '')) throw new TrunklineError('LEASE_LOST', { details: { sessionId: id } })
          await commit(id, batch, options)
          newest.set(id, epoch)
        },
      }
    }),
  },
  {
    name: 'fences commits and archives, and restores for anybody',
    caughtBy: 'refuses archive and restore of an older epoch',
    wrap: auth(({ restore }) => ({
      restore: (id, archiveId) => restore(id, archiveId, { epoch: Number.MAX_SAFE_INTEGER }),
    })),
  },
  {
    name: 'fences commits and restores, and archives for anybody',
    caughtBy: 'refuses archive and restore of an older epoch',
    wrap: auth(({ commit, archive }) => {
      const newest = new Map<string, number>()
      return {
        async commit(id, batch, options) {
          await commit(id, batch, options)
          newest.set(id, options.epoch)
        },
        archive: (id, options) => archive(id, { ...options, epoch: newest.get(id) ?? options.epoch }),
      }
    }),
  },
  {
    name: 'reads credentials from a cache that only its own writes refresh',
    caughtBy: 'lets what one instance acknowledged be read by another',
    wrap: readingFromCache('readCreds'),
  },
  {
    name: 'reads keys from a cache that only its own writes refresh',
    caughtBy: 'lets what one instance acknowledged be read by another',
    wrap: readingFromCache('readKeys'),
  },
  {
    name: 'lists keys from a cache that only its own writes refresh',
    caughtBy: 'lets what one instance acknowledged be read by another',
    wrap: readingFromCache('listKeyIds'),
  },
  {
    name: 'restores beside the keys that came since',
    caughtBy: 'restores byte for byte, in the place of loose keys, and takes the archive off the list',
    wrap: auth(({ listKeyIds, readKeys, restore, commit }) => ({
      async restore(id, archiveId, options) {
        const since = await readKeys(id, 'session', await listKeyIds(id, 'session'))
        await restore(id, archiveId, options)
        const puts = [...since].map(([key, value]) => ({ type: 'session', id: key, value }))
        await commit(id, { puts }, options)
      },
    })),
  },
  {
    name: 'finds an archive by its id, whosever it is',
    caughtBy: 'does not find an archive that is not there, nor one of another session',
    wrap: auth(({ archive, restore }) => {
      const owners = new Map<string, string>()
      return {
        async archive(id, options) {
          const made = await archive(id, options)
          if (made) owners.set(made.id, id)
          return made
        },
        restore: (id, archiveId, options) => restore(owners.get(archiveId) ?? id, archiveId, options),
      }
    }),
  },
  {
    name: 'purges a session and keeps its archives',
    caughtBy: 'purges archives by age, and all of a session with it',
    wrap: auth(({ purge, listArchives }) => {
      const kept = new Map<string, Awaited<ReturnType<typeof listArchives>>>()
      return {
        async purge(id) {
          kept.set(id, await listArchives(id))
          await purge(id)
        },
        listArchives: async (id) => [...(await listArchives(id)), ...(kept.get(id) ?? [])],
      }
    }),
  },
  {
    name: 'purges the archives that were made at the given time too',
    caughtBy: 'purges archives by age, and all of a session with it',
    wrap: auth(({ purgeArchives }) => ({
      purgeArchives: ({ before }) => purgeArchives({ before: new Date(Date.parse(before) + 1).toISOString() }),
    })),
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
