import { jidDecode, WAJIDDomains } from './baileys-internals.js'

/** `user.device` or `user_domain.device`: the key of a session in Baileys' stores. */
export type SignalAddress = string

export interface AddressParts {
  readonly user: string
  readonly domain: number
  readonly device: number
}

/** The same string, and the same refusals, as stock `jidToSignalProtocolAddress` (Signal/libsignal.js). */
export function addressOfJid(jid: string): SignalAddress {
  const decoded = jidDecode(jid)
  if (!decoded?.user) throw new TypeError(`JID without a user: "${jid}"`)
  const { user, server, domainType, device } = decoded
  if (user.includes('.')) throw new TypeError(`JID with a dot in its user: "${jid}"`)
  if (device === 99 && server !== 'hosted' && server !== 'hosted.lid') {
    throw new Error(`Unexpected non-hosted device JID with device 99: "${jid}"`)
  }
  return formatAddress({ user, domain: domainType ?? WAJIDDomains.WHATSAPP, device: device ?? 0 })
}

export function formatAddress({ user, domain, device }: AddressParts): SignalAddress {
  return domain === WAJIDDomains.WHATSAPP ? `${user}.${device}` : `${user}_${domain}.${device}`
}

export function parseAddress(address: SignalAddress): AddressParts {
  const [name = '', device = '0'] = address.split('.')
  const [user = '', domain = '0'] = name.split('_')
  return { user, domain: Number(domain), device: Number(device) }
}

export function isLidAddress(address: SignalAddress): boolean {
  return isLidDomain(parseAddress(address).domain)
}

export function isLidDomain(domain: number): boolean {
  return domain === WAJIDDomains.LID || domain === WAJIDDomains.HOSTED_LID
}

/** `group::user::device`, the key of a sender key in Baileys' stores (Signal/Group/sender-key-name.js). */
export function senderKeyName(group: string, authorJid: string): string {
  const address = addressOfJid(authorJid)
  const dot = address.lastIndexOf('.')
  return `${group}::${address.slice(0, dot)}::${address.slice(dot + 1)}`
}
