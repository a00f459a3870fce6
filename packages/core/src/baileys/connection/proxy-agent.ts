import type { Agent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { SocksProxyAgent } from 'socks-proxy-agent'
import type { AddressGuard } from '../../util/address-guard.js'
import { guardedLookup } from '../../util/guarded-lookup.js'

/**
 * Whatever goes wrong between here and WhatsApp when there is a proxy between them. One sentence for all of it: who may choose a
 * proxy must not learn from the difference what answers, and how, at an address.
 */
export const PROXY_FAILED = 'WhatsApp could not be reached through the proxy'

/**
 * What brings a socket through a proxy: CONNECT for `http:` and `https:`, SOCKS for the others. Names of servers are resolved by
 * the proxy, so that this machine's resolver does not tell who it is about to talk to; the proxy's own name is resolved here, and
 * each of its addresses must be one that the guard admits.
 */
export function createProxyAgent(proxyUrl: string, guard: AddressGuard, resolve?: LookupFunction): Agent {
  const url = new URL(proxyUrl)
  const lookup = guardedLookup(guard, resolve)
  if (!url.protocol.startsWith('socks')) return new HttpsProxyAgent(url, { lookup })
  url.protocol = url.protocol === 'socks4:' ? 'socks4a:' : 'socks5h:'
  return new SocksProxyAgent(url, {
    socketOptions: { lookup } as ConstructorParameters<typeof SocksProxyAgent>[1] & object,
  })
}
