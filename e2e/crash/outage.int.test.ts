import { setTimeout as sleep } from 'node:timers/promises'
import { MultiSessionManager } from '@trunkline/core'
import { type Phone, type Simulator, startSimulator } from '@trunkline/simulator'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from './eventually.js'
import { blockableMongo, type StoppableStore, stoppableMongo, stoppableSqlite } from './stoppable-store.js'

// A minute with the times of production by `npm run crash`, and everything shorter in a run of all tests.
const ALL = process.env.CRASH === 'all'
const OUTAGE_MS = ALL ? 60_000 : 10_000
const TIMINGS = ALL
  ? {}
  : {
      leaseTtlMs: 5_000,
      reconnect: { reconnectBaseMs: 100, reconnectMaxMs: 1_000 },
      maintenance: { storeCheckIntervalMs: 1_000, flushIntervalMs: 1_000 },
    }
const PATIENCE = { patienceMs: ALL ? 5_000 : 3_000 }
const TIMEOUT_MS = 240_000

const SESSION = 'bot'
const NUMBER = '15550000001'
const MESSAGES = 12

const engines = [
  { name: 'SQLite, locked by another program', open: stoppableSqlite },
  { name: 'MongoDB, stopped', open: () => stoppableMongo(PATIENCE) },
  { name: 'MongoDB, out of reach', open: () => blockableMongo(PATIENCE) },
]

describe.each(engines)('while its store halts ($name), a session', ({ open }) => {
  let simulator: Simulator
  let stoppable: StoppableStore | undefined
  let manager: MultiSessionManager
  let account: Phone
  let customer: Phone
  let statuses: string[]
  let heard: string[]
  let qrs: number

  beforeEach(async ({ skip }) => {
    stoppable = await open()
    if (!stoppable && process.env.REQUIRE_MONGO === '1' && process.env.TEST_MONGODB_KIND !== 'external')
      throw new Error('REQUIRE_MONGO=1, but there is no server')
    if (!stoppable)
      return skip('no MongoDB can be started here, or none is named by TEST_MONGODB_URI (`npm test` does)')
    simulator = await startSimulator({ seed: 'outage' })
    account = await simulator.createPhone({ number: NUMBER, name: 'Bot' })
    customer = await simulator.createPhone({ number: '15550000002', name: 'Customer' })
    manager = new MultiSessionManager({
      store: stoppable.store,
      webSocketUrl: simulator.url,
      certPublicKey: simulator.rootPublicKey,
      logger: pino({ level: 'silent' }),
      ...TIMINGS,
    })
    ;[statuses, heard, qrs] = [[], [], 0]
    manager.on('session.status', ({ status }) => statuses.push(status))
    manager.on('message', ({ message }) => heard.push(message.text ?? ''))
    manager.on('qr', ({ qr }) => {
      qrs += 1
      void account.scanQr(qr)
    })
    await manager.create({ id: SESSION })
    await eventually(async () => statuses.includes('connected'))
  }, TIMEOUT_MS)

  afterEach(async () => {
    await manager?.close()
    await simulator?.close()
    await stoppable?.end()
  }, TIMEOUT_MS)

  it(
    'is degraded, loses nothing, asks for nothing twice, and is back after it without a scan',
    async () => {
      const deliveries = new Map<string, number>()
      let retries = 0
      simulator.tap(({ direction, number, node }) => {
        if (number !== NUMBER) return
        const { id = '', type } = node.attrs
        if (direction === 'out' && node.tag === 'message') deliveries.set(id, (deliveries.get(id) ?? 0) + 1)
        if (direction === 'in' && node.tag === 'receipt' && type === 'retry') retries += 1
      })
      const texts = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`)
      const answers = new Map<string, string>()
      const from = statuses.length

      await stoppable?.halt()
      const endsAt = Date.now() + OUTAGE_MS
      for (const text of texts) {
        await customer.sendText(NUMBER, text)
        void manager.send(SESSION, { to: customer.number, text: `re: ${text}` }).then(
          ({ status }) => answers.set(text, status),
          ({ code }) => answers.set(text, code),
        )
        await sleep(OUTAGE_MS / MESSAGES / 2)
      }
      await eventually(async () => (await manager.get(SESSION)).health === 'degraded')
      await sleep(Math.max(0, endsAt - Date.now()))
      await stoppable?.goOn()

      await eventually(async () => texts.every((text) => heard.includes(text)))
      await eventually(async () => (await manager.get(SESSION)).status === 'connected')
      await eventually(async () => (await manager.get(SESSION)).health === 'ok')
      await eventually(async () => answers.size === MESSAGES)
      await simulator.idle()
      const { items } = await manager.messages(SESSION, { limit: 100 })
      const inbound = items.filter(({ fromMe }) => !fromMe).map(({ text }) => text)
      expect([...inbound].sort()).toEqual([...texts].sort())
      const { attemptsLog } = await manager.details(SESSION)
      expect(Math.max(...deliveries.values()), JSON.stringify(attemptsLog)).toBeLessThanOrEqual(2)
      expect(retries).toBe(0)
      for (const [text, outcome] of answers) {
        const held = customer.messages.filter((message) => message.text === `re: ${text}`).length
        if (outcome === 'sent' || outcome === 'delivered') expect([text, held]).toEqual([text, 1])
        else expect(held).toBeLessThanOrEqual(1)
      }
      expect(qrs).toBe(1)
      expect(statuses.slice(from)).not.toContain('logged_out')
      expect(await stoppable?.store.auth.listArchives(SESSION)).toEqual([])
      expect([simulator.unhandled, simulator.violations]).toEqual([[], []])
    },
    TIMEOUT_MS,
  )

  it(
    'that is started is reconnecting, and its credentials stay as they are, byte for byte',
    async () => {
      await manager.stopSession(SESSION)
      const before = await stoppable?.store.auth.readCreds(SESSION)
      const keys = await stoppable?.store.auth.listKeyIds(SESSION, 'pre-key')
      const from = statuses.length
      await stoppable?.halt()
      const started = manager.startSession(SESSION).catch(({ code }: { code: string }) => code)
      await Promise.race([eventually(async () => statuses.slice(from).includes('reconnecting')), started])
      await sleep(OUTAGE_MS / 4)
      await stoppable?.goOn()
      if (typeof (await started) === 'string') await manager.startSession(SESSION)
      expect(await stoppable?.store.auth.readCreds(SESSION)).toEqual(before)
      await eventually(async () => statuses.slice(from).includes('connected'))
      // None was made anew; one may have been used up by what waited for the account.
      expect(keys).toEqual(
        expect.arrayContaining((await stoppable?.store.auth.listKeyIds(SESSION, 'pre-key')) ?? ['none']),
      )
      expect(qrs).toBe(1)
    },
    TIMEOUT_MS,
  )
})
