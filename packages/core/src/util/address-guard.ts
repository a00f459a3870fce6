import { BlockList, isIP } from 'node:net'

/** What is not reached over the public internet: this machine, private and link-local networks, and what is mapped onto them. */
const INSIDE = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
  ...[
    '::/128',
    '::1/128',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '2002::/16',
    'fc00::/7',
    'fe80::/10',
    'fec0::/10',
    'ff00::/8',
  ],
]
const LOCAL_NAME = /(^|\.)localhost$/
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/

const inside = blockListOf(INSIDE)

/**
 * Which hosts may be connected to on behalf of somebody who is not to look around inside: public ones, and those allowed by
 * name, address or range (`proxy.internal`, `10.0.0.7`, `10.0.0.0/8`).
 */
export class AddressGuard {
  readonly #names: Set<string>
  readonly #allowed: BlockList

  /** Entries that `isAllowable` refuses are passed over. */
  constructor(allow: readonly string[] = []) {
    const hosts = allow.map(bare)
    this.#names = new Set(hosts.filter((host) => !isRange(host)))
    this.#allowed = blockListOf(hosts.filter(isRange))
  }

  /** Whether a host may be connected to, as far as it tells: the addresses of a name are known only when it is resolved. */
  admitsHost(host: string): boolean {
    const name = bare(host)
    return isIP(name) ? this.admitsAddress(name) : this.trustsName(name) || !LOCAL_NAME.test(name)
  }

  /** Whether a name is allowed whatever its addresses are. */
  trustsName(name: string): boolean {
    return this.#names.has(bare(name))
  }

  admitsAddress(address: string): boolean {
    const family = isIP(address)
    if (family === 0) return false
    // BlockList looks through IPv4 that is mapped into IPv6 by itself.
    const type = family === 6 ? 'ipv6' : 'ipv4'
    return this.#allowed.check(address, type) || !inside.check(address, type)
  }
}

/** Whether a guard understands the entry. */
export function isAllowable(entry: unknown): entry is string {
  if (typeof entry !== 'string') return false
  const host = bare(entry)
  return isRange(host) || (!host.includes('/') && HOST_NAME.test(host))
}

/** As it is compared: in lower case, without the brackets of IPv6 and the dot at the end of a full name. */
function bare(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

function isRange(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = isIP(address)
  return family !== 0 && Number(bits ?? 0) <= (family === 4 ? 32 : 128)
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, Number(bits ?? (type === 'ipv6' ? 128 : 32)), type)
  }
  return list
}
