import { expect } from 'vitest'
import { hex, hexById, times } from '../expectations.js'
import { noise } from '../fixtures.js'
import { type Bench, type Case, promise } from '../suite.js'
import { BAILEYS_KEYS } from './baileys-keys.js'

const FIRST = { epoch: 1 }

export const roundTripCases: Case<'auth'>[] = promise<'auth'>('round trip', [
  ...BAILEYS_KEYS.map(({ type, id, value }) => ({
    name: `keeps a key of the type ${type} as Baileys writes it`,
    run: async ({ open }: Bench<'auth'>) => {
      const { auth } = await open()
      await auth.commit('s', { puts: [{ type, id, value }] }, FIRST)
      expect(hexById(await auth.readKeys('s', type, [id]))).toEqual({ [id]: hex(value) })
      expect(await auth.listKeyIds('s', type)).toEqual([id])
    },
  })),
  {
    name: 'keeps a type that does not exist yet',
    async run({ open }) {
      const { auth } = await open()
      const key = { type: 'new.type/$of:2030', id: 'x', value: noise(40) }
      await auth.commit('s', { puts: [key] }, FIRST)
      expect(hexById(await auth.readKeys('s', key.type, ['x']))).toEqual({ x: hex(key.value) })
    },
  },
  {
    name: 'keeps credentials byte for byte',
    async run({ open }) {
      const { auth } = await open()
      await auth.commit('s', { creds: noise(4_185) }, FIRST)
      expect(hex(await auth.readCreds('s'))).toBe(hex(noise(4_185)))
    },
  },
  {
    name: 'keeps every byte, no byte at all, and a megabyte',
    async run({ open }) {
      const { auth } = await open()
      const values = {
        every: Uint8Array.from(times(256)),
        none: new Uint8Array(),
        zeros: new Uint8Array(3),
        much: noise(1_000_000),
      }
      const puts = Object.entries(values).map(([id, value]) => ({ type: 'session', id, value }))
      await auth.commit('s', { puts }, FIRST)
      const found = await auth.readKeys('s', 'session', Object.keys(values))
      expect(hexById(found)).toEqual(Object.fromEntries(puts.map(({ id, value }) => [id, hex(value)])))
    },
  },
  {
    name: 'keeps a view into a larger buffer as the bytes of the view',
    async run({ open }) {
      const { auth } = await open()
      const view = noise(100).subarray(10, 20)
      await auth.commit('s', { creds: view, puts: [{ type: 'session', id: '1', value: view }] }, FIRST)
      expect(hex(await auth.readCreds('s'))).toBe(hex(noise(100).slice(10, 20)))
      expect(hexById(await auth.readKeys('s', 'session', ['1']))).toEqual({ 1: hex(noise(100).slice(10, 20)) })
    },
  },
  {
    name: 'tells apart ids and types that look alike',
    async run({ open }) {
      const { auth } = await open()
      const names = [
        'a',
        'A',
        'a.b',
        'a/b',
        'a|b',
        'a:b',
        'a%2Fb',
        'a\\b',
        '..',
        '../a',
        '$a',
        'a=',
        'a+',
        '\u00e9',
        'e\u0301',
        '',
        ' ',
        "'",
        '%',
        '_',
      ]
      const puts = names.flatMap((type) =>
        ['b|c', ...names].map((id) => ({ type, id, value: Buffer.from(JSON.stringify([type, id])) })),
      )
      await auth.commit('s', { puts }, FIRST)
      for (const type of names) {
        const ids = ['b|c', ...names]
        expect((await auth.listKeyIds('s', type)).sort()).toEqual([...ids].sort())
        const found = await auth.readKeys('s', type, ids)
        for (const id of ids) expect(Buffer.from(found.get(id) ?? []).toString()).toBe(JSON.stringify([type, id]))
      }
    },
  },
])

export const absenceCases: Case<'auth'>[] = [
  ...promise<'auth'>('absence', [
    {
      name: 'has no credentials and no keys before the first commit',
      async run({ open }) {
        const { auth } = await open()
        expect(await auth.readCreds('s')).toBeUndefined()
        expect(await auth.readKeys('s', 'session', ['1', '2'])).toEqual(new Map())
        expect(await auth.listKeyIds('s', 'session')).toEqual([])
        expect(await auth.listArchives('s')).toEqual([])
      },
    },
    {
      name: 'leaves out the ids that do not exist, and reads none when asked for none',
      async run({ open }) {
        const { auth } = await open()
        await auth.commit('s', { puts: [{ type: 'session', id: '1', value: noise(3) }] }, FIRST)
        expect([...(await auth.readKeys('s', 'session', ['0', '1', '2'])).keys()]).toEqual(['1'])
        expect((await auth.readKeys('s', 'session', [])).size).toBe(0)
        expect((await auth.readKeys('s', 'pre-key', ['1'])).size).toBe(0)
      },
    },
    {
      name: 'deletes keys, and takes the deletion of what is not there',
      async run({ open }) {
        const { auth } = await open()
        await auth.commit(
          's',
          { puts: times(3).map((id) => ({ type: 'pre-key', id: `${id}`, value: noise(3) })) },
          FIRST,
        )
        await auth.commit(
          's',
          {
            deletes: [
              { type: 'pre-key', id: '1' },
              { type: 'pre-key', id: '99' },
            ],
          },
          FIRST,
        )
        await auth.commit('other', { deletes: [{ type: 'pre-key', id: '0' }] }, FIRST)
        expect((await auth.listKeyIds('s', 'pre-key')).sort()).toEqual(['0', '2'])
      },
    },
  ]),
  ...promise<'auth'>('overwrite', [
    {
      name: 'reads what was committed last',
      async run({ open }) {
        const { auth } = await open()
        for (const seed of [1, 2, 3]) {
          await auth.commit(
            's',
            { creds: noise(9, seed), puts: [{ type: 'session', id: '1', value: noise(8, seed) }] },
            FIRST,
          )
        }
        expect(hex(await auth.readCreds('s'))).toBe(hex(noise(9, 3)))
        expect(hexById(await auth.readKeys('s', 'session', ['1', '1']))).toEqual({ 1: hex(noise(8, 3)) })
      },
    },
    {
      name: 'takes the later of two entries of one batch',
      async run({ open }) {
        const { auth } = await open()
        const puts = [1, 2, 3].map((seed) => ({ type: 'session', id: '1', value: noise(8, seed) }))
        await auth.commit('s', { puts }, FIRST)
        expect(hexById(await auth.readKeys('s', 'session', ['1']))).toEqual({ 1: hex(noise(8, 3)) })
        expect(await auth.listKeyIds('s', 'session')).toEqual(['1'])
      },
    },
    {
      name: 'keeps nothing by reference',
      async run({ open }) {
        const { auth } = await open()
        const [creds, value] = [noise(8), noise(8)]
        await auth.commit('s', { creds, puts: [{ type: 'session', id: '1', value }] }, FIRST)
        creds.fill(0)
        value.fill(0)
        ;(await auth.readCreds('s'))?.fill(0)
        ;(await auth.readKeys('s', 'session', ['1'])).get('1')?.fill(0)
        expect(hex(await auth.readCreds('s'))).toBe(hex(noise(8)))
        expect(hexById(await auth.readKeys('s', 'session', ['1']))).toEqual({ 1: hex(noise(8)) })
      },
    },
  ]),
]
