import { type ConnectorBackend, connectorCases, connectorSuite, runConnectorCase } from '@trunkline/conformance'
import { startSimulator } from '@trunkline/simulator'
import { describe, expect, it } from 'vitest'
import { createBaileysConnector } from '../src/baileys/baileys-connector.js'
import { hardenProcess } from '../src/compose/compose-services.js'
import { trunklineSignal } from '../src/compose/trunkline-signal.js'
import type { Connector } from '../src/index.js'
import { proxyGuardOf } from '../src/manager/proxy-guard.js'
import type { ConnectionEvent, ConnectOptions } from '../src/store.js'
import { MemoryShare } from '../src/util/memory-share.js'
import { systemClock } from '../src/util/system-clock.js'
import { recordingLogger } from './support/recording-logger.js'

/** The Baileys connector, and a simulated WhatsApp behind it. */
async function backend(
  wrap: (connector: Connector) => Connector = (connector) => connector,
): Promise<ConnectorBackend> {
  const simulator = await startSimulator({ seed: 'connector' })
  const logger = recordingLogger()
  const release = hardenProcess({ certPublicKey: simulator.rootPublicKey }, logger)
  const account = await simulator.createPhone({ number: '15550000001', name: 'Account' })
  const contact = await simulator.createPhone({ number: '15550000002', name: 'Contact' })
  const connector = createBaileysConnector({
    signal: trunklineSignal,
    proxyGuard: proxyGuardOf({}),
    clock: systemClock,
    logger,
    webSocketUrl: simulator.url,
    connectTimeoutMs: 20_000,
    keepAliveIntervalMs: 30_000,
    mediaSilenceMs: 30_000,
    fileMemory: new MemoryShare({ maxBytes: 0, maxBytesEach: 0 }),
  })
  return {
    connector: wrap(connector),
    contact: '15550000002@s.whatsapp.net',
    nobody: '15550000404@s.whatsapp.net',
    scanQr: async (qr) => void (await account.scanQr(qr)),
    write: async (text) => void (await contact.sendText('15550000001', text)),
    shown: async (text) => void (await contact.waitForMessage(text)),
    cut: async () => simulator.faults.kill('15550000001'),
    close: async () => {
      release()
      await simulator.close()
    },
  }
}

connectorSuite({ name: 'Baileys', backend: () => backend() })

/** A connector whose events go through a mistake. */
const mistaken =
  (onEvent: (event: ConnectionEvent, options: ConnectOptions) => Promise<void>) =>
  (connector: Connector): Connector => ({
    prepare: connector.prepare,
    connect: (options) => connector.connect({ ...options, onEvent: (event) => onEvent(event, options) }),
  })

const broken: { name: string; caughtBy: string; wrap: (connector: Connector) => Connector }[] = [
  {
    name: 'speaks before connect has returned',
    caughtBy: 'says nothing before connect has returned, and says first whose credentials it found',
    wrap: (connector) => ({
      prepare: connector.prepare,
      connect(options) {
        void options.onEvent({ type: 'credentials', linked: false, loggedIn: false })
        return connector.connect(options)
      },
    }),
  },
  {
    name: 'tells two things at once',
    caughtBy: 'hands messages on in the order in which they were written, never two events at once',
    wrap: mistaken(async (event, { onEvent }) => {
      const others: Promise<void>[] = event.type === 'messages' ? [onEvent({ type: 'passkey' })] : []
      await Promise.all([onEvent(event), ...others])
    }),
  },
  {
    name: 'goes on after a handler has failed',
    caughtBy: 'ends when a handler fails: that is the cause, and no other event comes before it',
    wrap: mistaken(async (event, { onEvent }) => {
      await onEvent(event).catch(() => onEvent({ type: 'passkey' }))
      if (event.type === 'messages') throw new Error('something else')
    }),
  },
  {
    name: 'forgets what was not settled',
    caughtBy: 'tells again what was not settled, as drained, and nothing that was',
    wrap: mistaken(async (event, { onEvent }) => {
      if (event.type === 'messages') for (const { settle } of event.inbound) await settle?.()
      await onEvent(event)
    }),
  },
]

describe('the suite for connectors', () => {
  it('gives each of its tests a name of its own', () => {
    expect(new Set(connectorCases.map(({ name }) => name)).size).toBe(connectorCases.length)
  })

  it.each(broken.map((one) => [one.name, one] as const))('catches a connector that %s', async (_name, one) => {
    const found = connectorCases.find(({ name }) => name === one.caughtBy)
    if (!found) throw new Error(`There is no test named "${one.caughtBy}"`)
    await expect(runConnectorCase(found, { name: 'broken', backend: () => backend(one.wrap) })).rejects.toThrow()
  })
})
