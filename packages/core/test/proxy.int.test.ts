import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
    const trunk = live.manager()
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
    const trunk = live.manager()
    await trunk.manager.create({ id: 'ana', settings: { proxyUrl, markOnline: true } })
    const { reason } = await trunk.heardEvent('session.status', 'ana', ({ status }) => status === 'reconnecting')
    expect(reason).toMatchObject({
      code: expect.stringMatching(/CONNECTION_LOST|SERVICE_UNAVAILABLE/),
      retryAt: expect.any(String),
    })
    expect(proxy.targets).toEqual([])
    const changed = await trunk.manager.update('ana', { settings: { proxyUrl: null } })
    expect(changed.settings).toEqual({ markOnline: true })
    await trunk.heardEvent('qr', 'ana')
  })
})
