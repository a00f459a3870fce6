import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFileAuthStore } from '../src/index.js'
import { Live } from './support/live.js'
import { secretsOf } from './support/secrets.js'

const ANA = '15550000001'
const CAROL = '15550000003'
const PATIENCE_MS = 60_000
const script = fileURLToPath(new URL('./support/talking-child.ts', import.meta.url))

let live: Live
let folder: string
let output: string
let child: ChildProcess | undefined

beforeEach(async () => {
  live = await Live.start('killed')
  folder = await mkdtemp(join(tmpdir(), 'trunkline-killed-'))
  output = ''
})

afterEach(async () => {
  child?.kill('SIGKILL')
  await live[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

it(
  'a run that links, talks, renews sessions and is killed writes none of the keys that its store holds',
  async () => {
    const { simulator } = live
    const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
    await start(ana)
    await ask(carol, 'a first question')
    // One that the account cannot read, one that the phone cannot read, and a phone with other keys.
    simulator.faults.on({ number: ANA, direction: 'out', tag: 'message' }, { do: 'corrupt' }, { times: 1 })
    await ask(carol, 'a question on a new session')
    simulator.faults.on({ number: ANA, direction: 'in', tag: 'message' }, { do: 'corrupt' }, { times: 1 })
    await ask(carol, 'one with an answer on a new session')
    await carol.reinstall()
    await ask(carol, 'a question of a new phone')
    const { jid } = await simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA] })
    await carol.sendText(jid, 'a question to all')
    await heard(carol, 're: a question to all')
    await carol.sendText(ANA, 'a last question')
    await kill()

    const auth = createFileAuthStore({ folder })
    const secrets = await secretsOf(auth, 'ana')
    await start(ana)
    // The last question may have been stored, in the memory that went with the process, and not been answered.
    await ask(carol, 'a question after the kill')
    await kill()
    secrets.push(...(await secretsOf(createFileAuthStore({ folder }), 'ana')))

    expect(await auth.listKeyIds('ana', 'session')).not.toEqual([])
    expect(await auth.listKeyIds('ana', 'sender-key')).not.toEqual([])
    expect(secrets.length).toBeGreaterThan(8_000)
    expect(output).toContain('connected')
    expect(secrets.filter((secret) => output.includes(secret))).toEqual([])
    expect(output).not.toMatch(/question/)
  },
  2 * PATIENCE_MS,
)

/** Resolves once it is connected; the phone scans the QR of the first start. */
async function start(phone: Phone): Promise<void> {
  const args = ['--conditions=dev-source', '--import', 'tsx', script]
  const { url, rootPublicKey } = live.simulator
  const started = spawn(process.execPath, [...args, folder, url, Buffer.from(rootPublicKey).toString('hex')], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  child = started
  for (const stream of [started.stdout, started.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  await new Promise<void>((resolve, reject) => {
    started.on('close', () => reject(new Error(`It ended: ${output.slice(-2_000)}`)))
    started.on('message', ({ qr, status }: { qr?: string; status?: string }) => {
      if (qr) phone.scanQr(qr).catch(reject)
      if (status === 'connected') resolve()
    })
  })
}

async function kill(): Promise<void> {
  if (!child) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

/** Until it is answered. */
async function ask(phone: Phone, question: string): Promise<void> {
  await phone.sendText(ANA, question)
  await heard(phone, `re: ${question}`)
}

async function heard(phone: Phone, text: string): Promise<void> {
  await phone.waitForMessage(text, { timeoutMs: PATIENCE_MS })
}
