import { type AuthBatch, type Store, TrunklineError } from '@trunkline/core'
import { ALICE, at, session } from '../src/fixtures.js'

/** A memory store with one mistake, and a test that has to fail because of it. */
export interface BrokenStore {
  /** The mistake. */
  name: string
  /** The test that catches it. */
  caughtBy: string
  /** `opening` counts from 1; `failing` is set for the store whose engine is about to fail. */
  wrap(store: Store, context: { opening: number; failing: boolean }): Store
}

const with_ = <Port extends 'auth' | 'sessions' | 'messages' | 'chats' | 'users' | 'leases' | 'events'>(
  store: Store,
  port: Port,
  methods: (port: Store[Port]) => Partial<Store[Port]>,
): Store => ({ ...store, [port]: { ...store[port], ...methods(store[port]) } })

const auth = (methods: (auth: Store['auth']) => Partial<Store['auth']>) => (store: Store) =>
  with_(store, 'auth', methods)
const sessions = (methods: (port: Store['sessions']) => Partial<Store['sessions']>) => (store: Store) =>
  with_(store, 'sessions', methods)
const messages = (methods: (port: Store['messages']) => Partial<Store['messages']>) => (store: Store) =>
  with_(store, 'messages', methods)
const chats = (methods: (port: Store['chats']) => Partial<Store['chats']>) => (store: Store) =>
  with_(store, 'chats', methods)
const users = (methods: (port: Store['users']) => Partial<Store['users']>) => (store: Store) =>
  with_(store, 'users', methods)
const leases = (methods: (port: Store['leases']) => Partial<Store['leases']>) => (store: Store) =>
  with_(store, 'leases', methods)
const events = (methods: (port: Store['events']) => Partial<Store['events']>) => (store: Store) =>
  with_(store, 'events', methods)

const tick = () => new Promise((resolve) => setImmediate(resolve))
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

