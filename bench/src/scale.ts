// Many accounts in one process on SQLite: linked, idle, a few of them busy, restarted, killed; see README.md.
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleChild } from './end-to-end/bundle.js'
import { type Child, nodeCommand, startChild } from './end-to-end/child-process.js'
import type { Memory } from './end-to-end/measure.js'
import type { SimulatorCalls } from './end-to-end/simulator-child.js'
import { percentile } from './end-to-end/statistics.js'
import type { Phase, ScaleCalls } from './scale/scale-child.js'

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '1000' },
    'connects-per-second': { type: 'string', default: '50' },
    messages: { type: 'string', default: '1000' },
  },
})
const [accounts, connectsPerSecond, messages] = [
  Number(values.accounts),
  Number(values['connects-per-second']),
  Number(values.messages),
]
/** What a busy hour looks like: one account of twenty. */
const ACTIVE_SHARE = 0.05
const IDLE_MS = 60_000
const MEBIBYTE = 1024 * 1024

const rows: string[][] = []
const files = {
  simulator: await bundleChild('end-to-end/simulator-child'),
  child: await bundleChild('scale/scale-child'),
}
const folder = await mkdtemp(join(tmpdir(), 'trunkline-scale-'))
const simulator = startChild<SimulatorCalls>(nodeCommand(process.execPath, files.simulator), { name: 'The simulator' })
const scanQr = (argument: { number: string; qr: string }) => simulator.call('scanQr', argument)
let child: Child<ScaleCalls> | undefined
try {
  const { url, rootPublicKey } = await simulator.call('start', { seed: 'scale' })
  const options = { url, rootPublicKey, connectsPerSecond, store: 'sqlite' as const, folder }
  const begin = async (connected: number) => {
    child = startChild<ScaleCalls>(nodeCommand(process.execPath, files.child), { name: 'Trunkline', local: { scanQr } })
    return { child, began: await child.call('start', { options, accounts: connected }) }
  }
  const numbers = Array.from({ length: accounts }, (_, index) => `15552${String(index).padStart(6, '0')}`)
  await simulator.call('addPhones', { numbers })

  const first = await begin(0)
  const baseline = first.began.memory
  note('linking', await first.child.call('link', { numbers }))
  noteMemory('linked', await first.child.call('memory', undefined), baseline)
  note(`idle for ${IDLE_MS / 1000} s`, await first.child.call('idle', { ms: IDLE_MS }))

  const active = numbers.slice(0, Math.max(2, Math.round(accounts * ACTIVE_SHARE)))
  const circles = Array.from({ length: Math.floor(active.length / 2) }, (_, pair) => ({
    members: active.slice(pair * 2, pair * 2 + 2),
  }))
  const talk = await first.child.call('talk', { circles, messages, inFlight: 1 })
  note(`${active.length} of them talk, ${messages} messages`, talk)
  const { delivered, lost, doubled, latenciesMs } = talk.result
  rows.push([
    'of these messages',
    `${delivered} delivered, ${lost} lost, ${doubled} doubled; p50 ${percentile(latenciesMs, 0.5).toFixed(0)} ms`,
  ])
  noteMemory('after the messages', await first.child.call('memory', undefined), baseline)

  await first.child.call('close', undefined)
  await first.child.end()
  const second = await begin(accounts)
  note('restarted, until all are connected', second.began)
  rows.push(['… of it `manager.start()`', `${second.began.startMs.toFixed(0)} ms`])

  second.child.kill()
  await second.child.end()
  const third = await begin(accounts)
  note('killed, until all are connected', third.began)
  rows.push(['… of it `manager.start()`', `${third.began.startMs.toFixed(0)} ms`])
  note('the same conversations afterwards', await third.child.call('talk', { circles, messages, inFlight: 1 }))
  await third.child.call('close', undefined)
} finally {
  await Promise.all([child?.end(), simulator.end()])
  await rm(folder, { recursive: true, force: true })
}

const [cpu] = cpus()
console.log(
  `${new Date().toISOString().slice(0, 10)} · ${accounts} accounts in one process · Node.js ${process.versions.node} · ` +
    `${cpu?.model ?? 'unknown'}, ${cpus().length} cores · SQLite · ${connectsPerSecond} connects/s\n`,
)
console.log('| | |\n|---|---|')
for (const row of rows) console.log(`| ${row.join(' | ')} |`)

function note(name: string, { wallMs, cpuMs, loopMsP50, loopMsP99, loopMsMax }: Phase): void {
  const seconds = (ms: number) => (ms / 1000).toFixed(1)
  const loop = [loopMsP50, loopMsP99, loopMsMax].map((ms) => ms.toFixed(0)).join(' / ')
  const each = (cpuMs / accounts).toFixed(1)
  const text = `${seconds(wallMs)} s, CPU ${seconds(cpuMs)} s (${each} ms an account), event loop p50 / p99 / max ${loop} ms`
  console.error(`${name}: ${text}`)
  rows.push([name, text])
}

function noteMemory(name: string, now: Memory, baseline: Memory): void {
  const each = (kind: keyof Memory) => (((now[kind] - baseline[kind]) / accounts) * (1 / 1024)).toFixed(0)
  rows.push([
    name,
    `RSS ${(now.rssBytes / MEBIBYTE).toFixed(0)} MiB (${each('rssBytes')} KiB an account), live ${each('liveBytes')} KiB an account`,
  ])
}
