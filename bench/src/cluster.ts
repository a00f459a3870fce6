// What several nodes cost: a bus that one node has for itself, a command that goes to another node, an event that comes from one. Over
// the memory store, a scripted WhatsApp and a real NATS; see README.md. COUNT, ROUNDS: how many.
import { createMemoryStore, type ManagerOptions, MultiSessionManager } from '@trunkline/core'
import { createNatsBus } from '@trunkline/nats-bus'
import { findNatsServer, NatsServer } from '../../packages/nats-bus/test/nats-server.js'
import { median, percentile } from './end-to-end/statistics.js'
import { costOf } from './paths.js'
import { type ScriptedAccount, scriptedAccount } from './scripted-account.js'

const COUNT = Number(process.env.COUNT ?? 2_000)
const ROUNDS = Number(process.env.ROUNDS ?? 9)
const CHATS = Array.from({ length: 20 }, (_, n) => `155500010${String(n).padStart(2, '0')}`)
const ALICE = '15550000002@s.whatsapp.net'

/** One session, the manager that runs it, and the one that is asked. */
interface World {
  account: ScriptedAccount
  asked: MultiSessionManager
  /** Resolves when so many messages that came in were heard where the client is. */
  heard(count: number): Promise<void>
  close(): Promise<void>
}

const binary = findNatsServer()
if (!binary) throw new Error('There is no nats-server: `node scripts/nats.mjs` fetches one')
const nats = await NatsServer.start(binary)
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error }

const worlds = {
  async alone(): Promise<World> {
    const account = await scriptedAccount('all')
    return { account, asked: account.manager, heard: hearing(account.manager), close: () => account.close() }
  },
  async 'with a bus'(): Promise<World> {
    const bus = createNatsBus({ servers: nats.url })
    const account = await scriptedAccount('all', { cluster: { bus } })
    return { account, asked: account.manager, heard: hearing(account.manager), close: () => account.close() }
  },
  async 'from another node'(): Promise<World> {
    const store = createMemoryStore()
    const account = await scriptedAccount('all', { store, cluster: { bus: createNatsBus({ servers: nats.url }) } })
    const options: ManagerOptions = { store, logger: silent, cluster: { bus: createNatsBus({ servers: nats.url }) } }
    const asked = new MultiSessionManager(options)
    const heard = hearing(asked)
    await asked.start()
    return {
      account,
      asked,
      heard,
      async close() {
        await asked.close()
        await account.close()
      },
    }
  },
}

function hearing(manager: MultiSessionManager): World['heard'] {
  let count = 0
  let ring = () => {}
  manager.onAny(
    (name) => {
      if (name !== 'message') return
      count += 1
      ring()
    },
    { scope: 'cluster' },
  )
  return async (wanted) => {
    while (count < wanted) await new Promise<void>((resolve) => (ring = resolve))
    count -= wanted
  }
}

const paths = {
  async 'a text that is sent'({ asked }: World, count: number) {
    let next = 0
    const sender = async () => {
      while (next < count) {
        const n = next
        next += 1
        await asked.send('s', { to: CHATS[n % CHATS.length] ?? '', text: `message ${n}` })
      }
    }
    await Promise.all(Array.from({ length: 16 }, sender))
  },
  async 'a message that comes in, until it is heard'({ account, heard }: World, count: number) {
    for (let n = 0; n < count; n += 1) await account.receive(ALICE, `message ${n}`)
    await heard(count)
  },
}

type WorldName = keyof typeof worlds
const NAMES = Object.keys(worlds) as WorldName[]

async function round(path: (world: World, count: number) => Promise<void>, name: WorldName): Promise<number> {
  const world = await worlds[name]()
  await path(world, Math.ceil(COUNT / 10))
  const { cpuMicros } = await costOf(world.account, COUNT, () => path(world, COUNT))
  await world.close()
  return cpuMicros
}

console.log(`${ROUNDS} rounds of ${COUNT} messages · Node.js ${process.versions.node} · both nodes in one process\n`)
console.log(`| CPU µs | ${NAMES.join(' | ')} |\n|---|--:|--:|--:|`)
try {
  for (const [title, path] of Object.entries(paths)) {
    const costs = new Map<WorldName, number[]>(NAMES.map((name) => [name, []]))
    for (let n = -1; n < ROUNDS; n += 1)
      for (const name of n % 2 === 0 ? NAMES : [...NAMES].reverse()) {
        const cost = await round(path, name)
        // The first warms up.
        if (n >= 0) costs.get(name)?.push(cost)
      }
    const alone = costs.get('alone') ?? []
    const cells = NAMES.map((name) => {
      const each = costs.get(name) ?? []
      const ratio = median(each.map((cost, n) => cost / (alone[n] ?? cost)))
      return `${median(each).toFixed(0)}${name === 'alone' ? '' : ` (${ratio.toFixed(3)})`}`
    })
    console.log(`| ${title} | ${cells.join(' | ')} |`)
  }
  const waits: string[] = []
  for (const name of NAMES) {
    const world = await worlds[name]()
    const each: number[] = []
    for (let n = 0; n < 500; n += 1) {
      const startedAt = performance.now()
      await world.asked.send('s', { to: CHATS[n % CHATS.length] ?? '', text: `message ${n}` })
      each.push(performance.now() - startedAt)
    }
    waits.push(`${percentile(each, 0.5).toFixed(2)} / ${percentile(each, 0.99).toFixed(2)}`)
    await world.close()
  }
  console.log(`| ms until a text is sent, one at a time, p50 / p99 | ${waits.join(' | ')} |`)
} finally {
  await nats.kill()
}
