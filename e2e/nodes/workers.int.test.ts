import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sayWhatIsMissing } from './needs.js'
import { WorkerGroup } from './worker-group.js'

const { lacks } = WorkerGroup
const PATIENCE = { timeout: 50_000, interval: 20 }
const ANA = '15550000001'
const WORKERS = 3

sayWhatIsMissing(lacks, process.env.REQUIRE_MONGO === '1')

describe.runIf(!lacks).sequential('three workers of one primary, on one port and one MongoDB', () => {
  let group: WorkerGroup
  let ana: Phone
  let carol: Phone

  beforeAll(async () => {
    group = await WorkerGroup.start('workers', { workers: WORKERS })
    ana = await group.simulator.createPhone({ number: ANA, name: 'Ana' })
    carol = await group.simulator.createPhone({ number: '15550000003', name: 'Carol' })
  }, 120_000)
  afterAll(async () => {
    await group?.close()
  })

  const connected = () =>
    vi.waitFor(async () => expect((await group.ask('GET', '/sessions/shop')).body.status).toBe('connected'), PATIENCE)
  const send = (text: string) => group.ask('POST', '/sessions/shop/messages', { to: carol.number, text })
  /** The processes that have answered requests of this kind. */
  const answering = (path: string) =>
    new Set(group.log.flatMap((line) => (JSON.stringify(line).includes(`"path":"${path}"`) ? [line.pid] : [])))

  it('link a session on one of them, and any of them sends with it', async () => {
    expect((await group.ask('POST', '/sessions', { id: 'shop' })).status).toBe(201)
    const qr = await vi.waitFor(async () => {
      const { body } = await group.ask('GET', '/sessions/shop/qr')
      if (!body.qr) throw new Error('There is no QR yet')
      return body.qr
    }, PATIENCE)
    await ana.scanQr(qr)
    await connected()
    for (let n = 1; n <= 2 * WORKERS; n += 1) {
      expect(await send(`number ${n}`)).toMatchObject({ status: 201, body: { status: 'sent' } })
      await carol.waitForMessage(`number ${n}`)
    }
    await vi.waitFor(() => {
      expect(answering('/api/sessions/:sessionId/messages')).toEqual(new Set(group.workers.values()))
    }, PATIENCE)
    expect(group.simulator.connections).toHaveLength(1)
  })

  it('show figures of all of them, whichever is asked', async () => {
    for (let n = 0; n < WORKERS; n += 1) {
      const figures = (await group.metrics()).split('\n').filter((line) => /^trunkline_(messages|cluster)/.test(line))
      expect(figures).toEqual([
        `trunkline_messages_total{direction="out"} ${2 * WORKERS}`,
        'trunkline_cluster_reachable 1',
      ])
    }
  })

  it.each([
    ['over polling alone', ['polling' as const]],
    ['as Socket.IO begins by itself', ['polling' as const, 'websocket' as const]],
    ['over WebSocket alone', ['websocket' as const]],
  ])('tell clients of each of them what happens, without a balancer: %s', async (how, transports) => {
    const clients = await Promise.all(Array.from({ length: WORKERS }, () => group.client(transports)))
    const heard = clients.map(({ events }) => {
      const told: { seq: number; text: string | undefined }[] = []
      events.on('message', ({ seq, message }) => told.push({ seq, text: message.text }))
      return told
    })
    await vi.waitFor(() => {
      expect(clients.map(({ events }) => events.state.status)).toEqual(clients.map(() => 'open'))
    }, PATIENCE)
    const texts = [1, 2, 3].map((n) => `${how} ${n}`)
    for (const text of texts) await carol.sendText(ANA, text)
    for (const told of heard) {
      await vi.waitFor(() => expect(told.map(({ text }) => text).toSorted()).toEqual(texts), PATIENCE)
      expect(told).toEqual(told.toSorted((one, other) => one.seq - other.seq))
    }
    for (const client of clients) client.close()
  })

  it('take the sessions of one that is killed at once, and another one takes its place', async () => {
    const node = await group.ownerOf('shop')
    const pid = group.workers.get(node ?? '')
    if (!node || !pid) throw new Error('Nobody has the session')
    const killedAt = performance.now()
    process.kill(pid, 'SIGKILL')
    await carol.sendText(ANA, 'to nobody yet')
    // Its lease would run out in two minutes at the soonest.
    await vi.waitFor(async () => {
      const owner = await group.ownerOf('shop')
      expect(owner !== undefined && owner !== node).toBe(true)
    }, PATIENCE)
    process.stdout.write(`      another worker has it ${(performance.now() - killedAt).toFixed(0)} ms after the kill\n`)
    await connected()
    await vi.waitFor(async () => {
      const { body } = await group.ask('GET', '/sessions/shop/messages?q=to%20nobody%20yet')
      expect(body.items).toHaveLength(1)
    }, PATIENCE)
    expect((await send('taken over')).status).toBe(201)
    await carol.waitForMessage('taken over')
    await vi.waitFor(() => expect(group.workers.size).toBe(WORKERS), PATIENCE)
    expect(group.workers.has(node)).toBe(false)
    expect(group.simulator.connections).toHaveLength(1)
    expect(ana.devices).toHaveLength(1)
  })

  it('end in order with their primary, and leave no process behind', async () => {
    const pids = [...group.workers.values()]
    group.end()
    expect(await group.exit).toEqual([0, null])
    expect(
      group.log
        .filter(({ msg }) => msg === 'Closed')
        .map(({ pid }) => pid)
        .toSorted(),
    ).toEqual(pids.toSorted())
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow()
    expect(group.simulator.connections).toHaveLength(0)
    expect(await group.ownerOf('shop')).toBeUndefined()
    expect(ana.devices).toHaveLength(1)
  })
})

it.runIf(!lacks)(
  'workers end in order with their primary that is told so before all of them serve',
  async () => {
    const group = await WorkerGroup.launch('workers-early', { workers: 2 })
    try {
      await group.wrote(({ msg }) => msg === 'A worker listens')
      group.end()
      expect(await group.exit).toEqual([0, null])
      expect(group.log.filter(({ msg }) => msg === 'All workers listen')).toEqual([])
    } finally {
      await group.close()
    }
  },
  60_000,
)
