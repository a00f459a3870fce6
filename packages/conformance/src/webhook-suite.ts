import type { WebhookRecord } from '@trunkline/core/store'
import { expect } from 'vitest'
import { allPages, rejection, times } from './expectations.js'
import { at } from './fixtures.js'
import { needing, promise, registerCases, type StoreUnderTest } from './suite.js'

const webhook = (id: string, changes: Partial<WebhookRecord> = {}): WebhookRecord => ({
  id,
  url: 'https://receiver.example/hooks',
  events: '*',
  sessionIds: '*',
  ordered: false,
  enabled: true,
  secrets: [{ id: 'one', value: 'sealed', createdAt: at(0) }],
  state: 'ok',
  createdAt: at(0),
  updatedAt: at(0),
  revision: 1,
  ...changes,
})

export const webhookCases = needing('webhooks', [
  ...promise<'webhooks'>('webhooks', [
    {
      name: 'are kept exactly as they were, by id',
      async run({ open }) {
        const { webhooks } = await open()
        const full = webhook('w1', {
          events: ['message', 'session.status'],
          sessionIds: ['s'],
          metadata: { 'a.b': '1', $set: '2' },
          headers: 'sealed too',
          description: 'Orders',
          state: 'failing',
          stateReason: 'HTTP 500',
          failingSince: at(3),
        })
        expect([await webhooks.insert(full), await webhooks.insert(webhook('w2'))]).toEqual([true, true])
        const found = await webhooks.get('w1')
        expect(found).toStrictEqual(full)
        // What is handed out is a copy.
        if (found) Object.assign(found, { url: 'http://elsewhere.example' })
        expect(await webhooks.get('w1')).toStrictEqual(full)
        expect(await webhooks.get('w2')).toStrictEqual(webhook('w2'))
        expect(await webhooks.get('w3')).toBeUndefined()
      },
    },
    {
      name: 'are made once for each id',
      async run({ open }) {
        const { webhooks } = await open()
        const made = await Promise.all(times(5).map((n) => webhooks.insert(webhook('w', { description: `${n}` }))))
        expect(made.filter(Boolean)).toHaveLength(1)
        expect((await webhooks.get('w'))?.description).toBe(`${made.indexOf(true)}`)
      },
    },
    {
      name: 'are listed by id, ascending, page by page',
      async run({ open }) {
        const { webhooks } = await open()
        for (const id of ['b', 'c', 'a', 'B']) await webhooks.insert(webhook(id))
        for (const limit of [1, 2, 4])
          expect((await allPages(limit, (query) => webhooks.list(query))).map(({ id }) => id)).toEqual([
            'B',
            'a',
            'b',
            'c',
          ])
        await rejection(webhooks.list({ limit: 1, cursor: 'nonsense' }), 'VALIDATION_FAILED')
      },
    },
    {
      name: 'are replaced by the next revision alone, of many at once too',
      async run({ open }) {
        const { webhooks } = await open()
        await webhooks.insert(webhook('w', { description: 'first', metadata: { a: '1' } }))
        const changes = times(5).map((n) => webhooks.replace(webhook('w', { revision: 2, description: `${n}` })))
        const replaced = await Promise.all(changes)
        expect(replaced.filter(Boolean)).toHaveLength(1)
        const expected = webhook('w', { revision: 2, description: `${replaced.indexOf(true)}` })
        expect(await webhooks.get('w')).toStrictEqual(expected)
        for (const revision of [1, 2, 4]) expect(await webhooks.replace(webhook('w', { revision }))).toBe(false)
        expect(await webhooks.get('w')).toStrictEqual(expected)
        expect(await webhooks.replace(webhook('gone', { revision: 2 }))).toBe(false)
        expect(await webhooks.get('gone')).toBeUndefined()
      },
    },
    {
      name: 'are removed one by one',
      async run({ open }) {
        const { webhooks } = await open()
        for (const id of ['a', 'b']) await webhooks.insert(webhook(id))
        expect([await webhooks.remove('a'), await webhooks.remove('a')]).toEqual([true, false])
        expect((await webhooks.list({ limit: 9 })).items).toStrictEqual([webhook('b')])
      },
    },
    {
      name: 'are there after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.webhooks.insert(webhook('w'))
        await before.webhooks.replace(webhook('w', { revision: 2, enabled: false }))
        const { webhooks } = await reopen()
        expect(await webhooks.get('w')).toStrictEqual(webhook('w', { revision: 2, enabled: false }))
      },
    },
    {
      name: 'show in one instance what another has changed',
      needs: ['shared'],
      async run({ open }) {
        const [one, other] = [await open(), await open()]
        await one.webhooks.insert(webhook('w'))
        expect(await other.webhooks.get('w')).toStrictEqual(webhook('w'))
        await one.webhooks.replace(webhook('w', { revision: 2, enabled: false }))
        expect(await other.webhooks.get('w')).toStrictEqual(webhook('w', { revision: 2, enabled: false }))
      },
    },
    {
      name: 'reject with STORE_UNAVAILABLE while the engine does not answer',
      needs: ['outage'],
      async run({ open, openFailing }) {
        await open()
        const { webhooks } = await openFailing(0)
        await rejection(webhooks.get('w'), 'STORE_UNAVAILABLE')
        await rejection(webhooks.insert(webhook('w')), 'STORE_UNAVAILABLE')
      },
    },
  ]),
])

/** The promises of `Store.webhooks`, for a store that has it. */
export function webhookStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'webhooks'>): void {
  registerCases('webhooks', webhookCases, subject)
}
