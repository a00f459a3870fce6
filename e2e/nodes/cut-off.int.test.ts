import { setTimeout as sleep } from 'node:timers/promises'
import type { Phone } from '@trunkline/simulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Heard } from './heard.js'
import { Installation, type ServerNode } from './installation.js'
import { sayWhatIsMissing } from './needs.js'
import { Replacements } from './replacements.js'

const { lacks } = Installation
const PATIENCE = { timeout: 50_000, interval: 20 }
const ANA = '15550000001'

sayWhatIsMissing(lacks, process.env.REQUIRE_NATS === '1')

describe.runIf(!lacks).sequential('three servers, each with a network of its own to MongoDB and to NATS', () => {
  let installation: Installation
  let replacements: Replacements
  let ana: Phone
  let carol: Phone
  let nodes: ServerNode[]
  let heard: Heard[]
  const sent: string[] = []

  beforeAll(async () => {
    installation = await Installation.start('cut-off')
    replacements = new Replacements(installation.simulator)
    ana = await installation.simulator.createPhone({ number: ANA, name: 'Ana' })
    carol = await installation.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    nodes = await Promise.all(['one', 'two', 'three'].map((name) => installation.join(name)))
    heard = await Promise.all(nodes.map((node) => Heard.by(node)))
    const [one] = nodes
    await one?.client.sessions.create({ id: 'shop' })
    await vi.waitFor(async () => ana.scanQr((await one?.client.sessions.getQr('shop'))?.qr ?? ''), PATIENCE)
    await connected(nodes)
  }, 120_000)
  afterAll(async () => {
    await installation?.close()
  })
  beforeEach(() => replacements.forget())
  afterEach(async () => {
    for (const { toStore, toNats } of nodes) {
      toStore.pass()
      toNats.pass()
    }
    await connected(nodes)
  })

  const connected = (by: readonly ServerNode[]) =>
    vi.waitFor(async () => {
      const lease = await installation.leaseOf('shop')
      for (const { client } of by)
        expect(await client.sessions.get('shop')).toMatchObject({ status: 'connected', node: lease?.owner })
      expect(installation.simulator.connections).toHaveLength(1)
    }, PATIENCE)
  const send = async ({ client }: ServerNode, text: string) => {
    const message = await client.messages.send('shop', { to: carol.number, text }, { maxRetries: 0 })
    expect(message.status).toBe('sent')
    sent.push(text)
  }
  const sendAtLast = (node: ServerNode, text: string) => vi.waitFor(() => send(node, text), PATIENCE)
  const refusedBy = (node: ServerNode, codes: string[]) =>
    vi.waitFor(async () => {
      const sending = node.client.messages.send('shop', { to: carol.number, text: 'refused' }, { maxRetries: 0 })
      await expect(sending).rejects.toMatchObject({
        status: 503,
        code: expect.toSatisfy((code) => codes.includes(code)),
      })
    }, PATIENCE)
  /** Nothing was lost, doubled or scanned again. */
  const isWhole = async () => {
    await vi.waitFor(() => {
      for (const text of sent) expect(carol.messages.filter((message) => message.text === text)).toHaveLength(1)
    }, PATIENCE)
    await vi.waitFor(() => {
      for (const each of heard) each.isWhole(Math.max(...heard.map((each) => each.last())))
    }, PATIENCE)
    // Nobody carries out later what the caller was told nobody knows of.
    expect(carol.messages.map(({ text }) => text)).not.toContain('refused')
    expect(ana.devices).toHaveLength(1)
    expect([installation.simulator.unhandled, installation.simulator.violations]).toEqual([[], []])
  }
  const ownerAndOthers = async () => {
    const name = await vi.waitFor(async () => {
      const found = await installation.ownerOf('shop')
      if (!found) throw new Error('Nobody has it')
      return found
    }, PATIENCE)
    const owner = nodes.find((node) => node.name === name)
    const [other, third] = nodes.filter((node) => node !== owner)
    if (!owner || !other || !third) throw new Error(`Nobody here is ${name}`)
    return { owner, other, third, lease: await installation.leaseOf('shop') }
  }
  const timed = async (what: string, work: Promise<unknown>) => {
    const begunAt = performance.now()
    await work
    process.stdout.write(`      ${what}: ${((performance.now() - begunAt) / 1_000).toFixed(1)} s\n`)
  }

  it.each([
    ['nothing of it arrives there', 'both' as const],
    ['what it asks arrives there, and no answer comes back', 'answers' as const],
  ])(
    'take the session of one that is cut off from MongoDB, which lets go when it finds out and writes nothing: %s',
    async (_how, way) => {
      const { owner, other, third } = await ownerAndOthers()
      owner.toStore.swallow(way)
      await timed(
        'taken',
        vi.waitFor(
          async () => expect([other.name, third.name]).toContain(await installation.ownerOf('shop')),
          PATIENCE,
        ),
      )
      await connected([other, third])
      await send(other, `${way}: by one of those who can`)
      await send(third, `${way}: by the other`)
      await carol.sendText(ANA, `${way}: an answer`)
      await heard[nodes.indexOf(other)]?.text(`${way}: an answer`)
      const before = await installation.runsOf('shop')

      owner.toStore.pass()
      await vi.waitFor(async () => {
        const back = (await installation.members()).filter(({ name }) => name === owner.name)
        expect(back).toMatchObject([{ sessions: 0 }])
      }, PATIENCE)
      await send(owner, `${way}: by the one that was cut off`)
      await connected(nodes)
      expect(await installation.runsOf('shop')).toEqual(before)
      expect(replacements.count(ANA)).toBeLessThanOrEqual(1)
      await isWhole()
    },
    120_000,
  )

  it('leave the session to one that is cut off from NATS, and say that it cannot be reached', async () => {
    const { owner, other, third, lease } = await ownerAndOthers()
    owner.toNats.swallow()
    await timed('refused', refusedBy(other, ['CLUSTER_UNREACHABLE', 'LEASE_HELD']))
    await send(owner, 'by its own node, without NATS')
    await carol.sendText(ANA, 'to a node without NATS')
    await heard[nodes.indexOf(owner)]?.text('to a node without NATS')
    const { items } = await third.client.messages.list('shop', { q: 'to a node without NATS' })
    expect(items).toHaveLength(1)
    expect((await third.client.sessions.get('shop')).status).toBe('connected')
    owner.toNats.pass()
    await timed('healed', sendAtLast(other, 'by another one, with NATS again'))
    await isWhole()
    expect(await installation.leaseOf('shop')).toEqual(lease)
    expect(replacements.count(ANA)).toBe(0)
  }, 120_000)

  it('reach one again that could tell and not hear, over a new connection', async () => {
    const { owner, other, third, lease } = await ownerAndOthers()
    owner.toNats.swallow('answers', { andNew: false })
    await carol.sendText(ANA, 'told by one that is deaf')
    await heard[nodes.indexOf(third)]?.text('told by one that is deaf')
    await timed('reached again', sendAtLast(other, 'to one that was deaf'))
    await isWhole()
    expect(await installation.leaseOf('shop')).toEqual(lease)
  }, 120_000)

  it('catch up when connections to NATS break while much is told', async () => {
    const { owner, other, third } = await ownerAndOthers()
    for (let n = 0; n < 12; n += 1) {
      await carol.sendText(ANA, `much ${n}`)
      if (n % 4 === 1) third.toNats.cut()
      if (n % 4 === 3) owner.toNats.cut()
    }
    await heard[nodes.indexOf(third)]?.text('much 11')
    await heard[nodes.indexOf(other)]?.text('much 11')
    await isWhole()
  }, 120_000)

  it.each(['NATS', 'MongoDB'])(
    'stand still without MongoDB and NATS, and go on as before when they are back, %s first',
    async (first) => {
      const { owner, other, lease } = await ownerAndOthers()
      const connections = [...installation.simulator.connections]
      for (const { toStore } of nodes) toStore.swallow()
      await installation.nats.kill()
      await carol.sendText(ANA, `${first}: to nobody yet`)
      // Longer than a lease lives.
      await sleep(8_000)
      const returns = {
        NATS: () => installation.nats.start(),
        MongoDB: async () => {
          for (const { toStore } of nodes) toStore.pass()
        },
      }
      const [earlier, later] = first === 'NATS' ? [returns.NATS, returns.MongoDB] : [returns.MongoDB, returns.NATS]
      await earlier()
      await sleep(1_000)
      await later()
      await sendAtLast(owner, `${first}: by its own node`)
      await sendAtLast(other, `${first}: by another`)
      await heard[nodes.indexOf(other)]?.text(`${first}: to nobody yet`)
      await isWhole()
      expect(await installation.leaseOf('shop')).toEqual(lease)
      expect(installation.simulator.connections).toEqual(connections)
    },
    120_000,
  )
})
