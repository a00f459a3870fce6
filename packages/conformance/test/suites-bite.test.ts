import { type Clock, createMemoryStore, type Store, TrunklineError } from '@trunkline/core'
import { describe, expect, it } from 'vitest'
import { apiKeyCases } from '../src/api-key-suite.js'
import { attemptCases } from '../src/attempt-suite.js'
import { auditCases } from '../src/audit-suite.js'
import { authCases } from '../src/auth-suite.js'
import { chatCases } from '../src/chat-suite.js'
import { cursorCases } from '../src/cursor-suite.js'
import { eventCases } from '../src/event-suite.js'
import { installationCases } from '../src/installation-suite.js'
import { jobCases } from '../src/job-suite.js'
import { leaseCases } from '../src/lease-suite.js'
import { lifeCases } from '../src/life-suite.js'
import { mediaCases } from '../src/media-suite.js'
import { messageCases } from '../src/message-suite.js'
import { referenceCases } from '../src/reference-suite.js'
import { sessionCases } from '../src/session-suite.js'
import { type Case, runCase, type StoreUnderTest } from '../src/suite.js'
import { trafficCases } from '../src/traffic-suite.js'
import { userCases } from '../src/user-suite.js'
import { webhookCases } from '../src/webhook-suite.js'
import { BROKEN_API_KEYS } from './broken/api-keys.js'
import { BROKEN_ATTEMPTS } from './broken/attempts.js'
import { BROKEN_AUDIT } from './broken/audit.js'
import { BROKEN_AUTH } from './broken/auth.js'
import { BROKEN_BAILEYS_KEYS } from './broken/baileys-keys.js'
import type { BrokenStore } from './broken/broken-store.js'
import { BROKEN_CHATS } from './broken/chats.js'
import { BROKEN_CURSORS } from './broken/cursors.js'
import { BROKEN_EVENTS } from './broken/events.js'
import { BROKEN_INSTALLATION } from './broken/installation.js'
import { BROKEN_JOBS } from './broken/jobs.js'
import { BROKEN_LEASES } from './broken/leases.js'
import { BROKEN_LIFE } from './broken/life.js'
import { BROKEN_MEDIA } from './broken/media.js'
import { BROKEN_MESSAGES } from './broken/messages.js'
import { BROKEN_ORDER, BROKEN_RECORD } from './broken/recording.js'
import { BROKEN_REFERENCE } from './broken/reference.js'
import { BROKEN_SESSIONS } from './broken/sessions.js'
import { BROKEN_TRAFFIC } from './broken/traffic.js'
import { BROKEN_USERS } from './broken/users.js'
import { BROKEN_WEBHOOKS } from './broken/webhooks.js'

type Backend = { store?: Store; openings: number }

/** A memory store that is kept with its backend, so that it survives a restart, with a mistake wrapped around it. */
function subject(wrap: BrokenStore['wrap']): StoreUnderTest<Backend> {
  const open = (backend: Backend, clock: Clock, writes?: number) => {
    const store = backend.store ?? createMemoryStore({ clock })
    backend.store = store
    backend.openings += 1
    const engine = writes === 0 ? failingAtOnce(store) : store
    return wrap(engine, { opening: backend.openings, failing: writes !== undefined, clock })
  }
  return {
    name: 'broken',
    backend: async () => ({ openings: 0 }),
    open: async (backend, { clock }) => open(backend, clock),
    openFailing: async (backend, { writes, clock }) => open(backend, clock, writes),
  }
}

/** The store with every call of every port rejected, as when its engine is gone. */
function failingAtOnce(store: Store): Store {
  const gone = async () => {
    throw new TrunklineError('STORE_UNAVAILABLE')
  }
  const failing = (port: object) => Object.fromEntries(Object.keys(port).map((method) => [method, gone]))
  const { setup: _setup, health: _health, close: _close, ...members } = store
  const ports = Object.entries(members)
  return { ...store, ...Object.fromEntries(ports.map(([name, port]) => [name, failing(port)])), health: gone } as Store
}

/** What the case says about the broken store. */
async function verdict(one: Case<keyof Store>, wrap: BrokenStore['wrap']): Promise<unknown> {
  return runCase(one, subject(wrap)).then(
    () => 'passed',
    (error: unknown) => error,
  )
}

const SUITES: [string, readonly unknown[], BrokenStore[]][] = [
  ['life', lifeCases, BROKEN_LIFE],
  ['auth', authCases, [...BROKEN_BAILEYS_KEYS, ...BROKEN_AUTH]],
  ['sessions', sessionCases, BROKEN_SESSIONS],
  ['messages', messageCases, [...BROKEN_MESSAGES, ...BROKEN_ORDER, ...BROKEN_RECORD]],
  ['chats', chatCases, BROKEN_CHATS],
  ['users', userCases, BROKEN_USERS],
  ['API keys', apiKeyCases, BROKEN_API_KEYS],
  ['audit', auditCases, BROKEN_AUDIT],
  ['leases', leaseCases, BROKEN_LEASES],
  ['events', eventCases, BROKEN_EVENTS],
  ['jobs', jobCases, BROKEN_JOBS],
  ['media', mediaCases, BROKEN_MEDIA],
  ['cursors', cursorCases, BROKEN_CURSORS],
  ['webhooks', webhookCases, BROKEN_WEBHOOKS],
  ['traffic', trafficCases, BROKEN_TRAFFIC],
  ['attempts', attemptCases, BROKEN_ATTEMPTS],
  ['the installation', installationCases, BROKEN_INSTALLATION],
  ['whatever happens', referenceCases, BROKEN_REFERENCE],
]

describe.each(SUITES)('the suite for %s', (_port, given, brokenStores) => {
  const cases = given as readonly Case<keyof Store>[]

  it('passes a store without a mistake', async () => {
    for (const one of cases)
      await runCase(
        one,
        subject((store) => store),
      )
  })

  it('gives each of its tests a name of its own', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  })

  it('has a broken store for each of its tests', () => {
    const caught = new Set(brokenStores.map(({ caughtBy }) => caughtBy))
    expect(cases.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([])
  })

  it.each(brokenStores.map((store) => [store.name, store] as const))(
    'catches a store that %s',
    async (_name, store) => {
      const one = cases.find(({ name }) => name === store.caughtBy)
      if (!one) throw new Error(`There is no test named "${store.caughtBy}"`)
      const error = await verdict(one, store.wrap)
      expect(error).toBeInstanceOf(Error)
      // A mistake of the test itself would look like a catch.
      expect(error).not.toBeInstanceOf(TypeError)
    },
  )
})