export const BROKEN_SESSIONS: BrokenStore[] = [
  {
    name: 'overwrites an id in use',
    caughtBy: 'refuses an id in use and writes nothing',
    wrap: sessions(({ insert, remove }) => ({
      async insert(record) {
        await remove(record.id)
        return insert(record)
      },
    })),
  },
  {
    name: 'looks before it inserts, and does not look again',
    caughtBy: 'gives an id to one of many that want it at once',
    wrap: sessions(({ get, insert, remove }) => ({
      async insert(record) {
        if (await get(record.id)) return false
        await tick()
        await remove(record.id)
        return insert(record)
      },
    })),
  },
  {
    name: 'answers missing fields as undefined',
    caughtBy: 'keeps a record with every field and one with none that may be missing',
    wrap: sessions(({ get }) => ({
      async get(id) {
        const record = await get(id)
        return record && ({ label: undefined, ...record } as typeof record)
      },
    })),
  },
  {
    name: 'takes dots in metadata for paths',
    caughtBy: 'keeps a record with every field and one with none that may be missing',
    wrap: sessions(({ insert }) => ({
      insert: (record) =>
        insert({
          ...record,
          metadata: Object.fromEntries(
            Object.entries(record.metadata).map(([key, value]) => [key.split('.')[0] ?? '', value]),
          ),
        }),
    })),
  },
  {
    name: 'lists in the order of insertion',
    caughtBy: 'lists by id, ascending, each record once, with a cursor only where there is more',
    wrap: sessions(({ list }) => ({
      async list(options) {
        const page = await list(options)
        return { ...page, items: page.items.reverse() }
      },
    })),
  },
  {
    name: 'lists deleted sessions',
    caughtBy: 'leaves out deleted sessions, and filters by ids and by what is desired, on every page',
    wrap: sessions(({ list }) => ({ list: (options) => list({ ...options, includeDeleted: true }) })),
  },
  {
    name: 'lists every deleted session, whenever it was deleted',
    caughtBy: 'lists those that were deleted before a time, and no other',
    wrap: sessions(({ list }) => ({
      list: ({ deletedBefore, ...options }) =>
        list({ ...options, ...(deletedBefore ? { deletedBefore: '9999-12-31T00:00:00.000Z' } : {}) }),
    })),
  },
  {
    name: 'filters after it has cut the page',
    caughtBy: 'leaves out deleted sessions, and filters by ids and by what is desired, on every page',
    wrap: sessions(({ list }) => ({
      async list({ desired, ...options }) {
        const page = await list(options)
        return { ...page, items: page.items.filter((record) => !desired || record.desired === desired) }
      },
    })),
  },
  {
    name: 'takes any text for a cursor',
    caughtBy: 'refuses a cursor that is none',
    wrap: sessions(({ list }) => ({ list: (options) => list(options).catch(() => list({ limit: options.limit })) })),
  },
  {
    name: 'leaves a field that is set to null as null',
    caughtBy: 'writes the fields that are given, removes those that are null, and raises the revision by one',
    wrap: sessions(({ update }) => ({
      async update(id, changes, options) {
        const record = await update(id, changes, options)
        const nulls = Object.entries(changes).filter(([, value]) => value === null)
        return record && { ...record, ...Object.fromEntries(nulls) }
      },
    })),
  },
  {
    name: 'does not compare revisions',
    caughtBy: 'writes only on the expected revision',
    wrap: sessions(({ update }) => ({ update: (id, changes) => update(id, changes) })),
  },
  {
    name: 'adds by reading and writing back',
    caughtBy: 'loses no increment when many come at once, also beside updates',
    wrap: sessions(({ get, increment }) => ({
      async increment(increments) {
        for (const { sessionId, counters } of increments) {
          const before = (await get(sessionId))?.counters.received ?? 0
          await tick()
          const now = (await get(sessionId))?.counters.received ?? 0
          await increment([{ sessionId, counters: { ...counters, received: before + (counters.received ?? 0) - now } }])
        }
      },
    })),
  },
  {
    name: 'raises the revision with every increment',
    caughtBy: 'loses no increment when many come at once, also beside updates',
    wrap: sessions(({ increment, update }) => ({
      async increment(increments) {
        await increment(increments)
        for (const { sessionId } of increments) await update(sessionId, {})
      },
    })),
  },
  {
    name: 'makes sessions out of increments',
    caughtBy: 'adds to the counters of many sessions and passes over those that are not there',
    wrap: sessions(({ insert, increment }) => ({
      async increment(increments) {
        for (const { sessionId } of increments) await insert(session(sessionId))
        await increment(increments)
      },
    })),
  },
  {
    name: 'takes whatever last activity comes last',
    caughtBy: 'moves the last activity forward only',
    wrap: sessions(({ increment, update }) => ({
      async increment(increments) {
        await increment(increments)
        for (const { sessionId, lastActivityAt } of increments) {
          if (lastActivityAt) await update(sessionId, { lastActivityAt })
        }
      },
    })),
  },
]

export const BROKEN_REFERENCE: BrokenStore[] = [
  {
    name: 'counts a message as unread once more when it is told again',
    caughtBy: 'gives them after each of many random sequences of operations (seed 1)',
    wrap: (store) =>
      messages(({ upsert }) => ({
        async upsert(id, given) {
          const result = await upsert(id, given)
          for (const [place, { chatId, fromMe }] of given.entries()) {
            const { unreadCount = 0 } = (await store.chats.get(id, chatId)) ?? {}
            const again = !result.inserted[place] && !fromMe
            if (again) await store.chats.upsert(id, [{ id: chatId, unreadCount: unreadCount + 1 }])
          }
          return result
        },
      }))(store),
  },
  {
    name: 'says of a phone number that its LID is its phone number',
    caughtBy: 'gives them after each of many random sequences of operations (seed 2026)',
    wrap: chats(({ phonesOf, resolve }) => ({
      async phonesOf(id, jids) {
        const lids = await resolve(id, jids)
        const numbers = jids.flatMap((jid, place) => (lids[place] === jid ? [] : [[jid, lids[place] ?? jid] as const]))
        return new Map([...(await phonesOf(id, jids)), ...numbers])
      },
    })),
  },
]

