import type { Clock, Store } from '@trunkline/core/store'
import { describe, it } from 'vitest'
import { ManualClock } from './testing/manual-clock.js'

/** What an engine may honestly lack. A test that needs it is skipped by name, with the reason given. */
export const FEATURES = {
  durable: 'what was acknowledged is there after close and open',
  shared: 'two instances work on one backend at once',
  atomicBatch: 'an auth batch is all or nothing wherever the engine fails',
  users: 'it keeps the people of the own login',
  apiKeys: 'it keeps API keys of the own login',
  audit: 'it keeps who did what',
  jobs: 'it keeps durable work',
  media: 'it keeps the bytes of media',
  cursors: 'it keeps how far readers of the event log have come',
  webhooks: 'it keeps webhooks',
  traffic: 'it keeps how many messages there were by hour',
  attempts: 'it counts what may be tried only so often',
  installation: 'it keeps what is set for all processes',
} as const

export type Feature = keyof typeof FEATURES

/** The part of a store that a suite of these ports needs. A whole `Store` fits every suite. */
export type Opened<Ports extends keyof Store> = Pick<Store, Ports | 'setup' | 'close'>

/** The same with what is optional: tests that need it do not run without it. */
export type Ready<Ports extends keyof Store> = Required<Opened<Ports>>

/** Members that a store may leave out. */
const OPTIONAL_PORTS = [
  'users',
  'apiKeys',
  'audit',
  'jobs',
  'media',
  'cursors',
  'webhooks',
  'traffic',
  'attempts',
  'installation',
] as const

export interface StoreUnderTest<Backend, Ports extends keyof Store = keyof Store> {
  /** What the tests are called by: `sqlite`, `memory`, … */
  name: string
  /** A fresh, empty backend: a folder, a database, … Called once for each test. */
  backend(): Promise<Backend>
  /** A store on the backend. Called again where a restart or a second node is tested. `clock` decides when leases expire. */
  open(backend: Backend, options: { clock: Clock }): Promise<Opened<Ports>>
  /** Removes the backend after the test; every store on it is closed by then. */
  destroy?(backend: Backend): Promise<void>
  /**
   * A store, set up already, whose engine carries out `writes` more single writes and then fails everything, reads too, as
   * if its connection or disk had gone. Tests of outages are skipped without it.
   */
  openFailing?(backend: Backend, options: { writes: number; clock: Clock }): Promise<Opened<Ports>>
  /** What the engine lacks, with the reason. */
  lacks?: Partial<Record<Feature, string>>
}

/** What a test works with. Whatever it opens is closed after it. */
export interface Bench<Ports extends keyof Store> {
  clock: ManualClock
  /** A store on the backend of this test; a second call is a second instance beside the first. */
  open(): Promise<Ready<Ports>>
  /** Closes what is open and opens the backend again, as after a restart. */
  reopen(): Promise<Ready<Ports>>
  /** Closes what is open and opens a store that fails after so many writes. */
  openFailing(writes: number): Promise<Ready<Ports>>
}

/** One promise of a port, as a test. */
export interface Case<Ports extends keyof Store> {
  /** The group it is listed under. */
  promise: string
  name: string
  needs?: readonly (Feature | 'outage')[]
  /** Where vitest's own time is too short. */
  timeoutMs?: number
  run(bench: Bench<Ports>): Promise<void>
}

/** Lists cases under the promise they belong to. */
export function promise<Ports extends keyof Store>(
  name: string,
  cases: readonly Omit<Case<Ports>, 'promise'>[],
): Case<Ports>[] {
  return cases.map((one) => ({ ...one, promise: name }))
}

/** The cases of a port that a store may leave out. */
export function needing<Ports extends keyof Store>(
  port: (typeof OPTIONAL_PORTS)[number],
  cases: readonly Case<Ports>[],
): Case<Ports>[] {
  return cases.map((one) => ({ ...one, needs: [port, ...(one.needs ?? [])] }))
}

/** Registers the cases with vitest. */
export function registerCases<Backend, Ports extends keyof Store>(
  port: string,
  cases: readonly Case<Ports>[],
  subject: StoreUnderTest<Backend, Ports>,
): void {
  describe(`${subject.name}: ${port}`, () => {
    for (const name of new Set(cases.map((one) => one.promise))) {
      describe(name, () => {
        for (const one of cases.filter((other) => other.promise === name)) {
          const missing = missingFeature(one, subject)
          if (missing) it.skip(`${one.name} (skipped: ${missing})`, () => {})
          else it(one.name, () => runCase(one, subject), one.timeoutMs)
        }
      })
    }
  })
}

/** Runs one case on a fresh backend; rejects when the store breaks the promise. */
export async function runCase<Backend, Ports extends keyof Store>(
  one: Case<Ports>,
  subject: StoreUnderTest<Backend, Ports>,
): Promise<void> {
  const clock = new ManualClock()
  const backend = await subject.backend()
  const opened: Opened<Ports>[] = []
  const closeAll = async () => {
    for (const store of opened.splice(0)) await store.close()
  }
  const open = async () => {
    const store = await subject.open(backend, { clock })
    opened.push(store)
    await store.setup()
    return ready(one, store)
  }
  try {
    await one.run({
      clock,
      open,
      reopen: () => closeAll().then(open),
      async openFailing(writes) {
        if (!subject.openFailing) throw new Error('This store cannot be made to fail')
        await closeAll()
        const store = await subject.openFailing(backend, { writes, clock })
        opened.push(store)
        return ready(one, store)
      },
    })
  } finally {
    await closeAll()
    await subject.destroy?.(backend)
  }
}

function ready<Ports extends keyof Store>({ needs = [] }: Case<Ports>, store: Opened<Ports>): Ready<Ports> {
  const absent = OPTIONAL_PORTS.find((port) => needs.includes(port) && !(port in store))
  if (absent) throw new Error(`This store has no ${absent}: say so in "lacks"`)
  return store as Ready<Ports>
}

function missingFeature<Backend, Ports extends keyof Store>(
  one: Case<Ports>,
  subject: StoreUnderTest<Backend, Ports>,
): string | undefined {
  for (const need of one.needs ?? []) {
    if (need !== 'outage' && subject.lacks?.[need] !== undefined) return subject.lacks[need]
    if (need === 'outage' && !subject.openFailing) return 'no openFailing was given'
  }
  return undefined
}
