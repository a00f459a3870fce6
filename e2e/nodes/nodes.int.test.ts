import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Heard } from './heard.js'
import { Installation, type ServerNode } from './installation.js'
import { sayWhatIsMissing } from './needs.js'

const { lacks } = Installation
const PATIENCE = { timeout: 50_000, interval: 20 }
const ANA = '15550000001'

sayWhatIsMissing(lacks, process.env.REQUIRE_NATS === '1')

describe.runIf(!lacks).sequential('three servers on one MongoDB, joined by NATS', () => {
  let installation: Installation
  let ana: Phone
  let carol: Phone
  let one: ServerNode
  let two: ServerNode
  let three: ServerNode
  /** Of a client of the third server, which runs nothing. */
  let heard: Heard

  beforeAll(async () => {
    installation = await Installation.start('nodes')
    ana = await installation.simulator.createPhone({ number: ANA, name: 'Ana' })
    carol = await installation.simulator.createPhone({ number: '15550000003', name: 'Carol' })
    one = await installation.join('one')
    two = await installation.join('two')
    three = await installation.join('three')
    heard = await Heard.by(three)
  }, 120_000)
  afterAll(async () => {
    await installation?.close()
  })

  const connectedOn = (node: ServerNode) =>
    vi.waitFor(async () => expect((await node.client.sessions.get('shop')).status).toBe('connected'), PATIENCE)
  const send = ({ client }: ServerNode, text: string) => client.messages.send('shop', { to: carol.number, text })
  /** Each event once, in the order of the log, as far as the client of the third server has heard. */
  const isWhole = () => heard.isWhole(heard.last())

  it('link a session on one of them while the QR is shown by another', async () => {
    const shown = new Promise<string>((resolve) => {
      const stop = three.client.events.on('qr', ({ qr }) => {
        stop()
        resolve(qr)
      })
    })
    await vi.waitFor(() => expect(three.client.events.state.status).toBe('open'), PATIENCE)
    await one.client.sessions.create({ id: 'shop' })
    await ana.scanQr(await shown)
    await connectedOn(two)
    expect(installation.simulator.connections).toHaveLength(1)
  })

  it('send from any of them, and tell clients of every one what happens', async () => {
    const sent = await send(two, 'by the second')
    expect(sent.status).toBe('sent')
    await carol.waitForMessage('by the second')
    await carol.sendText(ANA, 'an answer')
    await heard.text('an answer')
    isWhole()
    expect((await three.client.messages.get('shop', sent.id)).text).toBe('by the second')
  })

  it('go on without NATS, refuse at once what they cannot bring to another, and catch up when it is back', async () => {
    await installation.nats.kill()
    await vi.waitFor(async () => {
      const sending = two.client.messages.send('shop', { to: carol.number, text: 'nowhere' }, { maxRetries: 0 })
      await expect(sending).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE', status: 503 })
    }, PATIENCE)
    expect((await send(one, 'by its own node')).status).toBe('sent')
    await carol.sendText(ANA, 'while NATS is away')
    // Without NATS it comes from the log, a little later.
    await heard.text('while NATS is away')
    await installation.nats.start()
    await vi.waitFor(async () => expect((await send(two, 'by the second again')).status).toBe('sent'), PATIENCE)
    await heard.text('by the second again')
    isWhole()
    expect(installation.simulator.connections).toHaveLength(1)
  })

  it('take a session over at once from a server that is deployed anew', async () => {
    await one.end()
    await connectedOn(two)
    expect((await send(three, 'after the hand-over')).status).toBe('sent')
    await carol.waitForMessage('after the hand-over')
    await heard.text('after the hand-over')
    isWhole()
    expect(ana.devices).toHaveLength(1)
    one = await installation.join('one again')
  }, 120_000)

  it('take a session over from a server that was killed, when its lease has run out, and nothing is lost', async () => {
    const owner = await ownerOf()
    await owner.kill()
    await carol.sendText(ANA, 'to nobody yet')
    const others = [one, two, three].filter((node) => node !== owner)
    const [other] = others
    if (!other) throw new Error('Nobody is left')
    await vi.waitFor(async () => {
      const { items } = await other.client.messages.list('shop', { q: 'to nobody yet' })
      expect(items).toHaveLength(1)
    }, PATIENCE)
    expect((await send(other, 'taken over')).status).toBe('sent')
    await carol.waitForMessage('taken over')
    expect(installation.simulator.connections).toHaveLength(1)
    expect(ana.devices).toHaveLength(1)
  }, 120_000)

  it('let go of a session when they wake up and another has it, and go on as before', async () => {
    const owner = await ownerOf()
    const others = [one, two, three].filter((node) => node !== owner && node.isUp)
    const names = others.map((node) => node.name)
    owner.pause()
    // Nobody has it for a moment: one that wakes up then may take it again.
    await vi.waitFor(async () => expect(names).toContain(await installation.ownerOf('shop')), PATIENCE)
    owner.resume()
    await vi.waitFor(async () => {
      for (const node of [owner, ...others]) expect((await node.client.sessions.get('shop')).status).toBe('connected')
      expect(installation.simulator.connections).toHaveLength(1)
      expect(names).toContain(await installation.ownerOf('shop'))
    }, PATIENCE)
    expect((await send(owner, 'by the one that was asleep')).status).toBe('sent')
    await carol.waitForMessage('by the one that was asleep')
    expect(ana.devices).toHaveLength(1)
  }, 120_000)

  async function ownerOf(): Promise<ServerNode> {
    return vi.waitFor(async () => {
      const name = await installation.ownerOf('shop')
      const found = [one, two, three].find((node) => node.name === name)
      if (!found) throw new Error(`Nobody here is ${name}`)
      return found
    }, PATIENCE)
  }
})