export const BROKEN_MESSAGES: BrokenStore[] = [
  {
    name: 'counts the vote that arrived last',
    caughtBy: 'counts the last vote of each person, whenever it arrives, and marks media as stored',
    wrap: messages(({ change }) => {
      let told = 0
      return {
        change: (id, ref, given) => change(id, ref, given.kind === 'vote' ? { ...given, at: at(told++) } : given),
      }
    }),
  },
  {
    name: 'says that every message is new',
    caughtBy: 'tells new messages from those that are there, over calls and within one',
    wrap: messages(({ upsert }) => ({
      async upsert(id, given) {
        const { chatsCreated } = await upsert(id, given)
        return { inserted: given.map(() => true), chatsCreated }
      },
    })),
  },
  {
    name: 'knows messages by their id alone',
    caughtBy: 'tells apart messages with one id in different chats, by different senders and in different sessions',
    wrap: messages(({ find, upsert }) => ({
      async upsert(id, given) {
        const known = new Set<string>()
        for (const { id: messageId } of given) if ((await find(id, { id: messageId })).length) known.add(messageId)
        const fresh = given.filter(({ id: messageId }) => !known.has(messageId) && known.add(messageId))
        const { inserted, chatsCreated } = await upsert(id, fresh)
        return { inserted: given.map((message) => fresh.includes(message) && inserted.length > 0), chatsCreated }
      },
    })),
  },
  {
    name: 'takes the newest word on a message for the best',
    caughtBy: 'leaves a known message as it is, fills in a missing protobuf and moves its status forward',
    wrap: messages(({ upsert, change }) => {
      let told = 0
      return {
        async upsert(id, given) {
          const outcome = await upsert(id, given)
          for (const { id: messageId, text = '' } of given) {
            await change(id, { id: messageId }, { kind: 'edit', text, at: at(told++) })
          }
          return outcome
        },
      }
    }),
  },
  {
    name: 'keeps no protobuf',
    caughtBy: 'keeps every byte of the protobuf beside it, an empty one too',
    wrap: messages(({ upsert }) => ({
      upsert: (id, given) =>
        upsert(
          id,
          given.map(({ raw: _, ...rest }) => rest),
        ),
    })),
  },
  {
    name: 'counts the messages of the account itself as unread',
    caughtBy: 'grows more unread by new inbound messages that are neither history nor deleted',
    wrap: (store) =>
      messages(({ upsert }) => ({
        async upsert(id, given) {
          const outcome = await upsert(id, given)
          for (const { chatId, fromMe } of given) {
            const unreadCount = (await store.chats.get(id, chatId))?.unreadCount ?? 0
            if (fromMe) await store.chats.upsert(id, [{ id: chatId, unreadCount: unreadCount + 1 }])
          }
          return outcome
        },
      }))(store),
  },
  {
    name: 'counts a message that it knows already as unread again',
    caughtBy: 'grows more unread by new inbound messages that are neither history nor deleted',
    wrap: (store) =>
      messages(({ upsert }) => ({
        async upsert(id, given) {
          const outcome = await upsert(id, given)
          for (const [n, { chatId }] of given.entries()) {
            const unreadCount = (await store.chats.get(id, chatId))?.unreadCount ?? 0
            if (!outcome.inserted[n]) await store.chats.upsert(id, [{ id: chatId, unreadCount: unreadCount + 1 }])
          }
          return outcome
        },
      }))(store),
  },
  {
    name: 'shows the last message as it was when it was stored',
    caughtBy: 'shows its last message as it is now',
    wrap: chats(({ get }) => ({
      async get(...args) {
        const chat = await get(...args)
        return chat?.lastMessage ? { ...chat, lastMessage: { ...chat.lastMessage, status: 'pending' } } : chat
      },
    })),
  },
  {
    name: 'changes only the first message that the ref names',
    caughtBy: 'changes every message that the ref names, and no other',
    wrap: messages(({ find, change }) => ({
      async change(id, ref, change_) {
        const [first] = await find(id, ref)
        return first ? change(id, { id: first.id, chatId: first.chatId, senderId: first.senderId }, change_) : []
      },
    })),
  },
  {
    name: 'changes a message by reading and writing back',
    caughtBy: 'loses none of many changes that come at once',
    wrap: messages(({ find, change }) => ({
      async change(id, ref, given) {
        const before = (await find(id, ref))[0]?.reactions ?? []
        await tick()
        const now = (await find(id, ref))[0]?.reactions ?? []
        for (const { senderId, at: time } of now) {
          if (before.some((reaction) => reaction.senderId === senderId)) continue
          await change(id, ref, { kind: 'reaction', senderId, emoji: '', at: time })
        }
        return change(id, ref, given)
      },
    })),
  },
  {
    name: 'lists what is pending newest first',
    caughtBy: 'lists outbound messages that are still pending, oldest first',
    wrap: messages(({ listPending }) => ({ listPending: async (id) => (await listPending(id)).reverse() })),
  },
  {
    name: 'pages by time alone',
    caughtBy: 'pages newest first by time and id, each message once',
    wrap: messages(({ page }) => ({
      async page(id, query) {
        const found = await page(id, query)
        const last = found.items.at(-1)?.timestamp
        return found.nextCursor && last ? { ...found, nextCursor: last } : found
      },
    })),
  },
  {
    name: 'pages newest first whatever it is asked for',
    caughtBy: 'pages the other way after a time or a cursor, oldest first',
    wrap: messages(({ page }) => ({
      async page(id, query) {
        const found = await page(id, query)
        return query.after ? { ...found, items: found.items.reverse() } : found
      },
    })),
  },
  {
    name: 'pages by number instead of by place',
    caughtBy: 'neither repeats nor passes over a message when newer ones arrive between two pages',
    wrap: messages(({ page }) => ({
      async page(id, { before, limit, ...query }) {
        const skipped = before?.startsWith('skip') ? Number(before.slice(4)) : 0
        const { items } = await page(id, { limit: 200, ...query, ...(before && !skipped ? { before } : {}) })
        const more = items.length > skipped + limit
        return {
          items: items.slice(skipped, skipped + limit),
          ...(more ? { nextCursor: `skip${skipped + limit}` } : {}),
        }
      },
    })),
  },
  {
    name: 'compares times as text',
    caughtBy: 'takes a time in any spelling of ISO 8601 as a boundary, its own messages left out',
    wrap: messages(({ page }) => ({
      page: (id, query) =>
        page(id, { ...query, ...(query.before ? { before: query.before.replace(/\+01:00$/, 'Z') } : {}) }),
    })),
  },
  {
    name: 'folds the case of ASCII only',
    caughtBy: 'finds a part of the text in any case and language, taken literally',
    wrap: messages(({ page }) => ({
      async page(id, query) {
        const found = await page(id, query)
        const part = query.text?.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) ?? ''
        const fold = (text = '') => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
        return { ...found, items: found.items.filter(({ text }) => fold(text).includes(part)) }
      },
    })),
  },
  {
    name: 'takes the text for a pattern',
    caughtBy: 'finds a part of the text in any case and language, taken literally',
    wrap: messages(({ page }) => ({
      async page(id, { text, ...query }) {
        const found = await page(id, query)
        if (text === undefined) return found
        const pattern = new RegExp(text.replaceAll('%', '.*').replaceAll('_', '.').replaceAll('\\', '\\\\'), 'i')
        return { items: found.items.filter((message) => pattern.test(message.text ?? '')) }
      },
    })),
  },
  {
    name: 'prunes in all sessions when it is asked for one',
    caughtBy: 'prunes by age, in one session or in all, and counts',
    wrap: messages(({ prune }) => ({ prune: ({ before }) => prune({ before }) })),
  },
  {
    name: 'prunes everything at once, whatever the limit',
    caughtBy:
      'prunes no more than the limit in one call, of each session the oldest first, and no session without old ones',
    wrap: messages(({ prune }) => ({ prune: ({ limit: _, ...options }) => prune(options) })),
  },
  {
    name: 'trims everything at once, whatever the limit',
    caughtBy: 'trims a session to its newest messages, no more than the limit in one call, and no other session',
    wrap: messages(({ trim }) => ({ trim: (id, { keep }) => trim(id, { keep }) })),
  },
  {
    name: 'marks chats as read when their messages go',
    caughtBy: 'leaves the unread count of a chat as it is when its messages are gone, and counts on from there',
    wrap: (store) =>
      messages(({ prune }) => ({
        async prune(options) {
          const pruned = await prune(options)
          await store.chats.upsert('s', [{ id: ALICE, unreadCount: 0 }])
          return pruned
        },
      }))(store),
  },
]

