import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import {
  createMemoryStore,
  type EventName,
  type ManagerOptions,
  MultiSessionManager,
  type Store,
  TrunklineError,
} from '@trunkline/core'
import { createMongoStore } from '@trunkline/mongo-store'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { MongoClient } from 'mongodb'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from './crash/eventually.js'

/** Short, so that the end of a lease does not take long; looks at it come fifteen times as often. */
const LEASE_TTL_MS = 6_000
const READS = /^(?:store|leases)\.|\.(?:get|list|find|read|page|lastSeq|resolve)/
const ANA = '15550000001'

/** A store that each of two nodes opens for itself. */
interface SharedStore {
  open(): Store
  /** One more, to look at what is stored. */
  store: Store
  close(): Promise<void>
}

const engines = [
  { name: 'memory', open: async () => sharedMemory() },
  { name: 'MongoDB', open: sharedMongo },
]

describe.each(engines)('two nodes on one store ($name)', ({ open }) => {
  let shared: SharedStore
  let simulator: Simulator
  let ana: Phone
  let carol: Phone
  let nodes: Node[]

  beforeEach(async ({ skip }) => {
    const opened = await open()
    if (!opened) return skip('no MongoDB is named by TEST_MONGODB_URI (`npm test` does)')
    shared = opened
    simulator = await startSimulator({ seed: 'two nodes' })
    ana = await simulator.createPhone({ number: ANA, name: 'Ana' })
    carol = await simulator.createPhone({ number: '15550000003', name: 'Carol' })
    nodes = []
  })

  afterEach(async () => {
    for (const node of nodes ?? []) await node.close()
    await simulator?.close()
    await shared?.close()
  })

  function node(name: string, options: ManagerOptions = {}): Node {
    const made = new Node(name, shared.open(), { simulator, options })
    nodes.push(made)
    return made
  }

  /** The first node runs the linked session; the second has started after it. */
  async function two(): Promise<[Node, Node]> {
    const one = node('one')
    await one.link('shop', ana)
    const other = node('other')
    await other.manager.start()
    return [one, other]
  }

  it('show the same truth, and the second writes nothing, tells nothing and connects nowhere', async () => {
    const [one, other] = await two()
    await eventually(async () => other.calls.filter((call) => call === 'leases.held').length >= 5)
    expect(other.writes).toEqual([])
    expect(other.heard).toEqual([])
    expect(simulator.connections).toHaveLength(1)
    const shown = await other.manager.get('shop')
    expect(shown).toMatchObject({ status: 'connected', health: 'ok', account: { phone: ANA } })
    expect(shown).toEqual(await one.manager.get('shop'))
    for (const call of [
      () => other.manager.restartSession('shop'),
      () => other.manager.send('shop', { to: carol.number, text: 'from the wrong node' }),
    ])
      await expect(call()).rejects.toMatchObject({
        code: 'LEASE_HELD',
        details: { owner: expect.stringMatching(/^one\./) },
      })
    expect(other.writes).toEqual([])
  })

  it('end a session on either of them: the one that runs it does it, and WhatsApp forgets the device', async () => {
    const [one, other] = await two()
    expect(await other.manager.stopSession('shop')).toMatchObject({ status: 'stopped', desired: 'stopped' })
    expect(simulator.connections).toEqual([])
    expect(ana.devices).toHaveLength(1)
    await other.manager.startSession('shop')
    await other.connected('shop')
    await one.manager.delete('shop')
    await eventually(async () => ana.devices.length === 0 && simulator.connections.length === 0)
    expect(await shared.store.sessions.get('shop')).toMatchObject({
      status: 'logged_out',
      node: expect.stringMatching(/^other\./),
    })
    expect(await shared.store.auth.listArchives('shop')).toHaveLength(1)
  })

  it('make no more sessions together than the limit', async () => {
    const both = [node('one', { maxSessions: 3 }), node('other', { maxSessions: 3 })]
    const made = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => both[n % 2]?.manager.create({ id: `s${n}`, start: false })),
    )
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    for (const outcome of made)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'SESSION_LIMIT_REACHED' })
    expect((await shared.store.sessions.list({ limit: 10 })).items).toHaveLength(3)
  })

  it('change what is wanted of a session on either of them', async () => {
    const [one, other] = await two()
    await other.manager.update('shop', { label: 'Front desk', settings: { readOnReceive: true } })
    await eventually(async () => (await one.manager.get('shop')).label === 'Front desk')
    await one.manager.restartSession('shop')
    await one.connected('shop')
    expect(await other.manager.get('shop')).toMatchObject({ label: 'Front desk', settings: { readOnReceive: true } })
  })

  it('hand the session over at once when the first closes, and no message is lost', async () => {
    const [one, other] = await two()
    await one.manager.close()
    await carol.sendText(ANA, 'in between')
    await other.connected('shop')
    await eventually(async () => (await other.manager.messages('shop')).items.some(({ text }) => text === 'in between'))
    await other.manager.send('shop', { to: carol.number, text: 'from the second' })
    await carol.waitForMessage('from the second')
    expect(simulator.connections).toHaveLength(1)
    expect(ana.devices).toHaveLength(1)
  })

  it('show no connection that is gone, and the second takes over when the lease of the first has run out', async () => {
    const [one, other] = await two()
    one.die()
    await eventually(async () => (await other.manager.get('shop')).status !== 'connected')
    await other.connected('shop')
    await other.manager.send('shop', { to: carol.number, text: 'taken over' })
    await carol.waitForMessage('taken over')
    // The first comes back, with what it still had to write, and finds that the session is another's.
    one.revive()
    await eventually(async () => isDeepStrictEqual(await one.manager.get('shop'), await other.manager.get('shop')))
    expect(await shared.store.sessions.get('shop')).toMatchObject({
      status: 'connected',
      node: expect.stringMatching(/^other\./),
    })
    const { events } = await shared.store.events.read('shop', { after: 0, limit: 200 })
    expect(events.filter(({ name }) => name === 'session.status').at(-1)?.event).toMatchObject({ status: 'connected' })
    expect(simulator.connections).toHaveLength(1)
  })
})

