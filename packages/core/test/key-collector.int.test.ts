import { afterEach, beforeEach, expect, it } from 'vitest'
import { createBaileysConnector } from '../src/baileys/baileys-connector.js'
import { decodeAuthValue } from '../src/baileys/credentials/auth-codec.js'
import type { KeyLedger } from '../src/baileys/key-collection/key-ledger.js'
import { trunklineSignal } from '../src/compose/trunkline-signal.js'
import type { Connector } from '../src/index.js'
import type { Connection } from '../src/store.js'
import { AddressGuard } from '../src/util/address-guard.js'
import { MemoryShare } from '../src/util/memory-share.js'
import { systemClock } from '../src/util/system-clock.js'
import { Live, type LiveManager } from './support/live.js'
import { recordingLogger } from './support/recording-logger.js'

const ANA = '15550000001'
const CAROL = '15550000003'

let live: Live
let trunk: LiveManager
let connection: Connection

beforeEach(async () => {
  live = await Live.start('keys')
  const baileys = createBaileysConnector({
    signal: trunklineSignal,
    clock: systemClock,
    logger: recordingLogger(),
    connectTimeoutMs: 15_000,
    keepAliveIntervalMs: 30_000,
    mediaSilenceMs: 30_000,
    fileMemory: new MemoryShare({ maxBytes: 0, maxBytesEach: 0 }),
    proxyGuard: new AddressGuard(),
    webSocketUrl: live.simulator.url,
  })
  const connector: Connector = {
    prepare: baileys.prepare,
    connect(options) {
      connection = baileys.connect(options)
      return connection
    },
  }
  trunk = live.manager({ connector })
})

afterEach(() => live[Symbol.asyncDispose]())

async function waiting(type: string): Promise<string[]> {
  const [stored] = (await trunk.store.auth.readKeys('ana', 'key-ledger', ['current'])).values()
  const ledger = stored && (decodeAuthValue(stored) as KeyLedger)
  expect(ledger?.at).toBeGreaterThan(0)
  return Object.keys(ledger?.absent[type] ?? {})
}

it('knows from the server which pre-key is out, keeps it, and reads the first message that comes late for it', async () => {
  const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
  await trunk.link('ana', ana)
  const nothing = { preKeys: 0, sessions: 0, senderKeys: 0 }
  expect(await connection.collectKeys()).toEqual(nothing)
  expect(await waiting('pre-key')).toEqual([])

  const toAna = { number: ANA, device: 1, direction: 'out', tag: 'message' } as const
  live.simulator.faults.on(toAna, { do: 'drop' }, { times: 1 })
  await carol.sendText(ANA, 'lost on the way')
  await carol.idle()
  expect(await connection.collectKeys()).toEqual(nothing)
  const [out = '', ...others] = await waiting('pre-key')
  expect(others).toEqual([])
  expect(await trunk.store.auth.listKeyIds('ana', 'pre-key')).toContain(out)

  await carol.sendText(ANA, 'made with the same key')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'made with the same key')
  await connection.collectKeys()
  expect(await waiting('pre-key')).toEqual([])
  expect(await trunk.store.auth.listKeyIds('ana', 'pre-key')).not.toContain(out)
})

it('knows from the server which group was left', async () => {
  const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
  await trunk.link('ana', ana)
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA] })
  await carol.sendText(jid, 'Welcome')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'Welcome')
  await connection.collectKeys()
  expect(await waiting('sender-key')).toEqual([])

  await live.simulator.changeGroup(jid, { remove: [ANA] })
  await connection.collectKeys()
  const left = await waiting('sender-key')
  expect(left.map((id) => id.split('::')[0])).toEqual([jid])
  expect(await trunk.store.auth.listKeyIds('ana', 'sender-key')).toEqual(expect.arrayContaining(left))
})
