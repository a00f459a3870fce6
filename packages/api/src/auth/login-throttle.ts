import { createHmac, randomBytes } from 'node:crypto'
import { isIP, isIPv6 } from 'node:net'
import { TrunklineError } from '@trunkline/core'
import type { AttemptStore } from '@trunkline/core/store'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

export interface LoginThrottleOptions {
  /** Failed logins that one account may have from one address in a window. */
  perAccount: number
  /** Failed logins that may come from one address in a window. */
  perAddress: number
  windowMs: number
  /** Where all processes count together, and the secret that all of them have. Without it each counts for itself. */
  shared?: { attempts: AttemptStore; secret: Uint8Array }
}

/**
 * How many counters there are at most. Whatever is counted shares one of them at random, so that what millions of others do
 * neither fills the memory nor pushes anybody out; that two who fail often share one is unlikely.
 */
const SLOTS = 2 ** 18

/** For how long the store is not asked again about whoever is shut out: not longer, as logins that succeed elsewhere may let him in. */
const SHUT_OUT_SECONDS = 5

/**
 * Counts failed logins by address, and by account together with address: whoever guesses at an account shuts out himself and not
 * its owner, who calls from elsewhere. A login counts as failed until it succeeds, so that a burst cannot slip by.
 *
 * What this process has seen is asked first, so that whoever is shut out costs the store next to nothing; then all processes count together,
 * where the store can. A store that is away leaves it to this process alone.
 */
export class LoginThrottle {
  readonly #byAccount: RateLimiterMemory
  readonly #byAddress: RateLimiterMemory
  readonly #shared: LoginThrottleOptions['shared']
  readonly #secret: Uint8Array

  constructor({ perAccount, perAddress, windowMs, shared }: LoginThrottleOptions) {
    const duration = Math.ceil(windowMs / 1000)
    this.#byAccount = new RateLimiterMemory({ points: perAccount, duration, keyPrefix: 'account' })
    this.#byAddress = new RateLimiterMemory({ points: perAddress, duration, keyPrefix: 'address' })
    this.#shared = shared
    this.#secret = shared?.secret ?? randomBytes(16)
  }

  /** @throws RATE_LIMITED when the address, or the account from this address, has used up its window */
  async begin(account: string, address: string | undefined): Promise<void> {
    const network = networkOf(address)
    // The narrower one first: what it refuses is not counted against everybody else behind the address.
    await this.#count(this.#byAccount, this.#slotOf(account, network))
    if (network !== undefined) await this.#count(this.#byAddress, this.#slotOf(network))
  }

  /** The login succeeded: the account starts afresh, the address gets its one back. */
  async succeed(account: string, address: string | undefined): Promise<void> {
    const network = networkOf(address)
    const attempts = this.#shared?.attempts
    const slot = this.#slotOf(account, network)
    await this.#byAccount.delete(slot)
    await attempts?.forget(keyOf(this.#byAccount, slot)).catch(storeIsAway)
    if (network === undefined) return
    const networkSlot = this.#slotOf(network)
    await this.#byAddress.reward(networkSlot)
    await attempts?.takeBack(keyOf(this.#byAddress, networkSlot)).catch(storeIsAway)
  }

  async #count(limiter: RateLimiterMemory, slot: string): Promise<void> {
    try {
      await limiter.consume(slot)
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      throw limited(refused.msBeforeNext)
    }
    const windowMs = limiter.duration * 1000
    const together = await this.#shared?.attempts.add(keyOf(limiter, slot), { windowMs }).catch(storeIsAway)
    if (!together || together.count <= limiter.points) return
    await limiter.block(slot, Math.min(SHUT_OUT_SECONDS, Math.max(1, Math.ceil(together.leftMs / 1000))))
    throw limited(together.leftMs)
  }

  /** Nobody outside can tell who shares a counter with whom: the secret is this process' own, or that of all that count together. */
  #slotOf(...parts: (string | undefined)[]): string {
    const digest = createHmac('sha256', this.#secret).update(JSON.stringify(parts)).digest()
    return String(digest.readUInt32BE() % SLOTS)
  }
}

function keyOf({ keyPrefix }: RateLimiterMemory, slot: string): string {
  return `login:${keyPrefix}:${slot}`
}

function limited(leftMs: number): TrunklineError {
  return new TrunklineError('RATE_LIMITED', { details: { retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) } })
}

/** Nobody is locked out of, or let into, more than before because the store is away; what needs it says so by itself. */
function storeIsAway(error: unknown): undefined {
  if (!TrunklineError.is(error) || !error.code.startsWith('STORE_')) throw error
}

/**
 * Who calls: an IPv4 address, or the /64 of an IPv6 address, because one household or server has all of it. What is no address,
 * as a proxy's header may say anything, is one caller together.
 */
function networkOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const [plain = ''] = address.split('%')
  if (!isIP(plain)) return 'no address'
  if (!isIPv6(plain)) return plain
  // As `URL` spells it, whatever zeros and capitals it was given with.
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical)
  if (mapped) return mapped.slice(1).flatMap(toBytes).join('.')
  const [head = '', tail = ''] = canonical.split('::')
  const [before, behind] = [head, tail].map((part) => (part === '' ? [] : part.split(':')))
  const groups = [...(before ?? [])]
  const missing = canonical.includes('::') ? 8 - groups.length - (behind ?? []).length : 0
  return [...groups, ...Array.from({ length: missing }, () => '0'), ...(behind ?? [])].slice(0, 4).join(':')
}

function toBytes(group: string): number[] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
