import type { Jid, NewEvent, Store } from '@trunkline/core/store'
import { expect } from 'vitest'
import { rejection } from './expectations.js'
import { ALICE, at, BOB, BOB_LID, GROUP, message, noise, session } from './fixtures.js'
import { type Case, promise, registerCases, type StoreUnderTest } from './suite.js'

type Ports = 'sessions' | 'auth' | 'messages' | 'chats' | 'leases' | 'events' | 'health'

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
    name: 'shows in one instance what another has changed since it was read there',
    needs: ['shared'],
    async run({ open }) {
      const [one, other] = [await open(), await open()]
      const { id } = message()
      await one.sessions.insert(session('s', { label: 'first' }))
      await one.messages.upsert('s', [message({ text: 'first' })])
      await one.chats.upsertContacts('s', [{ id: ALICE, name: 'first' }])
      await one.events.append('s', [event('first')])
      expect(await whatIsTold(other)).toEqual(told('first', 1, BOB))

      await one.sessions.update('s', { label: 'second' })
      await one.messages.change('s', { id }, { kind: 'edit', text: 'second', at: at(1) })
      await one.chats.upsertContacts('s', [{ id: ALICE, name: 'second' }])
      await one.chats.upsert('s', [{ id: GROUP }])
      await one.chats.mapIdentities('s', [{ pn: BOB, lid: BOB_LID }])
      await one.events.append('s', [event('second')])
      expect(await whatIsTold(other)).toEqual(told('second', 2, BOB_LID))
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
        'chats.learnDialled': () => store.chats.learnDialled('s', [{ dialled: BOB, jid: ALICE }]),
        'chats.resolveDialled': () => store.chats.resolveDialled('s', BOB),
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

const event = (text: string): NewEvent => ({ name: 'message', at: at(0), payload: { message: message({ text }) } })

/** Something of what each port answers. */
async function whatIsTold({ sessions, messages, chats, events }: Pick<Store, Exclude<Ports, 'auth' | 'health'>>) {
  const logged = (await events.read('s', { after: 0, limit: 9 })).events.at(-1)?.event
  return {
    session: (await sessions.get('s'))?.label,
    sessions: (await sessions.list({ limit: 1 })).items[0]?.label,
    message: (await messages.find('s', { id: message().id }))[0]?.text,
    messages: (await messages.page('s', { limit: 1 })).items[0]?.text,
    lastMessage: (await chats.get('s', ALICE))?.lastMessage?.text,
    contact: (await chats.getContact('s', ALICE))?.name,
    contacts: (await chats.pageContacts('s', { limit: 1 })).items[0]?.name,
    event: logged && 'message' in logged ? logged.message.text : undefined,
    lastSeq: await events.lastSeq('s'),
    chats: await chats.count('s'),
    resolved: await chats.resolve('s', [BOB]),
  }
}

const told = (text: string, count: number, bob: Jid) => ({
  session: text,
  sessions: text,
  message: text,
  messages: text,
  lastMessage: text,
  contact: text,
  contacts: text,
  event: text,
  lastSeq: count,
  chats: count,
  resolved: [bob],
})

/** What holds for a whole store, whatever the port. */
export function storeLifeSuite<Backend>(subject: StoreUnderTest<Backend>): void {
  registerCases('life', lifeCases, subject)
}