export const BROKEN_CHATS: BrokenStore[] = [
  {
    name: 'sets fields that are left out to their default',
    caughtBy: 'changes the given fields only; null clears a mute',
    wrap: chats(({ upsert }) => ({
      upsert: (id, changes) =>
        upsert(
          id,
          changes.map((change) => ({ pinned: false, ...change })),
        ),
    })),
  },
  {
    name: 'answers each change with the chat as it was then',
    caughtBy: 'applies several changes of one chat in order and answers how it is after the last',
    wrap: chats(({ upsert }) => ({
      async upsert(id, changes) {
        const outcomes = []
        for (const change of changes) outcomes.push(await upsert(id, [change]))
        const created = outcomes.reduce((sum, outcome) => sum + outcome.created, 0)
        return { chats: outcomes.flatMap((outcome) => outcome.chats), created }
      },
    })),
  },
  {
    name: 'does not list pinned chats first',
    caughtBy: 'lists pinned chats first, then by the last message, newest first, each once',
    wrap: chats(({ page }) => ({
      async page(...args) {
        const found = await page(...args)
        return { ...found, items: found.items.sort((a, b) => Number(a.pinned) - Number(b.pinned)) }
      },
    })),
  },
  {
    name: 'answers contacts that did not change',
    caughtBy: 'makes and changes contacts and answers those that changed, once each',
    wrap: chats(({ upsertContacts, getContact }) => ({
      async upsertContacts(id, changes) {
        await upsertContacts(id, changes)
        const found = await Promise.all(changes.map((change) => getContact(id, change.id)))
        return found.flatMap((contact) => contact ?? [])
      },
    })),
  },
  {
    name: 'learns identities for all sessions at once',
    caughtBy: 'removes chats, contacts and identities of a session, and no other',
    wrap: chats(({ mapIdentities, resolve }) => ({
      mapIdentities: (_id, pairs) => mapIdentities('all', pairs),
      resolve: (_id, jids) => resolve('all', jids),
    })),
  },
  {
    name: 'keeps the LID that it learned first',
    caughtBy: 'gives a phone number that moves to another LID the new one, and leaves the old chat alone',
    wrap: chats(({ mapIdentities, resolve }) => ({
      async mapIdentities(id, pairs) {
        const known = await resolve(
          id,
          pairs.map(({ pn }) => pn),
        )
        return mapIdentities(
          id,
          pairs.filter(({ pn, lid }, n) => known[n] === pn || known[n] === lid),
        )
      },
    })),
  },
  {
    name: 'moves a chat and leaves its messages behind',
    caughtBy: 'moves a chat with its messages and its contact to the LID',
    wrap: (store) =>
      messages(({ page }) => ({
        page: async (id, query) =>
          page(id, query.chatId?.endsWith('@lid') ? { ...query, chatId: '15550000001@s.whatsapp.net' } : query),
      }))(store),
  },
  {
    name: 'takes the larger of two unread counts',
    caughtBy: 'adds up what was unread, keeps the later last message and makes one of a message in both',
    wrap: chats(({ mapIdentities, get, upsert }) => ({
      async mapIdentities(id, pairs) {
        const kept = await Promise.all(pairs.map(({ lid }) => get(id, lid)))
        const merged = await mapIdentities(id, pairs)
        for (const chat of kept)
          if (chat && merged.length) await upsert(id, [{ id: chat.id, unreadCount: chat.unreadCount }])
        return merged
      },
    })),
  },
  {
    name: 'says that a chat moved each time it is told the pair',
    caughtBy: 'changes nothing when it is told twice',
    wrap: chats(({ mapIdentities }) => ({
      async mapIdentities(id, pairs) {
        await mapIdentities(id, pairs)
        return pairs.map(({ pn, lid }) => ({ chatId: lid, mergedFrom: pn }))
      },
    })),
  },
  {
    name: 'does nothing for a pair that it knows',
    caughtBy: 'moves what was stored under the phone number late, when the pair is told again',
    wrap: chats(({ mapIdentities, resolve }) => ({
      async mapIdentities(id, pairs) {
        const known = await resolve(
          id,
          pairs.map(({ pn }) => pn),
        )
        return mapIdentities(
          id,
          pairs.filter(({ lid }, n) => known[n] !== lid),
        )
      },
    })),
  },
  {
    name: 'forgets identities when it is closed',
    caughtBy: 'finds identities after close and open',
    wrap: (store, { opening }) =>
      opening === 1 ? store : chats(() => ({ resolve: async (_id, jids) => [...jids] }))(store),
  },
]

