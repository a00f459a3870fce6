import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import { describe, expect, it } from 'vitest'
import { AddressGuard } from '../../util/address-guard.js'
import { createProxyAgent } from './proxy-agent.js'

/** Connects through a proxy whose name is resolved to these addresses, and answers what became of it. */
function outcome(proxyUrl: string, { allow, addresses }: { allow: string[]; addresses: string[] }): Promise<string> {
  const resolve: LookupFunction = (_name, { all }, callback) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (all) callback(null, found)
    else callback(null, found[0]?.address ?? '', found[0]?.family)
  }
  const agent = createProxyAgent(proxyUrl, new AddressGuard(allow), resolve)
  return new Promise((settle) => {
    const asking = request('https://server.example/', { agent })
    asking.on('error', (error) => settle(error.message))
    asking.end()
  })
}

const REFUSED = /not allowed/

describe('the agent of a proxy', () => {
  it.each(['http', 'https', 'socks4', 'socks5'])(
    'does not connect to a name that leads inside, by %s',
    async (protocol) => {
      const url = `${protocol}://proxy.example:9`
      expect(await outcome(url, { allow: [], addresses: ['10.0.0.1'] })).toMatch(REFUSED)
      expect(await outcome(url, { allow: [], addresses: ['203.0.113.9', '127.0.0.1'] })).toMatch(REFUSED)
      expect(await outcome(url, { allow: [], addresses: ['::ffff:127.0.0.1'] })).toMatch(REFUSED)
    },
  )

  it.each(['http', 'socks5'])('connects where the name or the address is allowed, by %s', async (protocol) => {
    const url = `${protocol}://proxy.example:9`
    // Nothing listens there: it was tried.
    expect(await outcome(url, { allow: ['127.0.0.0/8'], addresses: ['127.0.0.1'] })).toMatch(/ECONNREFUSED/)
    expect(await outcome(url, { allow: ['proxy.example'], addresses: ['127.0.0.1'] })).toMatch(/ECONNREFUSED/)
  })
})
