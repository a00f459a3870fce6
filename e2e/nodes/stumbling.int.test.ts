import { setTimeout as sleep } from 'node:timers/promises'
import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Heard } from './heard.js'
import { Installation, otherProtocol, type ServerNode } from './installation.js'
import { sayWhatIsMissing } from './needs.js'

const { lacks } = Installation
const PATIENCE = { timeout: 50_000, interval: 20 }
const ANA = '15550000001'
/** Less than two thirds of the lifetime of a lease, and so much less that the last renewal may be a while ago. */
const SHORT_MS = 3_000
/** Longer than a lease lives, and somebody has looked for free ones. */
const LONG_MS = 8_000

sayWhatIsMissing(lacks, process.env.REQUIRE_NATS === '1')

describe.runIf(!lacks).sequential('servers of one installation, of which one stumbles', () => {
  let installation: Installation
  let ana: Phone
  let carol: Phone
  /** Runs the session. */
  let one: ServerNode
  let two: ServerNode
  let heard: Heard
  const sent: string[] = []

  beforeAll(async () => {
    installation = await Installation.start('stumbling')
    ana = await installation.simulator.createPhone({ number: ANA, name: 'Ana' })
    carol = await installation.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    one = await installation.join('one')
    two = await installation.join('two')
    heard = await Heard.by(two)
    await one.client.sessions.create({ id: 'shop' })
    await vi.waitFor(async () => ana.scanQr((await one.client.sessions.getQr('shop')).qr), PATIENCE)
    await connectedOn(two)
  }, 120_000)
  afterAll(async () => {
    await installation?.close()
  })

  const connectedOn = ({ client }: ServerNode) =>
    vi.waitFor(async () => expect((await client.sessions.get('shop')).status).toBe('connected'), PATIENCE)
  const send = async ({ client }: ServerNode, text: string) => {
    const message = await client.messages.send('shop', {
      to: carol.number,
      text,
      clientMessageId: text.replaceAll(' ', '-'),
    })
    expect(message.status).toBe('sent')
    sent.push(text)
  }
  /** Nothing was lost, doubled or scanned again, and every event was heard once. */
  const isWhole = async () => {
    await installation.simulator.idle()
    await vi.waitFor(async () => {
      for (const text of sent) expect(carol.messages.filter((message) => message.text === text)).toHaveLength(1)
      heard.isWhole(await installation.lastSeq('shop'))
    }, PATIENCE)
    expect(ana.devices).toHaveLength(1)
    expect(installation.simulator.connections).toHaveLength(1)
  }

  it.each([
    [
      'was put to sleep',
      async () => {
        one.pause()
        await sleep(SHORT_MS)
        one.resume()
      },
    ],
    ['does nothing else', async () => one.block(SHORT_MS)],
  ])(
    'wait for one that %s for a moment: what is asked of it meanwhile is done once, and it keeps its session',
    async (what, stumble) => {
      const lease = await installation.leaseOf('shop')
      const connections = [...installation.simulator.connections]
      const stumbling = stumble()
      const texts = [1, 2, 3, 4, 5].map((n) => `${n} to one that ${what}`)
      await carol.sendText(ANA, `told to one that ${what}`)
      await Promise.all(texts.map((text) => send(two, text)))
      await stumbling
      await heard.text(`told to one that ${what}`)
      expect(await installation.leaseOf('shop')).toEqual(lease)
      expect(installation.simulator.connections).toEqual(connections)
      await isWhole()
    },
    120_000,
  )

  it.each([60_000, -60_000])(
    'take nothing from each other when the clocks of both are wrong, one by %i ms',
    async (clockMs) => {
      const lease = await installation.leaseOf('shop')
      const connections = [...installation.simulator.connections]
      const setClocks = async (aheadMs: number) => {
        one.setAhead(aheadMs)
        two.setAhead(-aheadMs)
        // Baileys takes a connection for lost on which nothing came for 35 s of the wall clock: something comes.
        await carol.sendText(ANA, `told when ${clockMs} became ${aheadMs}`)
        await heard.text(`told when ${clockMs} became ${aheadMs}`)
      }
      await setClocks(clockMs)
      await sleep(LONG_MS)
      await send(two, `with a clock that is ${clockMs} ahead`)
      await setClocks(0)
      expect(await installation.leaseOf('shop')).toEqual(lease)
      expect(installation.simulator.connections).toEqual(connections)
      await isWhole()
    },
    120_000,
  )

  it('are two nodes also when two processes have one name, and one has a clock of its own', async () => {
    const lease = await installation.leaseOf('shop')
    const twin = await installation.join('one', { clockMs: 60_000 })
    await sleep(LONG_MS)
    const { items } = await twin.client.nodes.list()
    expect(
      items.map(({ name, sessions }) => ({ name, sessions })).toSorted((left, right) => right.sessions - left.sessions),
    ).toEqual([
      { name: 'one', sessions: 1 },
      { name: 'one', sessions: 0 },
      { name: 'two', sessions: 0 },
    ])
    await send(twin, 'by one of the same name')
    expect(await installation.leaseOf('shop')).toEqual(lease)
    await isWhole()
    await twin.end()
  }, 120_000)

  it('of two versions are brought up to date one by one', async () => {
    // What is running is of the version that all know; the next one says everything in other words.
    const three = await installation.join('three', otherProtocol(2))
    const newer = await Heard.by(three, { after: await installation.lastSeq('shop') })
    await carol.sendText(ANA, 'told to the older version')
    await newer.text('told to the older version')
    const sending = three.client.messages.send('shop', { to: carol.number, text: 'lost' }, { maxRetries: 0 })
    await expect(sending).rejects.toMatchObject({ status: 503, code: 'CLUSTER_UNREACHABLE' })
    expect((await three.client.messages.list('shop', { q: 'told to the older version' })).items).toHaveLength(1)
    await two.end()
    await one.end()
    await connectedBy(three)
    await send(three, 'by the newer version')
    const four = await installation.join('four', otherProtocol(2))
    await send(four, 'by another of the newer version')
    await carol.sendText(ANA, 'told to the newer version')
    await newer.text('told to the newer version')
    newer.isWhole(await installation.lastSeq('shop'))
    expect(ana.devices).toHaveLength(1)
    expect(installation.simulator.connections).toHaveLength(1)
    for (const text of [...sent, 'lost'])
      expect(carol.messages.filter((message) => message.text === text)).toHaveLength(text === 'lost' ? 0 : 1)
  }, 120_000)

  const connectedBy = (node: ServerNode) =>
    vi.waitFor(async () => {
      expect(await installation.ownerOf('shop')).toBe(node.name)
      expect((await node.client.sessions.get('shop')).status).toBe('connected')
    }, PATIENCE)
})
