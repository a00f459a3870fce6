import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Absences } from './absences.js'
import { Installation, type ServerNode } from './installation.js'
import { sayWhatIsMissing } from './needs.js'

const { lacks } = Installation
const PATIENCE = { timeout: 60_000, interval: 50 }
const ACCOUNTS = Array.from({ length: 9 }, (_, n) => `account-${n}`)

sayWhatIsMissing(lacks, process.env.REQUIRE_NATS === '1')

/** Sends by every account on these nodes in turn, each message when the one before is answered, and has none of them fail or tried twice. */
class Calls {
  readonly #sending: Promise<number[]>[]
  #isOver = false

  constructor(nodes: readonly ServerNode[]) {
    this.#sending = ACCOUNTS.map((id, n) => this.#send(id, { nodes, to: `1555000010${(n + 1) % ACCOUNTS.length}` }))
    // `end` tells it.
    for (const sending of this.#sending) sending.catch(() => undefined)
  }

  async end(): Promise<string> {
    this.#isOver = true
    const waits = (await Promise.all(this.#sending)).flat()
    return `${waits.length} messages sent meanwhile, the slowest in ${(Math.max(...waits) / 1_000).toFixed(1)} s`
  }

  async #send(id: string, { nodes, to }: { nodes: readonly ServerNode[]; to: string }): Promise<number[]> {
    const waits: number[] = []
    while (!this.#isOver)
      for (const { client } of nodes) {
        const startedAt = performance.now()
        await client.messages.send(id, { to, text: `${id} ${waits.length}` }, { maxRetries: 0 })
        waits.push(performance.now() - startedAt)
      }
    return waits
  }
}

describe.runIf(!lacks).sequential('nine accounts on three servers', () => {
  let installation: Installation
  let phones: Phone[]
  let one: ServerNode
  let two: ServerNode
  let three: ServerNode

  beforeAll(async () => {
    installation = await Installation.start('sharing')
    phones = await Promise.all(
      ACCOUNTS.map((name, n) => installation.simulator.createPhone({ number: `1555000010${n}`, name })),
    )
    const joined = await Promise.all(['one', 'two', 'three'].map((name) => installation.join(name)))
    ;[one, two, three] = joined as [ServerNode, ServerNode, ServerNode]
    await Promise.all(ACCOUNTS.map((id, n) => link(id, { node: joined[n % 3], phone: phones[n] })))
  }, 180_000)
  afterAll(async () => {
    await installation?.close()
  })

  async function link(id: string, { node, phone }: { node: ServerNode | undefined; phone: Phone | undefined }) {
    if (!node || !phone) throw new Error('There are as many of them as accounts')
    await node.client.sessions.create({ id })
    // On a busy machine a connection may have ended with its QR: there is a next one.
    await vi.waitFor(async () => phone.scanQr((await node.client.sessions.getQr(id)).qr), PATIENCE)
  }

  /** How many sessions are connected on each node, by its name, as this one shows it. */
  async function shares({ client }: ServerNode): Promise<Record<string, number>> {
    const [{ items: nodes }, { items: sessions }] = await Promise.all([
      client.nodes.list(),
      client.sessions.list({ limit: 50 }),
    ])
    const counts = nodes.map(({ id, name }) => {
      const here = sessions.filter(({ node, status }) => node === id && status === 'connected')
      return [name, here.length] as const
    })
    return Object.fromEntries(counts)
  }

  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)
  /** Every account is connected once, and nobody had to scan. */
  const isWhole = () => {
    expect(installation.simulator.connections).toHaveLength(ACCOUNTS.length)
    expect(phones.map(({ devices }) => devices.length)).toEqual(ACCOUNTS.map(() => 1))
  }

  it('are shown by each of them with the node that runs them, and nodes with what they run', async () => {
    await vi.waitFor(async () => expect(await shares(two)).toEqual({ one: 3, two: 3, three: 3 }), PATIENCE)
    await vi.waitFor(async () => {
      const { items } = await three.client.nodes.list()
      expect(items.map(({ name, sessions, draining, self }) => ({ name, sessions, draining, self }))).toEqual([
        { name: 'one', sessions: 3, draining: false, self: false },
        { name: 'three', sessions: 3, draining: false, self: true },
        { name: 'two', sessions: 3, draining: false, self: false },
      ])
    }, PATIENCE)
    isWhole()
  })

  it('are shared out among the others when one is killed, when its lease has run out', async () => {
    const killedAt = performance.now()
    await one.kill()
    // Those of the dead one are shown as they were until its lease has run out.
    await vi.waitFor(async () => expect(sum({ ...(await shares(three)), one: 0 })).toBe(9), PATIENCE)
    report(
      `all back ${((performance.now() - killedAt) / 1_000).toFixed(1)} s after the kill of a node of three sessions`,
    )
    report(`now ${JSON.stringify(await shares(three))}`)
    isWhole()
  }, 150_000)

  it('go to the others one by one when a node is drained, and none comes back to it', async () => {
    one = await installation.join('one anew')
    const absences = await Absences.of(three)
    const calls = new Calls([one, two, three])
    const drained = await three.client.nodes.drain('two')
    expect(drained).toMatchObject({ name: 'two', draining: true })
    await vi.waitFor(async () => {
      const counts = await shares(three)
      expect([counts.two, sum(counts)]).toEqual([0, 9])
    }, PATIENCE)
    report(`a node is drained: ${absences.end()}; ${await calls.end()}`)
    report(`now ${JSON.stringify(await shares(three))}`)
    expect((await two.client.messages.send('account-1', { to: '15550000102', text: 'from afar' })).status).toBe('sent')
    isWhole()
  }, 150_000)

  it('are moved one by one, wherever it is asked for, and not to a node that gives its own away', async () => {
    const nameOf = async (id: string) => installation.ownerOf(id)
    const from = await nameOf('account-4')
    const to = from === 'three' ? 'one anew' : 'three'
    expect(await two.client.nodes.moveSession('account-4', { node: to })).toMatchObject({ name: to })
    await vi.waitFor(async () => {
      expect(await nameOf('account-4')).toBe(to)
      expect((await two.client.sessions.get('account-4')).status).toBe('connected')
    }, PATIENCE)
    await expect(two.client.nodes.moveSession('account-4', { node: 'two' }, { maxRetries: 0 })).rejects.toMatchObject({
      code: 'NODE_UNAVAILABLE',
    })
    isWhole()
  }, 150_000)

  it('are handed over by a server that ends, each for about a second', async () => {
    const absences = await Absences.of(three)
    const calls = new Calls([two, three])
    await one.end()
    await vi.waitFor(async () => expect(await shares(three)).toMatchObject({ three: 9 }), PATIENCE)
    report(`a server ends: ${absences.end()}; ${await calls.end()}`)
    expect((await three.client.nodes.list()).items.map(({ name }) => name)).toEqual(['three', 'two'])
    isWhole()
  }, 150_000)
})

/** What was measured, for whoever reads the output. */
function report(line: string): void {
  process.stdout.write(`      ${line}\n`)
}
