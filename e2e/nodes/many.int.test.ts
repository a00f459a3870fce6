import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Absences } from './absences.js'
import { Heard } from './heard.js'
import { Installation, LEASE_TTL_MS, type ServerNode } from './installation.js'
import { sayWhatIsMissing } from './needs.js'

const { lacks } = Installation
/** `ACCOUNTS=90 node scripts/test.mjs --project e2e nodes/many` prints the figures of ninety. */
const COUNT = Number(process.env.ACCOUNTS ?? 9)
const IDS = Array.from({ length: COUNT }, (_, n) => `account-${n}`)
const PATIENCE = { timeout: 120_000, interval: 100 }
const TIMEOUT_MS = 60_000 + COUNT * 10_000
/** How many accounts are linked at a time. */
const AT_ONCE = 6
const ROUNDS = 9

sayWhatIsMissing(lacks, process.env.REQUIRE_NATS === '1')

describe.runIf(!lacks).sequential(`${COUNT} accounts on three servers`, () => {
  let installation: Installation
  let customer: Phone
  let phones: Phone[]
  let nodes: ServerNode[]
  let heard: Heard[]

  beforeAll(async () => {
    installation = await Installation.start('many')
    customer = await installation.simulator.createPhone({ number: '15550009999', name: 'Customer' })
    phones = await Promise.all(
      IDS.map((name, n) => installation.simulator.createPhone({ number: `${15_550_010_000 + n}`, name })),
    )
    nodes = await Promise.all(['one', 'two', 'three'].map((name) => installation.join(name)))
    heard = await Promise.all(nodes.map((node) => Heard.by(node)))
    const begunAt = performance.now()
    for (let from = 0; from < COUNT; from += AT_ONCE)
      await Promise.all(IDS.slice(from, from + AT_ONCE).map((_, n) => link(from + n)))
    await allConnected()
    report(`linked in ${since(begunAt)}`)
  }, TIMEOUT_MS)
  afterAll(async () => {
    await installation?.close()
  })

  const at = <Each>(all: readonly Each[], n: number): Each => {
    const found = all[n % all.length]
    if (found === undefined) throw new Error('There is none')
    return found
  }
  const up = () => nodes.filter(({ isUp }) => isUp)

  async function link(n: number) {
    const { client } = at(nodes, n)
    const id = at(IDS, n)
    // Where it was refused for a moment, it may be there all the same.
    await vi.waitFor(async () => {
      const creating = client.sessions.create({ id }, { timeoutMs: PATIENCE.timeout })
      await creating.catch((error: { code?: string }) => expect(error.code).toBe('SESSION_ID_IN_USE'))
    }, PATIENCE)
    // On a busy machine a connection may have ended with its QR: there is a next one.
    await vi.waitFor(async () => {
      const { status } = await client.sessions.get(id)
      if (status === 'stopped') await client.sessions.start(id)
      if (at(phones, n).devices.length === 0) await at(phones, n).scanQr((await client.sessions.getQr(id)).qr)
    }, PATIENCE)
  }

  /** Each is connected where its lease is, and WhatsApp has one connection of each. */
  const allConnected = (without: readonly ServerNode[] = []) =>
    vi.waitFor(async () => {
      const [leases, members] = await Promise.all([installation.leasesOf(IDS), installation.members()])
      const away = without.map(({ name }) => name)
      const alive = new Set(members.filter(({ name }) => !away.includes(name)).map(({ id }) => id))
      const owners = new Map(leases.map(({ sessionId, owner }) => [sessionId, owner]))
      const { items } = await at(up(), up().length - 1).client.sessions.list({ limit: 100 })
      const there = items.filter(
        ({ id, status, node }) => status === 'connected' && node === owners.get(id) && alive.has(node ?? ''),
      )
      expect(there).toHaveLength(COUNT)
      expect(installation.simulator.connections).toHaveLength(COUNT)
    }, PATIENCE)

  /** Nobody had to scan again, and every client has every event once and in order. */
  async function isWhole(by: readonly Heard[]) {
    await vi.waitFor(async () => {
      const last = await installation.lastSeqs(IDS)
      for (const each of by) for (const id of IDS) each.isWhole(last.get(id) ?? 0, id)
    }, PATIENCE)
    expect(phones.map(({ devices }) => devices.length)).toEqual(IDS.map(() => 1))
  }

  /** Every account is written to, and answers by a node that need not be its own. */
  async function talk(what: string) {
    await Promise.all(
      IDS.map(async (id, n) => {
        await customer.sendText(at(phones, n).number, `${what} to ${id}`)
        const sending = at(up(), n + 1).client.messages.send(id, { to: customer.number, text: `${what} by ${id}` })
        // While NATS is away, and comes back, calls for others are refused.
        await sending.catch((error: { code?: string }) =>
          expect(['CLUSTER_UNREACHABLE', 'LEASE_HELD']).toContain(error.code),
        )
      }),
    )
  }

  it(
    'tell every client every event once and in order, while NATS is restarted and much is said',
    async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        if (round === 3) await installation.nats.kill()
        if (round === 6) await installation.nats.start()
        await talk(`round ${round}`)
      }
      const endedAt = performance.now()
      for (const each of heard) for (const id of IDS) await each.text(`round ${ROUNDS - 1} to ${id}`)
      await isWhole(heard)
      const events = [...(await installation.lastSeqs(IDS)).values()].reduce((sum, count) => sum + count, 0)
      report(
        `NATS restarted: ${events} events heard by each of ${heard.length} clients, the last ${since(endedAt)} after it was told`,
      )
    },
    TIMEOUT_MS,
  )

  it(
    'keep every connection while MongoDB is silent for ten seconds',
    async () => {
      const connections = [...installation.simulator.connections]
      const leases = await installation.leasesOf(IDS)
      for (const { toStore } of nodes) toStore.swallow()
      await Promise.all(phones.map(({ number }) => customer.sendText(number, `meanwhile to ${number}`)))
      // Who asks meanwhile is not kept waiting for as long as the driver waits.
      const asking = at(nodes, 0).client.sessions.get(at(IDS, 0), { maxRetries: 0 })
      const refused = expect(asking).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 })
      await Promise.all([sleep(10_000), refused])
      for (const { toStore } of nodes) toStore.pass()
      for (const each of heard) for (const { number } of phones) await each.text(`meanwhile to ${number}`)
      await talk('after it')
      expect(installation.simulator.connections.map(({ id }) => id)).toEqual(connections.map(({ id }) => id))
      expect(await installation.leasesOf(IDS)).toEqual(leases)
      await isWhole(heard)
      report('MongoDB silent for 10 s: 0 connections closed')
    },
    TIMEOUT_MS,
  )

  it(
    'are all back when one server was killed',
    async () => {
      const [one, ...others] = nodes
      if (!one) throw new Error('There is none')
      const orphans = (await installation.members()).find(({ name }) => name === one.name)?.sessions ?? 0
      const killedAt = performance.now()
      await one.kill()
      await allConnected([one])
      // Lifetime of the lease, a look, twenty connections a second by each of the others, and the last connection.
      const formulaS = LEASE_TTL_MS / 1_000 + 1.25 + orphans / (20 * others.length) + 1.5
      report(
        `a server of ${orphans} killed: all back after ${since(killedAt)}; by the formula ${formulaS.toFixed(1)} s`,
      )
      await talk('after the kill')
      await isWhole(heard.slice(1))
    },
    TIMEOUT_MS,
  )

  it(
    'are each away for a moment when a server is drained',
    async () => {
      nodes.push(await installation.join('four'))
      const two = at(nodes, 1)
      const absences = await Absences.of(at(nodes, 2))
      const begunAt = performance.now()
      await at(nodes, 2).client.nodes.drain(two.name)
      await allConnected([two])
      report(`a server drained: ${absences.end()}; ${since(begunAt)} in all`)
      await talk('after the drain')
      await isWhole(heard.slice(1))
      expect(customer.messages.filter(({ text }) => text === 'after the drain by account-0')).toHaveLength(1)
      expect([installation.simulator.unhandled, installation.simulator.violations]).toEqual([[], []])
    },
    TIMEOUT_MS,
  )
})

function since(begunAt: number): string {
  return `${((performance.now() - begunAt) / 1_000).toFixed(1)} s`
}

/** What was measured, for whoever reads the output. */
function report(line: string): void {
  process.stdout.write(`      ${line} (load ${loadavg()[0]?.toFixed(1)})\n`)
}
