import { expect } from 'vitest'
import { hex, hexById, rejection } from '../expectations.js'
import { at, noise } from '../fixtures.js'
import { type Case, promise } from '../suite.js'

const FIRST = { epoch: 1 }
const linked = { creds: noise(9, 1), puts: [{ type: 'session', id: 'a.b/c', value: noise(8, 1) }] }

export const archiveCases: Case<'auth'>[] = promise<'auth'>('archives', [
  {
    name: 'moves credentials and keys out of use and lists the archive',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('s', linked, FIRST)
      const archive = await auth.archive('s', { ...FIRST, reason: 'logout', at: at(1) })
      expect(archive).toEqual({ id: expect.any(String), at: at(1), reason: 'logout' })
      expect(await auth.readCreds('s')).toBeUndefined()
      expect(await auth.listKeyIds('s', 'session')).toEqual([])
      expect(await auth.listArchives('s')).toEqual([archive])
    },
  },
  {
    name: 'archives nothing where there are no credentials',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('s', { puts: linked.puts }, FIRST)
      expect(await auth.archive('s', { ...FIRST, reason: 'logout', at: at(1) })).toBeUndefined()
      expect(await auth.listArchives('s')).toEqual([])
      expect(await auth.listKeyIds('s', 'session')).toEqual(['a.b/c'])
    },
  },
  {
    name: 'lists newest first, each session by itself',
    async run({ open }) {
      const { auth } = await open()
      for (const second of [2, 3, 1]) {
        await auth.commit('s', { creds: noise(9, second) }, FIRST)
        await auth.archive('s', { ...FIRST, reason: `${second}`, at: at(second) })
      }
      await auth.commit('other', linked, FIRST)
      await auth.archive('other', { ...FIRST, reason: 'other', at: at(9) })
      expect((await auth.listArchives('s')).map(({ reason }) => reason)).toEqual(['3', '2', '1'])
    },
  },
  {
    name: 'restores byte for byte, in the place of loose keys, and takes the archive off the list',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('s', linked, FIRST)
      const archive = await auth.archive('s', { ...FIRST, reason: 'logout', at: at(1) })
      await auth.commit('s', { puts: [{ type: 'session', id: 'loose', value: noise(4) }] }, FIRST)
      await auth.restore('s', archive?.id ?? '', FIRST)
      expect(hex(await auth.readCreds('s'))).toBe(hex(linked.creds))
      expect(hexById(await auth.readKeys('s', 'session', ['a.b/c', 'loose']))).toEqual({ 'a.b/c': hex(noise(8, 1)) })
      expect(await auth.listArchives('s')).toEqual([])
    },
  },
  {
    name: 'refuses to restore over credentials in use',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('s', linked, FIRST)
      const archive = await auth.archive('s', { ...FIRST, reason: 'logout', at: at(1) })
      await auth.commit('s', { creds: noise(9, 2) }, FIRST)
      const error = await rejection(auth.restore('s', archive?.id ?? '', FIRST), 'SESSION_ALREADY_LINKED')
      expect(error.details).toEqual({ sessionId: 's' })
      expect(hex(await auth.readCreds('s'))).toBe(hex(noise(9, 2)))
      expect(await auth.listArchives('s')).toEqual([archive])
    },
  },
  {
    name: 'does not find an archive that is not there, nor one of another session',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('other', linked, FIRST)
      const archive = await auth.archive('other', { ...FIRST, reason: 'logout', at: at(1) })
      await rejection(auth.restore('s', 'nothing', FIRST), 'ARCHIVE_NOT_FOUND')
      await rejection(auth.restore('s', archive?.id ?? '', FIRST), 'ARCHIVE_NOT_FOUND')
      expect(await auth.listArchives('other')).toEqual([archive])
    },
  },
  {
    name: 'purges archives by age, and all of a session with it',
    async run({ open }) {
      const { auth } = await open()
      for (const session of ['a', 'b']) {
        for (const second of [1, 2, 3]) {
          await auth.commit(session, linked, FIRST)
          await auth.archive(session, { ...FIRST, reason: `${second}`, at: at(second) })
        }
      }
      expect(await auth.purgeArchives({ before: at(2) })).toBe(2)
      expect((await auth.listArchives('a')).map(({ reason }) => reason)).toEqual(['3', '2'])
      await auth.purge('a')
      expect(await auth.listArchives('a')).toEqual([])
      expect(await auth.listArchives('b')).toHaveLength(2)
    },
  },
])
