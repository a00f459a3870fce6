import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Absences } from './absences.js'
import { Heard } from './heard.js'
import { Installation, type ServerNode, type Stumbles } from './installation.js'
import { sayWhatIsMissing } from './needs.js'
import { Replacements } from './replacements.js'

const { lacks } = Installation
const PATIENCE = { timeout: 120_000, interval: 50 }
const EACH_SECOND = { timeout: 120_000, interval: 1_000 }
const TIMEOUT_MS = 240_000
const IDS = Array.from({ length: 6 }, (_, n) => `account-${n}`)
/** It is calm after two seconds and not after thirty, and a session has been there for long after half a second and not after ten minutes. */
const SOON: Stumbles = {
  constants: {
    '/core/src/manager/options.ts': { name: 'DEFAULT_REBALANCE', value: '{ calmMs: 2000, restMs: 500 }' },
  },
}

sayWhatIsMissing(lacks, process.env.REQUIRE_NATS === '1')

describe.runIf(!lacks).sequential('six accounts on one server, which two others join', () => {
  let installation: Installation
  let replacements: Replacements
  let carol: Phone
  let phones: Phone[]
  let one: ServerNode
  let heard: Heard

  beforeAll(async () => {
    installation = await Installation.start('evening-out')
    replacements = new Replacements(installation.simulator)
    carol = await installation.simulator.createPhone({ number: '15550000009', name: 'Carol' })
    phones = await Promise.all(
      IDS.map((name, n) => installation.simulator.createPhone({ number: `1555000010${n}`, name })),
    )
    one = await installation.join('one', SOON)
    heard = await Heard.by(one)
    await Promise.all(
      IDS.map(async (id, n) => {
        await one.client.sessions.create({ id })
        await vi.waitFor(async () => phones[n]?.scanQr((await one.client.sessions.getQr(id)).qr), PATIENCE)
      }),
    )
    await vi.waitFor(() => expect(installation.simulator.connections).toHaveLength(IDS.length), PATIENCE)
  }, TIMEOUT_MS)
  afterAll(async () => {
    await installation?.close()
  })

  /** How many sessions each of them has and runs, by its name. */
  async function shares(): Promise<Record<string, number>> {
    const [members, { items }] = await Promise.all([
      installation.members(),
      one.client.sessions.list({ limit: IDS.length }),
    ])
    const count = (id: string) => items.filter(({ node, status }) => node === id && status === 'connected').length
    return Object.fromEntries(members.map(({ id, name }) => [name, count(id)]))
  }

  it(
    'are shared out evenly when all is calm, one by one, and nothing is lost, doubled or scanned again',
    async () => {
      const absences = await Absences.of(one)
      await Promise.all(['two', 'three'].map((name) => installation.join(name, SOON)))
      // What comes in while they go from one to the other arrives where they are then.
      let round = 0
      await vi.waitFor(async () => {
        round += 1
        for (const { number } of phones) await carol.sendText(number, `round ${round} to ${number}`)
        expect(await shares()).toEqual({ one: 2, two: 2, three: 2 })
      }, EACH_SECOND)
      const last = round
      for (const { number } of phones)
        for (let each = 1; each <= last; each += 1) await heard.text(`round ${each} to ${number}`)
      process.stdout.write(`      evened out: ${absences.end()}\n`)

      for (const id of IDS) await one.client.messages.send(id, { to: carol.number, text: `by ${id}` })
      await vi.waitFor(async () => {
        for (const id of IDS) expect(carol.messages.filter(({ text }) => text === `by ${id}`)).toHaveLength(1)
        const seqs = await installation.lastSeqs(IDS)
        for (const id of IDS) heard.isWhole(seqs.get(id) ?? 0, id)
      }, PATIENCE)
      expect(installation.simulator.connections).toHaveLength(IDS.length)
      expect(phones.map(({ devices }) => devices.length)).toEqual(IDS.map(() => 1))
      expect([replacements.stale, phones.map(({ number }) => replacements.count(number))]).toEqual([
        0,
        IDS.map(() => 0),
      ])
      expect([installation.simulator.unhandled, installation.simulator.violations]).toEqual([[], []])
    },
    TIMEOUT_MS,
  )
})
