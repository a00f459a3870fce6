import { isIPv6 } from 'node:net'
import { TrunklineError } from '@trunkline/core'

export interface LoginThrottleOptions {
  /** Failed logins that one account may have in a window. */
  perAccount: number
  /** Failed logins that may come from one address in a window. */
  perAddress: number
  windowMs: number
  now(): number
  /** How many accounts and addresses are remembered at most; the oldest are forgotten first. */
  maxEntries?: number
}

/** Counts failed logins by account and by address. A login counts as failed until it succeeds, so that a burst cannot slip by. */
export class LoginThrottle {
  readonly #options: LoginThrottleOptions
  readonly #counts = new Map<string, { count: number; endsAt: number }>()

  constructor(options: LoginThrottleOptions) {
    this.#options = options
  }

  /** @throws RATE_LIMITED when account or address has used up its window */
  begin(account: string, address: string | undefined): void {
    const limits = this.#limits(account, address)
    const now = this.#options.now()
    for (const { key, limit } of limits) {
      const entry = this.#counts.get(key)
      if (entry && entry.endsAt > now && entry.count >= limit) {
        const retryAfterSeconds = Math.ceil((entry.endsAt - now) / 1000)
        throw new TrunklineError('RATE_LIMITED', { details: { retryAfterSeconds } })
      }
    }
    for (const { key } of limits) this.#count(key, now)
  }

  /** The login succeeded: the account starts afresh, the address gets its one back. */
  succeed(account: string, address: string | undefined): void {
    const [byAccount, byAddress] = this.#limits(account, address)
    if (byAccount) this.#counts.delete(byAccount.key)
    const entry = byAddress && this.#counts.get(byAddress.key)
    if (entry) entry.count -= 1
  }

  #limits(account: string, address: string | undefined) {
    const { perAccount, perAddress } = this.#options
    const byAccount = { key: `account ${account}`, limit: perAccount }
    return address ? [byAccount, { key: `address ${networkOf(address)}`, limit: perAddress }] : [byAccount]
  }

  #count(key: string, now: number): void {
    const entry = this.#counts.get(key)
    if (entry && entry.endsAt > now) {
      entry.count += 1
      return
    }
    this.#counts.delete(key)
    this.#counts.set(key, { count: 1, endsAt: now + this.#options.windowMs })
    const oldest = this.#counts.keys().next().value
    if (this.#counts.size > (this.#options.maxEntries ?? 20_000) && oldest !== undefined) this.#counts.delete(oldest)
  }
}

/** One household or server has a whole /64 of IPv6 addresses to call from. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  if (tail === undefined) return groups.slice(0, 4).join(':')
  const rest = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0')
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':')
}
