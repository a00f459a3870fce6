import type { InstallationRecord } from '@trunkline/core/store'
import { expect } from 'vitest'
import { rejection, times } from './expectations.js'
import { at } from './fixtures.js'
import { needing, promise, registerCases, type StoreUnderTest } from './suite.js'

const record = (revision: number, changes: Partial<InstallationRecord> = {}): InstallationRecord => ({
  revision,
  updatedAt: at(revision),
  maintenance: { healthCheckIntervalMs: 60_000, cleanupIntervalMs: 'off' },
  ...changes,
})

export const installationCases = needing('installation', [
  ...promise<'installation'>('the record of the installation', [
    {
      name: 'is not there until something was set, and then exactly as it was',
      async run({ open }) {
        const { installation } = await open()
        expect(await installation.read()).toBeUndefined()
        expect(await installation.replace(record(1))).toBe(true)
        const found = await installation.read()
        expect(found).toStrictEqual(record(1))
        // What is handed out is a copy.
        if (found) found.maintenance.cleanupIntervalMs = 1_000
        expect(await installation.read()).toStrictEqual(record(1))
        expect(await installation.replace(record(2, { maintenance: {} }))).toBe(true)
        expect(await installation.read()).toStrictEqual(record(2, { maintenance: {} }))
      },
    },
    {
      name: 'is made once, of many at once too',
      async run({ open }) {
        const { installation } = await open()
        expect(await installation.replace(record(2))).toBe(false)
        const made = await Promise.all(times(5).map((n) => installation.replace(record(1, { updatedAt: at(n) }))))
        expect(made.filter(Boolean)).toHaveLength(1)
        expect(await installation.read()).toStrictEqual(record(1, { updatedAt: at(made.indexOf(true)) }))
      },
    },
    {
      name: 'is replaced by the next revision alone, of many at once too',
      async run({ open }) {
        const { installation } = await open()
        await installation.replace(record(1))
        const replaced = await Promise.all(times(5).map((n) => installation.replace(record(2, { updatedAt: at(n) }))))
        expect(replaced.filter(Boolean)).toHaveLength(1)
        const expected = record(2, { updatedAt: at(replaced.indexOf(true)) })
        for (const revision of [1, 2, 4]) expect(await installation.replace(record(revision))).toBe(false)
        expect(await installation.read()).toStrictEqual(expected)
      },
    },
    {
      name: 'is there after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.installation.replace(record(1))
        const { installation } = await reopen()
        expect(await installation.read()).toStrictEqual(record(1))
      },
    },
    {
      name: 'shows in one instance what another has set',
      needs: ['shared'],
      async run({ open }) {
        const [one, other] = [await open(), await open()]
        expect(await other.installation.read()).toBeUndefined()
        await one.installation.replace(record(1))
        expect(await other.installation.read()).toStrictEqual(record(1))
        expect(await other.installation.replace(record(1))).toBe(false)
      },
    },
    {
      name: 'rejects with STORE_UNAVAILABLE while the engine does not answer',
      needs: ['outage'],
      async run({ open, openFailing }) {
        await open()
        const { installation } = await openFailing(0)
        await rejection(installation.read(), 'STORE_UNAVAILABLE')
        await rejection(installation.replace(record(1)), 'STORE_UNAVAILABLE')
      },
    },
  ]),
])

/** The promises of `Store.installation`, for a store that has it. */
export function installationStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'installation'>): void {
  registerCases('installation', installationCases, subject)
}
