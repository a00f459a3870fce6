import { expect } from 'vitest'
import { rejection } from './expectations.js'
import { noise, session } from './fixtures.js'
import { type Case, promise, registerCases, type StoreUnderTest } from './suite.js'

type Ports = 'sessions' | 'auth' | 'messages' | 'chats' | 'users' | 'leases' | 'events' | 'health'

export const lifeCases: readonly Case<Ports>[] = promise<Ports>('life of a store', [
  {
    name: 'takes setup and close twice, and keeps what is there through a second setup',
    async run({ open }) {
      const store = await open()
      await store.sessions.insert(session('s'))
      await store.setup()
      expect(await store.sessions.get('s')).toStrictEqual(session('s'))
      await store.close()
      await store.close()
    },
  },
  {
    name: 'says what it is and whether it answers',
    async run({ open }) {
      const store = await open()
      const health = await store.health()
      expect(health.kind).toMatch(/^\w+$/)
      expect(typeof health.durable).toBe('boolean')
      for (const value of Object.values(health.capabilities))
        expect(['string', 'number', 'boolean']).toContain(typeof value)
    },
  },
  {
    name: 'rejects with STORE_UNAVAILABLE whatever is asked while the engine does not answer',
    needs: ['outage'],
    async run({ open, openFailing }) {
      await open()
      const store = await openFailing(0)
      const calls: Record<string, () => Promise<unknown>> = {
        health: () => store.health(),
        'auth.commit': () => store.auth.commit('s', { creds: noise(3) }, { epoch: 1 }),
        'auth.archive': () => store.auth.archive('s', { epoch: 1, reason: 'r', at: '2026-01-01T00:00:00.000Z' }),
        'sessions.insert': () => store.sessions.insert(session('s')),
        'sessions.get': () => store.sessions.get('s'),
        'sessions.list': () => store.sessions.list({ limit: 1 }),
        'messages.page': () => store.messages.page('s', { limit: 1 }),
        'messages.count': () => store.messages.count('s'),
        'chats.page': () => store.chats.page('s', { limit: 1 }),
        'chats.resolve': () => store.chats.resolve('s', ['15550000001@s.whatsapp.net']),
        'users.findByEmail': () => store.users.findByEmail('a@example.com'),
        'leases.acquire': () => store.leases.acquire('s', { owner: 'a', ttlMs: 1_000 }),
        'events.lastSeq': () => store.events.lastSeq('s'),
      }
      for (const [name, call] of Object.entries(calls)) {
        await rejection(call(), 'STORE_UNAVAILABLE').catch((error: unknown) => {
          throw new Error(`${name} did not say that the store is unavailable`, { cause: error })
        })
      }
    },
  },
])

/** What holds for a whole store, whatever the port. */
export function storeLifeSuite<Backend>(subject: StoreUnderTest<Backend>): void {
  registerCases('life', lifeCases, subject)
}
