import { at } from '../../src/fixtures.js'
import { type BrokenStore, cached, onceReopened, tick, users } from './broken-store.js'

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
  {
    name: 'replaces a user whose id is inserted again',
    caughtBy: 'refuses an id or an e-mail in use and writes nothing',
    wrap: users(({ insert, remove }) => ({
      async insert(user) {
        await remove(user.id)
        return insert(user)
      },
    })),
  },
  {
    name: 'looks whether an e-mail is free and does not look again',
    caughtBy: 'gives an e-mail to one of many that want it at once',
    wrap: users(({ get, findByEmail, insert }) => ({
      async insert(user) {
        if ((await get(user.id)) || (await findByEmail(user.email))) return false
        await tick()
        await insert(user)
        return true
      },
    })),
  },
  {
    name: 'sorts ids as people do, without regard to case',
    caughtBy: 'lists by id, ascending, page by page',
    wrap: users(({ list }) => ({
      async list(options) {
        const page = await list(options)
        return { ...page, items: page.items.sort((a, b) => a.id.localeCompare(b.id)) }
      },
    })),
  },
  {
    name: 'leaves the former e-mail in its index',
    caughtBy: 'updates the given fields only',
    wrap: users(({ get, update, findByEmail }) => {
      const former = new Map<string, string>()
      return {
        async update(id, changes) {
          const email = (await get(id))?.email
          const updated = await update(id, changes)
          if (email && updated) former.set(email, id)
          return updated
        },
        findByEmail: async (email) => (await findByEmail(email)) ?? get(former.get(email) ?? ''),
      }
    }),
  },
  {
    name: 'takes a text to search for as a pattern',
    caughtBy: 'searches names and e-mails, whatever the case of their letters, page by page',
    wrap: users(({ list }) => ({
      async list({ search = '', ...options }) {
        const { items } = await list({ ...options, limit: 99 })
        return { items: items.filter(({ name, email }) => new RegExp(search, 'i').test(`${name} ${email}`)) }
      },
    })),
  },
  {
    name: 'does not look at the revision',
    caughtBy: 'counts changes, and writes nothing at another revision than the expected one',
    wrap: users(({ update }) => ({ update: (id, changes) => update(id, changes) })),
  },
  {
    name: 'compares the revision first and writes afterwards',
    caughtBy: 'lets one of many changes win that expect the same revision, and loses none that expects nothing',
    wrap: users(({ get, update }) => ({
      async update(id, changes, { expectedRevision, ...options } = {}) {
        if (expectedRevision !== undefined && (await get(id))?.revision !== expectedRevision) return undefined
        await tick()
        return update(id, changes, options)
      },
    })),
  },
  {
    name: 'counts every admin, those of some sessions too',
    caughtBy: 'keeps the last full admin where that is asked for, whatever would take it away',
    wrap: users(({ list, update }) => ({
      async update(id, changes, { keepAdmin, ...options } = {}) {
        const { items } = await list({ limit: 99 })
        const another = items.some((one) => one.id !== id && one.role === 'admin' && !one.disabled)
        return update(id, changes, { ...options, ...(another ? {} : { keepAdmin }) })
      },
    })),
  },
  {
    name: 'looks whether another admin is there and does not look again',
    caughtBy: 'keeps one of two full admins that leave at once, by update, by removal, or by one of each',
    wrap: users(({ list, update, remove }) => {
      const alone = async (id: string) => {
        const { items } = await list({ limit: 99 })
        await tick()
        return !items.some((one) => one.id !== id && one.role === 'admin')
      }
      return {
        update: async (id, changes) => update(id, changes, { keepAdmin: await alone(id) }),
        remove: async (id) => remove(id, { keepAdmin: await alone(id) }),
      }
    }),
  },
  {
    name: 'keeps tokens in memory',
    caughtBy: 'finds users and tokens after close and open',
    wrap: onceReopened(users(() => ({ rotateRefreshToken: async () => ({ outcome: 'missing' }) }))),
  },
  {
    name: 'lets a family expire when it would have at the login',
    caughtBy: 'swaps the token of a family again and again, and extends it',
    wrap: users(({ insertRefreshFamily, rotateRefreshToken }) => {
      const expiries = new Map<string, string>()
      return {
        async insertRefreshFamily(family) {
          expiries.set(family.id, family.expiresAt)
          await insertRefreshFamily(family)
        },
        rotateRefreshToken: (id, rotation) =>
          rotateRefreshToken(id, { ...rotation, expiresAt: expiries.get(id) ?? rotation.expiresAt }),
      }
    }),
  },
  {
    name: 'keeps the changes of the caller',
    caughtBy: 'keeps nothing by reference',
    wrap: users(({ update, get }) => {
      const kept = new Map<string, Parameters<typeof update>[1]>()
      return {
        async update(id, changes) {
          const updated = await update(id, changes)
          if (updated) kept.set(id, changes)
          return updated
        },
        async get(id) {
          const found = await get(id)
          return found && { ...found, ...kept.get(id) }
        },
      }
    }),
  },
  ...(['get', 'findByEmail'] as const).map((read) => ({
    name: `answers users.${read} from a cache that only its own writes refresh`,
    caughtBy: 'shows in one instance which users another has changed since they were read there',
    wrap: users((port) => cached(port, read, ['insert', 'update', 'remove'])),
  })),
  {
    name: 'lets the errors of its engine through when it is asked for users',
    caughtBy: 'rejects with STORE_UNAVAILABLE whoever asks for users while the engine does not answer',
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