export const BROKEN_USERS: BrokenStore[] = [
  {
    name: 'tells e-mails in upper case from those in lower case',
    caughtBy: 'keeps a user, found by id and by e-mail in any case',
    wrap: users(({ findByEmail }) => ({
      async findByEmail(email) {
        const found = await findByEmail(email)
        return found?.email === email ? found : undefined
      },
    })),
  },
  {
    name: 'updates to an e-mail of somebody else without a word',
    caughtBy: 'refuses to update to an e-mail of somebody else, and takes another spelling of the own one',
    wrap: users(({ update, get }) => ({ update: (id, changes) => update(id, changes).catch(() => get(id)) })),
  },
  {
    name: 'swaps tokens by reading and writing back',
    caughtBy: 'lets one of many callers with the same token win',
    wrap: users(({ rotateRefreshToken }) => {
      const current = new Map<string, string>()
      return {
        async rotateRefreshToken(id, rotation) {
          const token = current.get(id) ?? 'first'
          await tick()
          if (token !== rotation.presentedHash) return rotateRefreshToken(id, rotation)
          current.set(id, rotation.nextHash)
          return { outcome: 'rotated', userId: 'u1' }
        },
      }
    }),
  },
  {
    name: 'leaves the family alive after reuse',
    caughtBy: 'tells reuse of an old token and revokes the family with it',
    wrap: users(({ rotateRefreshToken, insertRefreshFamily }) => ({
      async rotateRefreshToken(id, rotation) {
        const result = await rotateRefreshToken(id, rotation)
        if (result.outcome === 'reused') {
          const family = { id, userId: 'u1', tokenHash: 'second', createdAt: at(0), expiresAt: at(500) }
          await insertRefreshFamily(family)
        }
        return result
      },
    })),
  },
  {
    name: 'does not look at the expiry',
    caughtBy: 'misses a family that is unknown, expired, revoked, or whose user is gone or was signed out',
    wrap: users(({ rotateRefreshToken }) => ({
      rotateRefreshToken: (id, rotation) => rotateRefreshToken(id, { ...rotation, now: at(0) }),
    })),
  },
  {
    name: 'leaves the tokens of a removed user valid',
    caughtBy: 'misses a family that is unknown, expired, revoked, or whose user is gone or was signed out',
    wrap: users(({ remove, insertRefreshFamily }) => ({
      async remove(id) {
        await remove(id)
        const family = { id: 'gone1', userId: id, tokenHash: 'first', createdAt: at(0), expiresAt: at(500) }
        await insertRefreshFamily(family)
      },
    })),
  },
]

