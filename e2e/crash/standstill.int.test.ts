import { setTimeout as sleep } from 'node:timers/promises'
import { MultiSessionManager } from '@trunkline/core'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually } from './eventually.js'
import { type StoppableStore, stoppableMongo } from './stoppable-store.js'

const TIMEOUT_MS = 120_000
/** What a change of the primary of a replica set takes. */
const OUTAGE_MS = 10_000
const LEASE_TTL_MS = 6_000
/** As the driver has it: a server that is silent for ten seconds is not given up. */
const PATIENCE = { patienceMs: 30_000 }
const ACCOUNTS = [1, 2, 3].map((n) => ({ id: `bot-${n}`, number: `1555000000${n}` }))

let stoppable: StoppableStore | undefined
let simulator: Simulator
let manager: MultiSessionManager

beforeEach(async ({ skip }) => {
  stoppable = await stoppableMongo(PATIENCE)
  if (!stoppable && process.env.REQUIRE_MONGO === '1' && process.env.TEST_MONGODB_KIND !== 'external')
    throw new Error('REQUIRE_MONGO=1, but there is no server')
  if (!stoppable) return skip('no MongoDB can be started here')
  simulator = await startSimulator({ seed: 'standstill' })
  manager = new MultiSessionManager({
    store: stoppable.store,
    webSocketUrl: simulator.url,
    certPublicKey: simulator.rootPublicKey,
    logger: pino({ level: 'silent' }),
    leaseTtlMs: LEASE_TTL_MS,
  })
}, TIMEOUT_MS)
afterEach(async () => {
  await manager?.close()
  await simulator?.close()
  await stoppable?.end()
}, TIMEOUT_MS)

it(
  'a store that is stopped for ten seconds closes no connection: commands are refused, what comes in waits, and all goes on',
  async () => {
    const customer = await simulator.createPhone({ number: '15550000009', name: 'Customer' })
    const statuses: string[] = []
    manager.on('session.status', ({ sessionId, status }) => statuses.push(`${sessionId} ${status}`))
    const phones = new Map<string, Phone>()
    manager.on('qr', ({ sessionId, qr }) => void phones.get(sessionId)?.scanQr(qr))
    for (const { id, number } of ACCOUNTS) {
      phones.set(id, await simulator.createPhone({ number, name: id }))
      await manager.create({ id })
      await eventually(async () => statuses.includes(`${id} connected`))
      await customer.sendText(number, 'before')
    }
    const heard: string[] = []
    manager.on('message', ({ sessionId, message }) => heard.push(`${sessionId} ${message.text}`))
    await simulator.idle()
    await eventually(async () => (await manager.messages('bot-3', { limit: 10 })).items.length > 0)
    const connections = [...simulator.connections]
    const ids = ACCOUNTS.map(({ id }) => id)
    const from = statuses.length
    const leases = await stoppable?.store.leases.held(ids)

    await stoppable?.halt()
    const endsAt = Date.now() + OUTAGE_MS
    for (const { number } of ACCOUNTS) await customer.sendText(number, 'meanwhile')
    await eventually(
      async () => (await manager.qr('bot-1').catch(({ code }: { code: string }) => code)) === 'LEASE_UNSURE',
    )
    const sending = manager.send('bot-1', { to: customer.number, text: 'nothing' })
    await expect(sending).rejects.toMatchObject({ code: 'LEASE_UNSURE' })
    await sleep(Math.max(0, endsAt - Date.now()))
    await stoppable?.goOn()

    const all = ids.map((id) => `${id} meanwhile`)
    await eventually(async () => all.every((each) => heard.includes(each)))
    await simulator.idle()
    expect(heard.filter((each) => each.endsWith('meanwhile')).toSorted()).toEqual(all)
    expect(statuses.slice(from)).toEqual([])
    expect(simulator.connections).toEqual(connections)
    expect(await stoppable?.store.leases.held(ids)).toEqual(leases)
    await eventually(
      async () => (await manager.send('bot-1', { to: customer.number, text: 'after' })).status === 'sent',
    )
    await customer.waitForMessage('after')
    expect([simulator.unhandled, simulator.violations]).toEqual([[], []])
  },
  TIMEOUT_MS,
)
