// What several nodes cost: a bus that one node has for itself, a command that goes to another node, an event that comes from one. Over
// the memory store, a scripted WhatsApp and a real NATS; see README.md. COUNT, ROUNDS: how many.
import { createMemoryStore, type ManagerOptions, MultiSessionManager } from '@trunkline/core'
import { createNatsBus } from '@trunkline/nats-bus'
import { findNatsServer, NatsServer } from '../../packages/nats-bus/test/nats-server.js'
import { percentile } from './end-to-end/statistics.js'
import { BLOCK, costOf, meanOf, standardError } from './paths.js'
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
  /** How far two that are alike lie apart. */
  async 'alone, once more'(): Promise<World> {
    return worlds.alone()
  },
  async 'with a bus'(): Promise<World> {
    const bus = createNatsBus({ servers: nats.url })
    const account = await scriptedAccount('all', { cluster: { bus } })
    return {
      account,
      asked: account.manager,
      heard: hearing(account.manager),
      async close() {
        await account.close()
        await bus.close()
      },
    }
  },
  async 'from another node'(): Promise<World> {
    const store = createMemoryStore()
    const [bus, otherBus] = [createNatsBus({ servers: nats.url }), createNatsBus({ servers: nats.url })]
    const account = await scriptedAccount('all', { store, cluster: { bus } })
    const options: ManagerOptions = { store, logger: silent, cluster: { bus: otherBus } }
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
        await bus.close()
        await otherBus.close()
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

/** CPU µs of one message in each of the worlds, which take turns by blocks: what the process does at its own time falls on all alike. */
async function round(path: (world: World, count: number) => Promise<void>): Promise<number[]> {
  const all = await inOrder(NAMES, (name) => worlds[name]())
  const spent = all.map(() => [] as number[])
  for (const world of all) await path(world, Math.ceil(COUNT / 10))
  globalThis.gc?.()
  for (let block = 0; block < Math.max(1, COUNT / BLOCK); block += 1)
    for (const place of block % 2 === 0 ? all.keys() : [...all.keys()].reverse()) {
      const world = all[place]
      if (!world) continue
      const { cpuMicros } = await costOf(world.account, BLOCK, () => path(world, BLOCK))
      spent[place]?.push(cpuMicros)
    }
  for (const world of all) await world.close()
  return spent.map(meanOf)
}

async function inOrder<Given, Made>(given: readonly Given[], make: (each: Given) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = []
  for (const each of given) made.push(await make(each))
  return made
}

/** With twice the standard error: in 19 of 20 runs what it really is lies as near. */
function cellOf(rounds: readonly number[][], place: number): string {
  const ratios = rounds.map((costs) => (costs[place] ?? 0) / (costs[0] ?? 1))
  const ratio = place === 0 ? '' : ` (${meanOf(ratios).toFixed(3)} ± ${(2 * standardError(ratios)).toFixed(3)})`
  return `${meanOf(rounds.map((costs) => costs[place] ?? 0)).toFixed(0)}${ratio}`
}

console.log(`${ROUNDS} rounds of ${COUNT} messages · Node.js ${process.versions.node} · both nodes in one process\n`)
console.log(`| CPU µs | ${NAMES.join(' | ')} |\n|---|${'--:|'.repeat(NAMES.length)}`)
try {
  for (const [title, path] of Object.entries(paths)) {
    // The first warms up.
    await round(path)
    const rounds = await inOrder([...Array(ROUNDS).keys()], () => round(path))
    console.log(`| ${title} | ${NAMES.map((_, place) => cellOf(rounds, place)).join(' | ')} |`)
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