export const BROKEN_LEASES: BrokenStore[] = [
  {
    name: 'looks whether a session is free and takes it a moment later',
    caughtBy: 'gives one session to one of many who ask at once',
    wrap: leases(({ acquire, release }) => {
      let held = false
      return {
        async acquire(id, options) {
          if (held) return undefined
          await tick()
          held = true
          const lease = await acquire(id, options)
          if (lease) await release(lease)
          return lease
        },
      }
    }),
  },
  {
    name: 'starts again at epoch 1 after close and open',
    caughtBy: 'remembers the epoch after close and open',
    wrap: (store, { opening }) =>
      opening === 1
        ? store
        : leases(({ acquire }) => ({
            async acquire(id, options) {
              const lease = await acquire(id, options)
              return lease && { ...lease, epoch: 1 }
            },
          }))(store),
  },
  {
    name: 'gives a held session away',
    caughtBy: 'gives a free session to the first who asks and to nobody else',
    wrap: leases(({ acquire, release }) => ({
      async acquire(id, options) {
        const lease = await acquire(id, options)
        if (lease) await release(lease)
        return lease
      },
    })),
  },
  {
    name: 'takes a lease over before it expires',
    caughtBy: 'takes an expired lease over, not a moment too early',
    wrap: leases(({ acquire }) => ({ acquire: (id, { owner, ttlMs }) => acquire(id, { owner, ttlMs: ttlMs - 10 }) })),
  },
  {
    name: 'keeps the epoch when the owner stays the same',
    caughtBy: 'raises the epoch with every acquisition, by the same owner too',
    wrap: leases(({ acquire }) => {
      const held = new Map<string, Awaited<ReturnType<typeof acquire>>>()
      return {
        async acquire(id, options) {
          const lease = held.get(id)?.owner === options.owner ? held.get(id) : await acquire(id, options)
          held.set(id, lease)
          return lease
        },
      }
    }),
  },
  {
    name: 'starts again at epoch 1 after a release',
    caughtBy: 'remembers the epoch after a release',
    wrap: leases(({ acquire, release }) => {
      let released = false
      return {
        async acquire(id, options) {
          const lease = await acquire(id, options)
          return lease && (released ? { ...lease, epoch: 1 } : lease)
        },
        async release(lease) {
          released = true
          await release(lease)
        },
      }
    }),
  },
  {
    name: 'says that every lease could be renewed',
    caughtBy: 'extends the leases that are still ours and names the others',
    wrap: leases(({ renew }) => ({
      async renew(renewed, options) {
        await renew(renewed, options)
        return []
      },
    })),
  },
  {
    name: 'frees a session for whoever asks',
    caughtBy: 'frees the session on release, and only by its owner of now',
    wrap: leases(({ acquire, release }) => {
      let newest: Awaited<ReturnType<typeof acquire>>
      return {
        async acquire(id, options) {
          const lease = await acquire(id, options)
          newest = lease ?? newest
          return lease
        },
        release: async (lease) => release(newest ?? lease),
      }
    }),
  },
]

