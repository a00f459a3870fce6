import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PROXY_FAILED } from '../src/baileys/connection/proxy-agent.js'
import { newSessionRecord } from '../src/manager/new-session-record.js'
import { Live } from './support/live.js'
import { startHttpProxy, startSocksProxy, type TestProxy } from './support/proxies.js'

const ANA = '15550000001'

describe.each([
  { protocol: 'http', startProxy: startHttpProxy },
  { protocol: 'socks5', startProxy: startSocksProxy },
])('a session with a proxy, $protocol', ({ protocol, startProxy }) => {
  let live: Live
  let proxy: TestProxy

  beforeEach(async () => {
    live = await Live.start('proxy')
    proxy = await startProxy()
  })

  afterEach(async () => {
    await live[Symbol.asyncDispose]()
    await proxy.close()
  })

  it('connects through it and no other way, and does not show its password', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const proxyUrl = `${protocol}://user:secret@127.0.0.1:${proxy.port}`
    const trunk = live.manager({ proxyAllow: ['127.0.0.1'] })
    await trunk.manager.create({ id: 'ana', settings: { proxyUrl } })
    const { qr } = await trunk.heardEvent('qr', 'ana')
    await ana.scanQr(qr)
    await trunk.status('ana', 'connected')
    // Once to link, once more after the restart that WhatsApp asks for.
    expect(proxy.targets).toEqual([new URL(live.simulator.url).host, new URL(live.simulator.url).host])
    expect((await trunk.manager.get('ana')).settings).toEqual({
      proxyUrl: new URL(proxyUrl).href.replace('secret', '***'),
    })
    expect(JSON.stringify(trunk.heard)).not.toContain('secret')
  })

  it('waits and tries again when the proxy refuses it, and connects without one when the setting is cleared', async () => {
    const proxyUrl = `${protocol}://user:wrong@127.0.0.1:${proxy.port}`
    const trunk = live.manager({ proxyAllow: ['127.0.0.1'] })
    await trunk.manager.create({ id: 'ana', settings: { proxyUrl, markOnline: true } })
    const { reason } = await trunk.heardEvent('session.status', 'ana', ({ status }) => status === 'reconnecting')
    expect(reason).toMatchObject({
      code: 'CONNECTION_LOST',
      message: PROXY_FAILED,
      retryAt: expect.any(String),
    })
    expect(proxy.targets).toEqual([])
    const changed = await trunk.manager.update('ana', { settings: { proxyUrl: null } })
    expect(changed.settings).toEqual({ markOnline: true })
    await trunk.heardEvent('qr', 'ana')
  })

  it('is not taken where the proxy is inside, and not contacted when it was stored before', async () => {
    const trunk = live.manager()
    const settings = { proxyUrl: `${protocol}://user:secret@127.0.0.1:${proxy.port}` }
    const refusal = { code: 'VALIDATION_FAILED', details: { errors: [{ field: 'settings.proxyUrl' }] } }
    await expect(trunk.manager.create({ id: 'ana', settings })).rejects.toMatchObject(refusal)
    await trunk.manager.create({ id: 'ana', start: false })
    await expect(trunk.manager.update('ana', { settings })).rejects.toMatchObject(refusal)
    await trunk.store.sessions.insert(newSessionRecord({ id: 'old', settings }, Date.now()))
    await trunk.manager.startSession('old')
    const { reason } = await trunk.heardEvent('session.status', 'old', ({ status }) => status === 'reconnecting')
    expect(reason).toMatchObject({ code: 'CONNECTION_LOST', message: PROXY_FAILED })
    expect(proxy.targets).toEqual([])
  })
})

it('says the same whatever is at the address of a proxy, and is there when the host chose it for all', async () => {
  await using live = await Live.start('proxy')
  const answers = ['HTTP/1.1 404 Not Found\r\n\r\n', 'HTTP/1.1 500 Oops\r\n\r\n', 'SSH-2.0-OpenSSH\r\n', '']
  const servers = await Promise.all(answers.map(answering))
  const closed = await answering('')
  await closed.close()
  const trunk = live.manager({ proxyAllow: ['127.0.0.1'] })
  for (const [index, { port }] of [...servers, closed].entries()) {
    await trunk.manager.create({ id: `s${index}`, settings: { proxyUrl: `http://127.0.0.1:${port}` } })
    const { reason } = await trunk.heardEvent('session.status', `s${index}`, ({ status }) => status === 'reconnecting')
    expect(reason).toMatchObject({ code: 'CONNECTION_LOST', message: PROXY_FAILED })
  }
  await Promise.all(servers.map(({ close }) => close()))

  const proxy = await startHttpProxy()
  const proxyUrl = `http://user:secret@127.0.0.1:${proxy.port}`
  const own = live.manager({ defaultSettings: { proxyUrl } })
  await own.manager.create({ id: 'own' })
  await own.heardEvent('qr', 'own')
  expect(proxy.targets).not.toEqual([])
  await own.manager.close()
  await proxy.close()
})

/** Something on loopback that says one thing to everybody, and hangs up. */
async function answering(text: string): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end(text))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}
