import type { Agent } from 'node:https'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { SocksProxyAgent } from 'socks-proxy-agent'

/**
 * What brings a socket through a proxy: CONNECT for `http:` and `https:`, SOCKS for the others. Names are resolved by the
 * proxy, so that this machine's resolver does not tell who it is about to talk to.
 */
export function createProxyAgent(proxyUrl: string): Agent {
  const url = new URL(proxyUrl)
  if (!url.protocol.startsWith('socks')) return new HttpsProxyAgent(url)
  url.protocol = url.protocol === 'socks4:' ? 'socks4a:' : 'socks5h:'
  return new SocksProxyAgent(url)
}
