import { WAJIDDomains } from './baileys-internals.js'
import { addressOfJid, formatAddress, isLidDomain, parseAddress, type SignalAddress } from './signal-address.js'
import type { AccountKeys } from './signal-keys.js'

/**
 * One person, one session: a phone-number address becomes the LID address once the mapping is known. Only stored mappings
 * count; asking the server for one is up to Baileys, which does so before it encrypts or decrypts.
 */
export class LidResolution {
  readonly #keys: AccountKeys

  constructor(keys: AccountKeys) {
    this.#keys = keys
  }

  async resolve(jid: string): Promise<SignalAddress> {
    return this.resolveAddress(addressOfJid(jid))
  }

  async resolveAddress(address: SignalAddress): Promise<SignalAddress> {
    const { user, domain, device } = parseAddress(address)
    if (isLidDomain(domain)) return address
    const lid = await this.#keys.readOne('lid-mapping', user)
    if (typeof lid !== 'string' || lid === '') return address
    return formatAddress({ user: lid, domain: lidDomainOf(domain), device })
  }

  /** The phone-number address a session of this LID address may still lie under. */
  async phoneNumberAddress(address: SignalAddress): Promise<SignalAddress | undefined> {
    const { user, domain, device } = parseAddress(address)
    if (!isLidDomain(domain)) return undefined
    const phoneNumber = await this.#keys.readOne('lid-mapping', `${user}_reverse`)
    if (typeof phoneNumber !== 'string' || phoneNumber === '') return undefined
    const phoneDomain = domain === WAJIDDomains.HOSTED_LID ? WAJIDDomains.HOSTED : WAJIDDomains.WHATSAPP
    return formatAddress({ user: phoneNumber, domain: phoneDomain, device })
  }
}

function lidDomainOf(domain: number): number {
  return domain === WAJIDDomains.HOSTED ? WAJIDDomains.HOSTED_LID : WAJIDDomains.LID
}