export const BROKEN_EVENTS: BrokenStore[] = [
  {
    name: 'numbers by reading the last number and adding to it',
    caughtBy: 'leaves no gap and no double when many append at once',
    wrap: events(({ append, lastSeq }) => ({
      async append(id, given) {
        const last = await lastSeq(id)
        await tick()
        const appended = await append(id, given)
        return last === (await lastSeq(id)) - appended.length ? appended : append(id, given)
      },
    })),
  },
  {
    name: 'forgets the numbers of its sessions when it is closed',
    caughtBy: 'goes on with the next number after close and open',
    wrap: (store, { opening }) =>
      opening === 1 ? store : events(({ append }) => ({ append: (id, given) => append(`${id}2`, given) }))(store),
  },
  {
    name: 'keeps the payload of an event without its envelope',
    caughtBy: 'answers and keeps the event with its envelope and its payload as they were',
    wrap: events(({ read }) => ({
      async read(...args) {
        const { events: found, gap } = await read(...args)
        return { events: found.map(({ name, event: { at: _, ...event } }) => ({ name, event }) as never), gap }
      },
    })),
  },
  {
    name: 'removes one event more than it should',
    caughtBy: 'removes by age and by number, and answers how many',
    wrap: events(({ prune }) => ({
      prune: ({ keep, ...options }) => prune({ ...options, ...(keep === undefined ? {} : { keep: keep - 1 }) }),
    })),
  },
  {
    name: 'forgets the events of a session and keeps their number',
    caughtBy: 'forgets a session with all of its events, and no other',
    wrap: events(({ prune }) => ({ removeAll: async () => void (await prune({ keep: 0 })) })),
  },
  {
    name: 'numbers the events of all sessions in one row',
    caughtBy: 'numbers events from 1 without gaps, for each session by itself',
    wrap: events(({ append }) => ({ append: (_id, given) => append('all', given) })),
  },
  {
    name: 'appends an event again when its key is known',
    caughtBy: 'appends an event with the same key once, within a call and over calls',
    wrap: events(({ append }) => ({
      append: (id, given) =>
        append(
          id,
          given.map(({ key: _, ...event }) => event as (typeof given)[number]),
        ),
    })),
  },
  {
    name: 'uses up a number for an event that it knows',
    caughtBy: 'appends an event with the same key once, within a call and over calls',
    wrap: events(({ append }) => ({
      async append(id, given) {
        const appended = []
        for (const event of given) {
          const [one] = await append(id, [event])
          if (one?.repeated)
            await append(id, [{ name: event.name, at: event.at, payload: event.payload } as typeof event])
          if (one) appended.push(one)
        }
        return appended
      },
    })),
  },
  {
    name: 'tells no gap',
    caughtBy: 'tells a gap when events are gone and when the number is beyond the log',
    wrap: events(({ read }) => ({ read: async (...args) => ({ ...(await read(...args)), gap: false }) })),
  },
  {
    name: 'starts again at 1 when the events are gone',
    caughtBy: 'remembers the last number when every event is gone',
    wrap: events(({ prune, removeAll }) => ({
      async prune(options) {
        const pruned = await prune(options)
        await removeAll('s')
        return pruned
      },
    })),
  },
  {
    name: 'removes every old event at once, whatever the limit',
    caughtBy: 'removes no more than the limit in one call, from the oldest on',
    wrap: events(({ prune }) => ({ prune: ({ limit: _, ...options }) => prune(options) })),
  },
  {
    name: 'tells a gap only where nothing is left',
    caughtBy: 'tells a reader of the gap that a removal left, and gives what is kept',
    wrap: events(({ read }) => ({
      async read(...args) {
        const answer = await read(...args)
        return { ...answer, gap: answer.gap && answer.events.length === 0 }
      },
    })),
  },
  {
    name: 'reads newest first',
    caughtBy: 'reads what comes after a number, oldest first, and no more than asked for',
    wrap: events(({ read }) => ({
      async read(...args) {
        const { events: found, gap } = await read(...args)
        return { events: found.reverse(), gap }
      },
    })),
  },
]

export const BROKEN_LIFE: BrokenStore[] = [
  {
    name: 'starts afresh with each setup',
    caughtBy: 'takes setup and close twice, and keeps what is there through a second setup',
    wrap: (store) => ({ ...store, setup: () => store.sessions.remove('s') }),
  },
  {
    name: 'fails to close twice',
    caughtBy: 'takes setup and close twice, and keeps what is there through a second setup',
    wrap(store) {
      let closed = false
      return {
        ...store,
        async close() {
          if (closed) throw new Error('closed already')
          closed = true
        },
      }
    },
  },
  {
    name: 'lets the errors of its engine through',
    caughtBy: 'rejects with STORE_UNAVAILABLE whatever is asked while the engine does not answer',
    wrap: (store, { failing }) =>
      failing
        ? users(() => ({
            findByEmail: async () => {
              throw new Error('ECONNRESET')
            },
          }))(store)
        : store,
  },
]