/** A manager with a store that can stop to answer for good, as that of a process that was killed or stopped. */
class Node {
  readonly manager: MultiSessionManager
  readonly heard: EventName[] = []
  /** What was asked of the store, such as `sessions.get`. */
  readonly calls: string[] = []
  readonly #store: Store
  #gone: Promise<never> | undefined
  #comeBack: () => void = () => {}

  constructor(owner: string, store: Store, { simulator, options }: { simulator: Simulator; options: ManagerOptions }) {
    this.#store = store
    this.manager = new MultiSessionManager({
      store: this.#mortal(store),
      owner,
      leaseTtlMs: LEASE_TTL_MS,
      webSocketUrl: simulator.url,
      certPublicKey: simulator.rootPublicKey,
      connectsPerSecond: 200,
      logger: pino({ level: 'silent' }),
      reconnect: { reconnectBaseMs: 20, reconnectMaxMs: 100, replacedRetryMs: 50 },
      maintenance: { flushIntervalMs: 50 },
      ...options,
    })
    this.manager.onAny((name) => this.heard.push(name))
  }

  /** Of the calls, those that write; to ask for a lease that is another's writes nothing. */
  get writes(): string[] {
    return this.calls.filter((call) => !READS.test(call))
  }

  async link(sessionId: string, phone: Phone): Promise<void> {
    const shown = new Promise<string>((resolve) => this.manager.once('qr', ({ qr }) => resolve(qr)))
    await this.manager.create({ id: sessionId })
    await phone.scanQr(await shown)
    await this.connected(sessionId)
  }

  async connected(sessionId: string): Promise<void> {
    await eventually(async () => {
      const { status } = await this.manager.get(sessionId)
      return status === 'connected' && this.heard.includes('connected')
    })
  }

  /** From now on every call to the store hangs. */
  die(): void {
    this.#gone = new Promise((_resolve, reject) => {
      this.#comeBack = () => reject(new TrunklineError('STORE_UNAVAILABLE'))
    })
    this.#gone.catch(() => undefined)
  }

  /** Calls that hang fail, and new ones are answered. */
  revive(): void {
    this.#gone = undefined
    this.#comeBack()
  }

  async close(): Promise<void> {
    this.revive()
    await this.manager.close()
    await this.#store.close()
  }

  #mortal(store: Store): Store {
    const port = <Port extends object>(calls: Port, of: string): Port =>
      new Proxy(calls, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name)
          if (typeof value !== 'function') return value
          return (...args: unknown[]) => {
            this.calls.push(`${of}.${String(name)}`)
            return this.#gone ?? Reflect.apply(value, target, args)
          }
        },
      })
    const { auth, sessions, messages, chats, leases, events } = store
    const ports = { auth, sessions, messages, chats, leases, events }
    const mortal = Object.fromEntries(Object.entries(ports).map(([name, calls]) => [name, port(calls, name)]))
    return Object.assign(port({ ...store }, 'store'), mortal) as Store
  }
}

function sharedMemory(): SharedStore {
  const store = createMemoryStore()
  return { open: () => store, store, close: () => store.close() }
}

async function sharedMongo(): Promise<SharedStore | undefined> {
  const { TEST_MONGODB_URI } = process.env
  if (!TEST_MONGODB_URI) return undefined
  const uri = new URL(TEST_MONGODB_URI)
  uri.pathname = `/two-nodes-${randomUUID()}`
  const client = await MongoClient.connect(uri.href)
  const store = createMongoStore({ uri: uri.href })
  await store.setup()
  return {
    open: () => createMongoStore({ uri: uri.href }),
    store,
    async close() {
      await store.close()
      await client.db().dropDatabase()
      await client.close()
    },
  }
}
