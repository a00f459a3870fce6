import type { AuditEntry, AuditQuery } from '@trunkline/core/store'
import { expect } from 'vitest'
import { allPages, rejection, times } from './expectations.js'
import { at } from './fixtures.js'
import { needing, promise, registerCases, type StoreUnderTest } from './suite.js'

const entry = (seconds: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  id: `e${seconds}`,
  at: at(seconds),
  action: 'startSession',
  outcome: 'done',
  status: 200,
  ...changes,
})

const FULL = {
  userId: 'u1',
  keyId: 'k1',
  sessionId: 's1',
  targetId: 't1',
  action: 'deleteSession',
  outcome: 'refused' as const,
  status: 403,
  code: 'FORBIDDEN',
  address: '127.0.0.1',
  requestId: 'r1',
}

export const auditCases = needing('audit', [
  ...promise<'audit'>('audit', [
    {
      name: 'keeps entries exactly as they were, newest first, page by page',
      async run({ open }) {
        const { audit } = await open()
        const same = [entry(3, { id: 'a' }), entry(3, { id: 'B' })]
        await audit.append([entry(2, FULL), ...same, entry(1)])
        await audit.append([entry(4)])
        await audit.append([])
        for (const limit of [1, 2, 9]) {
          const listed = await allPages(limit, (query) => audit.list(query))
          expect(listed).toStrictEqual([entry(4), same[0], same[1], entry(2, FULL), entry(1)])
        }
        await rejection(audit.list({ limit: 1, cursor: 'nonsense' }), 'VALIDATION_FAILED')
      },
    },
    {
      name: 'passes over an entry that is kept already',
      async run({ open }) {
        const { audit } = await open()
        await audit.append([entry(1), entry(1, { status: 500 })])
        await audit.append([entry(1, { action: 'login' }), entry(2)])
        expect((await audit.list({ limit: 9 })).items).toStrictEqual([entry(2), entry(1)])
      },
    },
    {
      name: 'finds entries by each of their fields, by several, and between two times',
      async run({ open }) {
        const { audit } = await open()
        const others = { userId: 'u2', keyId: 'k2', sessionId: 's2', targetId: 't2' }
        await audit.append([entry(1, FULL), entry(2), entry(3, { ...FULL, ...others }), entry(4, { userId: 'u1' })])
        const found = async (query: Partial<AuditQuery>) =>
          (await allPages(1, (page) => audit.list({ ...query, ...page }))).map(({ id }) => id)
        for (const field of ['userId', 'keyId', 'sessionId', 'targetId'] as const) {
          expect([field, await found({ [field]: FULL[field] })]).toEqual([
            field,
            field === 'userId' ? ['e4', 'e1'] : ['e1'],
          ])
        }
        expect(await found({ action: 'deleteSession' })).toEqual(['e3', 'e1'])
        expect(await found({ outcome: 'refused', sessionId: 's2' })).toEqual(['e3'])
        expect(await found({ outcome: 'failed' })).toEqual([])
        expect(await found({ from: at(2), to: at(4) })).toEqual(['e3', 'e2'])
        expect(await found({ userId: 'u1', from: at(2) })).toEqual(['e4'])
        expect(await found({ userId: '.*' })).toEqual([])
      },
    },
    {
      name: 'removes what is old and what is too much, the oldest first, some at a time',
      async run({ open }) {
        const { audit } = await open()
        for (const n of times(10)) await audit.append([entry(n)])
        const left = async () => (await audit.list({ limit: 99 })).items.map(({ at: time }) => time)
        const newest = (count: number) => times(count).map((n) => at(9 - n))
        expect(await audit.prune({ before: at(4), limit: 3 })).toBe(3)
        expect(await left()).toEqual(newest(7))
        expect(await audit.prune({ before: at(4), keep: 99 })).toBe(1)
        expect(await audit.prune({ keep: 5, limit: 99 })).toBe(1)
        expect(await audit.prune({ before: at(6), keep: 1, limit: 2 })).toBe(2)
        expect(await left()).toEqual(newest(3))
        expect(await audit.prune({ keep: 1 })).toBe(2)
        expect([await audit.prune({ keep: 1 }), await audit.prune({})]).toEqual([0, 0])
        expect(await left()).toEqual(newest(1))
      },
    },
    {
      name: 'finds entries after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        await (await open()).audit.append([entry(1, FULL)])
        expect((await (await reopen()).audit.list({ limit: 9 })).items).toStrictEqual([entry(1, FULL)])
      },
    },
    {
      name: 'rejects with STORE_UNAVAILABLE whoever writes or reads the audit while the engine does not answer',
      needs: ['outage'],
      async run({ open, openFailing }) {
        await open()
        const { audit } = await openFailing(0)
        await rejection(audit.append([entry(1)]), 'STORE_UNAVAILABLE')
        await rejection(audit.list({ limit: 1 }), 'STORE_UNAVAILABLE')
      },
    },
  ]),
])

export function auditStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'audit'>): void {
  registerCases('audit', auditCases, subject)
}
