import { at } from '../../src/fixtures.js'
import { type BrokenStore, tick, users } from './broken-store.js'

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
