import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Phone, startSimulator } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type Store } from '../src/index.js'
import { Live, type LiveManager } from './support/live.js'
import { TLS_CERTIFICATE, TLS_KEY } from './support/tls.js'

const ANA = '15550000001'

describe('a server that cannot be reached, or not be trusted', () => {
  let live: Live
  let store: Store
  let trunk: LiveManager
  let ana: Phone

  beforeEach(async () => {
    live = await Live.start('unreachable')
    store = createMemoryStore()
    ana = await live.phone(ANA, 'Ana')
    trunk = live.manager({ store, keepAliveIntervalMs: 200 })
    await trunk.link('ana', ana)
  })

  afterEach(() => live[Symbol.asyncDispose]())

  const reasons = () => trunk.events('session.status', 'ana').flatMap(({ reason }) => reason ?? [])

  it('notices by itself that nothing comes any more', async () => {
    const from = trunk.heard.length
    live.simulator.faults.silence(ANA)
    await trunk.status('ana', 'connected', from)
    expect(reasons()).toMatchObject([{ code: 'CONNECTION_LOST', message: 'Connection was lost' }])
  })

  it('comes back after an upgrade that is refused without an end', async () => {
    live.simulator.faults.refuseUpgrade({ status: 503, keepOpen: true })
    const from = trunk.heard.length
    live.simulator.faults.kill(ANA)
    await trunk.status('ana', 'connected', from)
    expect(reasons().map(({ message }) => message)).toContain('The server refused the connection (HTTP 503)')
  })

  it('tries for as long as nobody listens, and is back, with what was sent meanwhile, when WhatsApp is', async () => {
    const { port } = new URL(live.simulator.url)
    const snapshot = live.simulator.snapshot()
    let from = trunk.heard.length
    await live.simulator.close()
    await trunk.heardEvent('session.status', 'ana', ({ reason }) => /ECONNREFUSED/.test(reason?.message ?? ''), from)
    expect(await trunk.manager.get('ana')).toMatchObject({
      status: 'reconnecting',
      health: 'degraded',
      attempts: { count: expect.any(Number), nextAt: expect.any(String) },
    })

    await using back = await startSimulator({ port: Number(port), snapshot })
    from = trunk.heard.length
    await trunk.status('ana', 'connected', from)
    const carol = await back.createPhone({ number: '15550000003', name: 'Carol' })
    await carol.sendText(ANA, 'you are back')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'you are back')
    expect(trunk.heard.slice(from).map(({ name }) => name)).not.toContain('qr')
    await trunk.manager.close()
  })

  it('waits for a person when the certificate is not signed by the root, and has said nothing to that server', async () => {
    live.simulator.faults.badCertificate()
    const from = trunk.heard.length
    live.simulator.faults.kill(ANA)
    await trunk.status('ana', 'failed', from)
    expect(await trunk.manager.details('ana')).toMatchObject({
      statusReason: { code: 'SERVER_NOT_TRUSTED' },
      advice: expect.stringContaining('proxy'),
    })
    expect(await store.auth.readCreds('ana')).toBeDefined()
    expect(live.simulator.connections).toEqual([])
    await trunk.manager.startSession('ana')
    await trunk.status('ana', 'connected', trunk.heard.length - 1)
  })

  it('waits for a person when the TLS certificate is not trusted', async () => {
    await trunk.manager.close()
    const server = createServer({ key: TLS_KEY, cert: TLS_CERTIFICATE }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const webSocketUrl = `wss://127.0.0.1:${(server.address() as AddressInfo).port}/ws/chat`
    const deceived = live.manager({ store, webSocketUrl })
    await deceived.manager.start()
    await deceived.status('ana', 'failed')
    expect(await deceived.manager.get('ana')).toMatchObject({ statusReason: { code: 'SERVER_NOT_TRUSTED' } })
    expect(await store.auth.readCreds('ana')).toBeDefined()
    server.close()
  })
})
