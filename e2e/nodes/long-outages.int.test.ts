import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { flood } from './flood.js'
import { Heard } from './heard.js'
import { Installation, type ServerNode } from './installation.js'
import { sayWhatIsMissing } from './needs.js'
import { Replacements } from './replacements.js'

const { lacks } = Installation
const PATIENCE = { timeout: 120_000, interval: 50 }
const TIMEOUT_MS = 240_000
const NUMBERS = ['15550000001', '15550000002', '15550000003']
const IDS = ['account-0', 'account-1', 'account-2']
/** Who reads slowly is cut soon, so that a test need not send it much. */
const NATS_CONFIG = 'max_pending: 4MB\nwrite_deadline: "2s"\n'
/** Nodes that do not know whether their sessions are still their own close them after this time, and not after a minute. */
const DOUBT = { '/core/src/manager/node-lease.ts': { name: 'LONGEST_DOUBT_MS', value: '6000' } }
const ASLEEP_MS = 60_000

sayWhatIsMissing(lacks, process.env.REQUIRE_NATS === '1')

describe.runIf(!lacks).sequential('three servers with an account each, of which something is away for long', () => {
  let folder: string
  let installation: Installation
  let replacements: Replacements
  let carol: Phone
  let phones: Phone[]
  let nodes: ServerNode[]
  let heard: Heard[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trunkline-nats-'))
    await writeFile(join(folder, 'nats.conf'), `${NATS_CONFIG}log_file: "${join(folder, 'nats.log')}"\n`)
    installation = await Installation.start('long-outages', { nats: ['-c', join(folder, 'nats.conf')] })
    replacements = new Replacements(installation.simulator)
    carol = await installation.simulator.createPhone({ number: '15550000009', name: 'Carol' })
    phones = await Promise.all(NUMBERS.map((number) => installation.simulator.createPhone({ number, name: number })))
    nodes = await Promise.all(['one', 'two', 'three'].map((name) => installation.join(name, { constants: DOUBT })))
    heard = await Promise.all(nodes.map((node) => Heard.by(node)))
    await Promise.all(IDS.map((id, n) => link(id, n)))
    await allConnected()
  }, TIMEOUT_MS)
  afterAll(async () => {
    await installation?.close()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(() => replacements.forget())

  async function link(id: string, n: number): Promise<void> {
    const client = nodes[n]?.client
    await client?.sessions.create({ id })
    await vi.waitFor(async () => phones[n]?.scanQr((await client?.sessions.getQr(id))?.qr ?? ''), PATIENCE)
  }

  /** As every server tells it, and WhatsApp has one connection of each. */
  const allConnected = () =>
    vi.waitFor(async () => {
      const owners = new Map((await installation.leasesOf(IDS)).map(({ sessionId, owner }) => [sessionId, owner]))
      for (const { client } of nodes)
        for (const id of IDS)
          expect(await client.sessions.get(id)).toMatchObject({ status: 'connected', node: owners.get(id) })
      expect(installation.simulator.connections).toHaveLength(IDS.length)
    }, PATIENCE)

  /** Every client has every event once and in order, nothing was said on an old connection, and nobody had to scan again. */
  async function isWhole(): Promise<void> {
    await vi.waitFor(async () => {
      const last = await installation.lastSeqs(IDS)
      for (const each of heard) for (const id of IDS) each.isWhole(last.get(id) ?? 0, id)
    }, PATIENCE)
    expect(replacements.stale).toBe(0)
    expect(phones.map(({ devices }) => devices.length)).toEqual(IDS.map(() => 1))
    expect([installation.simulator.unhandled, installation.simulator.violations]).toEqual([[], []])
  }

  /** Carol has what was sent to her, and each text once. */
  const hasOnce = (texts: readonly string[]) =>
    vi.waitFor(() => {
      for (const text of texts) expect(carol.messages.filter((message) => message.text === text)).toHaveLength(1)
    }, PATIENCE)

  it(
    'close their accounts when MongoDB is silent for too long, say that it is, and have them back when it answers again',
    async () => {
      for (const { toStore } of nodes) toStore.swallow()
      await vi.waitFor(() => expect(installation.simulator.connections).toHaveLength(0), PATIENCE)
      // What a driver has open does not outlive an outage of minutes.
      for (const { toStore } of nodes) toStore.refuse()
      for (const { url } of nodes) expect((await fetch(`${url}/readyz`)).status).toBe(503)
      for (const number of NUMBERS) await carol.sendText(number, `while MongoDB was away, to ${number}`)
      expect(installation.simulator.connections).toHaveLength(0)
      for (const { toStore } of nodes) toStore.pass()
      await allConnected()
      for (const each of heard) for (const number of NUMBERS) await each.text(`while MongoDB was away, to ${number}`)
      const texts = IDS.map((id) => `after the silence, by ${id}`)
      for (const [n, id] of IDS.entries())
        await nodes[(n + 1) % 3]?.client.messages.send(id, { to: carol.number, text: texts[n] ?? '' })
      await hasOnce(texts)
      expect(NUMBERS.map((number) => replacements.count(number))).toEqual([0, 0, 0])
      await isWhole()
    },
    TIMEOUT_MS,
  )

  it(
    'send once what is asked of one that sleeps for a minute, and it does nothing of it when it wakes up',
    async () => {
      const sleeper = await nodeOf('account-0')
      const [other, third] = nodes.filter((node) => node !== sleeper)
      if (!other || !third) throw new Error('There are three')
      sleeper.pause()
      const awake = sleep(ASLEEP_MS)
      const asked = Array.from({ length: 10 }, (_, n) => `asked of a sleeper ${n}`)
      const queued = Array.from({ length: 10 }, (_, n) => `queued for a sleeper ${n}`)
      const send = (text: string, queue: boolean) =>
        vi.waitFor(async () => {
          const clientMessageId = text.replaceAll(' ', '-')
          const request = { to: carol.number, text, clientMessageId, ...(queue ? { queue } : {}) }
          await other.client.messages.send('account-0', request, { maxRetries: 0 })
        }, PATIENCE)
      await Promise.all([...asked.map((text) => send(text, false)), ...queued.map((text) => send(text, true))])
      await hasOnce([...asked, ...queued])
      await awake
      const before = await installation.runsOf('account-0')
      sleeper.resume()
      await allConnected()
      // It answers as the others do, and what it was asked is over.
      await sleeper.client.messages.send('account-0', { to: carol.number, text: 'by the one that slept' })
      await hasOnce([...asked, ...queued, 'by the one that slept'])
      expect(await installation.runsOf('account-0')).toEqual(before)
      expect(replacements.count(NUMBERS[0] ?? '')).toBeLessThanOrEqual(1)
      await isWhole()
    },
    TIMEOUT_MS,
  )

  it(
    'catch up when NATS has cut one off that read too slowly',
    async () => {
      const slow = await nodeOf('account-2')
      const others = nodes.filter((node) => node !== slow)
      slow.pause()
      await flood(installation.nats.url, { subject: 'trunkline.event.flood', bytes: 64 * 1024 * 1024 })
      await vi.waitFor(
        async () => expect(await readFile(join(folder, 'nats.log'), 'utf8')).toContain('Slow Consumer'),
        PATIENCE,
      )
      const number = NUMBERS[0] ?? ''
      for (let n = 0; n < 10; n += 1) await carol.sendText(number, `told past a slow one ${n}`)
      for (const node of others) await heard[nodes.indexOf(node)]?.text('told past a slow one 9')
      slow.resume()
      await heard[nodes.indexOf(slow)]?.text('told past a slow one 9')
      await allConnected()
      const texts = IDS.map((id) => `after the flood, by ${id}`)
      for (const [n, id] of IDS.entries())
        await vi.waitFor(
          () =>
            slow.client.messages.send(id, { to: carol.number, text: texts[n] ?? '', clientMessageId: `flood-${id}` }),
          PATIENCE,
        )
      await hasOnce(texts)
      await isWhole()
    },
    TIMEOUT_MS,
  )

  async function nodeOf(id: string): Promise<ServerNode> {
    const name = await installation.ownerOf(id)
    const found = nodes.find((node) => node.name === name)
    if (!found) throw new Error(`Nobody here is ${name}`)
    return found
  }
})
