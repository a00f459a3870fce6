import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Installation, type ServerNode } from './installation.js'
import { sayWhatIsMissing } from './needs.js'

const { lacks } = Installation
const PATIENCE = { timeout: 60_000, interval: 50 }
const ANA = '15550000001'
const LIMIT = 3
const CHATS = 6

sayWhatIsMissing(lacks, process.env.REQUIRE_NATS === '1')

describe.runIf(!lacks).sequential('the budget of an account of two servers', () => {
  let installation: Installation
  let phones: Phone[]
  let one: ServerNode
  let two: ServerNode

  beforeAll(async () => {
    installation = await Installation.start('pacing')
    const ana = await installation.simulator.createPhone({ number: ANA, name: 'Ana' })
    const numbers = Array.from({ length: CHATS }, (_, n) => `1555000010${n}`)
    phones = await Promise.all(numbers.map((number) => installation.simulator.createPhone({ number, name: number })))
    ;[one, two] = (await Promise.all(['one', 'two'].map((name) => installation.join(name)))) as [ServerNode, ServerNode]
    await one.client.sessions.create({ id: 'shop', settings: pacing(LIMIT) })
    await vi.waitFor(async () => ana.scanQr((await one.client.sessions.getQr('shop')).qr), PATIENCE)
    await vi.waitFor(() => expect(ana.devices).toHaveLength(1), PATIENCE)
  }, 120_000)
  afterAll(async () => {
    await installation?.close()
  })

  const pacing = (perDay: number) => ({ pacing: { preset: 'off', perDay } as const })
  const received = () =>
    phones.flatMap(({ messages }) => messages.flatMap(({ fromMe, text }) => (fromMe ? [] : (text ?? []))))
  const other = (name: string | undefined) => (name === 'one' ? two : one)
  /** Asks the server that does not run the session. */
  const waitsFor = async (code: string | undefined, waiting: number) =>
    vi.waitFor(async () => {
      const asked = other(await installation.ownerOf('shop'))
      const queue = await asked.client.queue.get('shop')
      expect([queue.waitingFor?.code, queue.waiting]).toEqual([code, waiting])
      return queue
    }, PATIENCE)

  it('holds while both are asked to send, and when the session moves to the other one', async () => {
    const texts = phones.map(({ number }) => `to ${number}`)
    const asked = phones.map(({ number }, n) =>
      [one, two][n % 2]?.client.messages.send('shop', { to: number, text: texts[n] ?? '', queue: true }),
    )
    await Promise.all(asked)
    await waitsFor('PACING_DAY', CHATS - LIMIT)
    await vi.waitFor(() => expect(received()).toHaveLength(LIMIT), PATIENCE)

    const to = other(await installation.ownerOf('shop')).name
    await one.client.nodes.moveSession('shop', { node: to })
    await vi.waitFor(async () => expect(await installation.ownerOf('shop')).toBe(to), PATIENCE)
    expect(await waitsFor('PACING_DAY', CHATS - LIMIT)).toMatchObject({ used: { day: LIMIT } })
    expect(received()).toHaveLength(LIMIT)
  }, 150_000)

  it('holds when the server that has it is killed, and is judged again by whoever has it then when it is raised', async () => {
    const gone = (await installation.ownerOf('shop')) === 'one' ? one : two
    const left = other(gone.name)
    await gone.kill()
    await vi.waitFor(async () => {
      expect(await installation.ownerOf('shop')).toBe(left.name)
      expect((await left.client.sessions.get('shop')).status).toBe('connected')
      expect((await left.client.queue.get('shop')).waitingFor?.code).toBe('PACING_DAY')
    }, PATIENCE)
    expect(received()).toHaveLength(LIMIT)

    await left.client.sessions.update('shop', { settings: pacing(CHATS) })
    await vi.waitFor(() => expect(received()).toHaveLength(CHATS), PATIENCE)
    expect(received().sort()).toEqual(phones.map(({ number }) => `to ${number}`).sort())
  }, 150_000)
})
