import { expect } from 'vitest'
import { hex, hexById, rejection } from '../expectations.js'
import { at, noise } from '../fixtures.js'
import { type Case, promise } from '../suite.js'

const key = { type: 'session', id: '1', value: noise(8, 1) }
const stale = {
  creds: noise(8, 9),
  puts: [
    { ...key, value: noise(8, 9) },
    { ...key, id: 'stale' },
  ],
  deletes: [{ type: 'pre-key', id: '1' }],
}

export const fencingCases: Case<'auth'>[] = promise<'auth'>('fencing by epoch', [
  {
    name: 'refuses a commit of an older epoch and writes nothing of it',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('s', { creds: noise(8, 1), puts: [key, { ...key, type: 'pre-key' }] }, { epoch: 1 })
      await auth.commit('s', { creds: noise(8, 2) }, { epoch: 3 })
      for (const batch of [stale, { creds: noise(8, 9) }, { puts: stale.puts }, { deletes: stale.deletes }, {}]) {
        const error = await rejection(auth.commit('s', batch, { epoch: 2 }), 'LEASE_LOST')
        expect(error.details).toEqual({ sessionId: 's' })
      }
      expect(hex(await auth.readCreds('s'))).toBe(hex(noise(8, 2)))
      expect(hexById(await auth.readKeys('s', 'session', ['1', 'stale']))).toEqual({ 1: hex(noise(8, 1)) })
      expect(await auth.listKeyIds('s', 'pre-key')).toEqual(['1'])
    },
  },
  {
    name: 'goes on taking commits of the same epoch and of newer ones',
    async run({ open }) {
      const { auth } = await open()
      for (const [seed, epoch] of [7, 7, 8, 20].entries()) await auth.commit('s', { creds: noise(8, seed) }, { epoch })
      expect(hex(await auth.readCreds('s'))).toBe(hex(noise(8, 3)))
    },
  },
  {
    name: 'is raised by an empty batch',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('s', { creds: noise(8, 1) }, { epoch: 1 })
      await auth.commit('s', {}, { epoch: 2 })
      await rejection(auth.commit('s', stale, { epoch: 1 }), 'LEASE_LOST')
      expect(hex(await auth.readCreds('s'))).toBe(hex(noise(8, 1)))
    },
  },
  {
    name: 'refuses archive and restore of an older epoch',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('s', { creds: noise(8, 1) }, { epoch: 1 })
      const archive = await auth.archive('s', { epoch: 1, reason: 'logout', at: at(0) })
      await auth.commit('s', { creds: noise(8, 2) }, { epoch: 2 })
      await rejection(auth.archive('s', { epoch: 1, reason: 'late', at: at(1) }), 'LEASE_LOST')
      await rejection(auth.restore('s', archive?.id ?? '', { epoch: 1 }), 'LEASE_LOST')
      expect(hex(await auth.readCreds('s'))).toBe(hex(noise(8, 2)))
      expect(await auth.listArchives('s')).toEqual([archive])
    },
  },
  {
    name: 'fences each session by itself',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('a', {}, { epoch: 9 })
      await auth.commit('b', { creds: noise(8) }, { epoch: 1 })
      expect(hex(await auth.readCreds('b'))).toBe(hex(noise(8)))
    },
  },
  {
    name: 'outlives a purge',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('s', { creds: noise(8) }, { epoch: 5 })
      await auth.purge('s')
      await rejection(auth.commit('s', stale, { epoch: 4 }), 'LEASE_LOST')
      expect(await auth.readCreds('s')).toBeUndefined()
      expect(await auth.listKeyIds('s', 'session')).toEqual([])
    },
  },
  {
    name: 'outlives close and open',
    needs: ['durable'],
    async run({ open, reopen }) {
      const before = await open()
      await before.auth.commit('s', { creds: noise(8, 1) }, { epoch: 5 })
      const { auth } = await reopen()
      await rejection(auth.commit('s', stale, { epoch: 4 }), 'LEASE_LOST')
      expect(hex(await auth.readCreds('s'))).toBe(hex(noise(8, 1)))
    },
  },
  {
    name: 'shuts a former owner out of another instance',
    needs: ['shared'],
    async run({ open }) {
      const [former, next] = [await open(), await open()]
      await former.auth.commit('s', { creds: noise(8, 1), puts: [key] }, { epoch: 1 })
      await next.auth.commit('s', {}, { epoch: 2 })
      await rejection(former.auth.commit('s', stale, { epoch: 1 }), 'LEASE_LOST')
      expect(hex(await next.auth.readCreds('s'))).toBe(hex(noise(8, 1)))
      expect(hexById(await next.auth.readKeys('s', 'session', ['1', 'stale']))).toEqual({ 1: hex(noise(8, 1)) })
    },
  },
  {
    name: 'lets what one instance acknowledged be read by another',
    needs: ['shared'],
    async run({ open }) {
      const [one, other] = [await open(), await open()]
      for (const seed of [1, 2]) {
        await one.auth.commit('s', { creds: noise(8, seed), puts: [{ ...key, value: noise(8, seed) }] }, { epoch: 1 })
        expect(hex(await other.auth.readCreds('s'))).toBe(hex(noise(8, seed)))
        expect(hexById(await other.auth.readKeys('s', 'session', ['1']))).toEqual({ 1: hex(noise(8, seed)) })
        expect(await other.auth.listKeyIds('s', 'session')).toEqual(['1'])
      }
      await one.auth.commit('s', { deletes: [key] }, { epoch: 1 })
      expect(await other.auth.readKeys('s', 'session', ['1'])).toEqual(new Map())
      expect(await other.auth.listKeyIds('s', 'session')).toEqual([])
    },
  },
])
