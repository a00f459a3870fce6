// What a queued message costs beside one that is sent at once, and what a queue that nobody uses costs those that are sent at once or come
// in. Over the memory store and a scripted WhatsApp; see README.md. COUNT, ROUNDS: how many.
import { type Cost, compareIdle, costOf, IDLE_HEAD, idleRow, medianCost, type Path } from './paths.js'
import { scriptedAccount } from './scripted-account.js'

const COUNT = Number(process.env.COUNT ?? 4_000)
const ROUNDS = Number(process.env.ROUNDS ?? 60)
const CHATS = Array.from({ length: 20 }, (_, n) => `155500010${String(n).padStart(2, '0')}`)
const ALICE = '15550000002@s.whatsapp.net'

const sent: Path = { name: 'sent at once', run: (account, count) => account.send(count, { chats: CHATS }) }
const queued: Path = { name: 'queued', run: (account, count) => account.send(count, { chats: CHATS, queue: true }) }
const received: Path = {
  name: 'received',
  async run(account, count) {
    for (let n = 0; n < count; n += 1) await account.receive(ALICE, `message ${n}`)
  },
}

const idle = [
  { path: sent, compared: await compareIdle(sent, { rounds: ROUNDS, count: COUNT }) },
  { path: received, compared: await compareIdle(received, { rounds: ROUNDS, count: COUNT }) },
]
const used: Record<'sent' | 'queued', Cost[]> = { sent: [], queued: [] }
for (let n = 0; n < ROUNDS / 4; n += 1)
  for (const [costs, { run }] of [[used.sent, sent] as const, [used.queued, queued] as const]) {
    const account = await scriptedAccount('all')
    await run(account, Math.ceil(COUNT / 10))
    globalThis.gc?.()
    costs.push(await costOf(account, COUNT, () => run(account, COUNT)))
    await account.close()
  }
const [plain, waited] = [medianCost(used.sent), medianCost(used.queued)]

console.log(`${ROUNDS} rounds of ${COUNT} messages to ${CHATS.length} chats · Node.js ${process.versions.node}\n`)
console.log(IDLE_HEAD)
for (const { path, compared } of idle) console.log(idleRow(path.name, compared))
console.log('\n| a message | sent at once | queued | ratio |\n|---|--:|--:|--:|')
console.log(
  `| CPU µs | ${plain.cpuMicros.toFixed(0)} | ${waited.cpuMicros.toFixed(0)} | ${(waited.cpuMicros / plain.cpuMicros).toFixed(2)} |`,
)
console.log(`| calls of the store | ${plain.calls.toFixed(2)} | ${waited.calls.toFixed(2)} | |`)
