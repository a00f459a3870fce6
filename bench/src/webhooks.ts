// What a delivery of a webhook costs, and what webhooks that nobody has cost a message that comes in. Over the memory store and a scripted
// WhatsApp, to a receiver in a process of its own; see README.md. COUNT, ROUNDS: how many.
import { startReceiver } from './hosts/receiver-side.js'
import { type Cost, compareIdle, costOf, IDLE_HEAD, idleRow, medianCost, type Path } from './paths.js'
import { type ScriptedAccount, scriptedAccount } from './scripted-account.js'

const COUNT = Number(process.env.COUNT ?? 4_000)
const ROUNDS = Number(process.env.ROUNDS ?? 40)
const ALICE = '15550000002@s.whatsapp.net'

const received: Path = {
  name: 'received',
  async run(account, count) {
    for (let n = 0; n < count; n += 1) await account.receive(ALICE, `message ${n}`)
  },
}

const compared = await compareIdle(received, { rounds: ROUNDS, count: COUNT })
const receiver = await startReceiver()
const used: Record<'alone' | 'delivered', Cost[]> = { alone: [], delivered: [] }
try {
  const round = async (costs: Cost[], isDelivered: boolean) => {
    const account = await scriptedAccount('all', { urlAllow: ['127.0.0.1'] })
    if (isDelivered) await account.manager.webhooks.create({ url: receiver.url, events: ['message'] })
    const work = (count: number) => () => deliver(account, count, isDelivered)
    await work(Math.ceil(COUNT / 10))()
    globalThis.gc?.()
    costs.push(await costOf(account, COUNT, work(COUNT)))
    await account.close()
  }
  for (let n = 0; n < ROUNDS / 4; n += 1) {
    await round(used.alone, false)
    await round(used.delivered, true)
  }
} finally {
  receiver.stop()
}

/** Resolves when the receiver has all of them. */
async function deliver(account: ScriptedAccount, count: number, isDelivered: boolean): Promise<void> {
  const all = receiver.count() + count
  await received.run(account, count)
  if (isDelivered) await receiver.has(all)
}

const [alone, delivered] = [medianCost(used.alone), medianCost(used.delivered)]
console.log(`${ROUNDS} rounds of ${COUNT} messages that come in · Node.js ${process.versions.node}\n`)
console.log(IDLE_HEAD)
console.log(idleRow(received.name, compared))
console.log('\n| | a message alone | with its delivery | a delivery |\n|---|--:|--:|--:|')
const row = (name: string, [one, other]: [number, number], digits: number) =>
  console.log(`| ${name} | ${one.toFixed(digits)} | ${other.toFixed(digits)} | ${(other - one).toFixed(digits)} |`)
row('CPU µs', [alone.cpuMicros, delivered.cpuMicros], 0)
row('calls of the store', [alone.calls, delivered.calls], 2)
