import { createMemoryStore, TrunklineError } from '@trunkline/core'
import type { AttemptStore } from '@trunkline/core/store'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LoginThrottle } from './login-throttle.js'

// The limiter takes its time from the process.
beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

const throttleOf = (options: { perAccount?: number; perAddress?: number } = {}) =>
  new LoginThrottle({ perAccount: 3, perAddress: 5, windowMs: 60_000, ...options })

const RATE_LIMITED = expect.objectContaining({ code: 'RATE_LIMITED' })

describe('the login throttle', () => {
  it('stops an address from trying an account after its failures, until the window ends', async () => {
    const throttle = throttleOf()
    for (let tries = 0; tries < 3; tries += 1) await throttle.begin('a@x.org', '10.0.0.1')
    vi.setSystemTime(20_000)
    await expect(throttle.begin('a@x.org', '10.0.0.1')).rejects.toEqual(
      expect.objectContaining({ code: 'RATE_LIMITED', details: { retryAfterSeconds: 40 } }),
    )
    await throttle.begin('b@x.org', '10.0.0.1')
    vi.setSystemTime(60_000)
    await throttle.begin('a@x.org', '10.0.0.1')
  })

  it('lets the owner of an account in, whatever strangers do to it from elsewhere', async () => {
    const throttle = throttleOf()
    for (let stranger = 0; stranger < 100; stranger += 1) {
      for (let tries = 0; tries < 4; tries += 1) await throttle.begin('a@x.org', `10.0.1.${stranger}`).catch(() => {})
    }
    await throttle.begin('a@x.org', '10.0.0.1')
    await throttle.succeed('a@x.org', '10.0.0.1')
  })

  it('remembers who guessed at an account while 20,600 others come', async () => {
    const throttle = throttleOf()
    for (let tries = 0; tries < 3; tries += 1) await throttle.begin('a@x.org', '10.0.0.1')
    for (let other = 0; other < 20_600; other += 1) {
      await throttle.begin(`user${other}@x.org`, `2001:db8:${other.toString(16)}::1`).catch(() => {})
    }
    await expect(throttle.begin('a@x.org', '10.0.0.1')).rejects.toEqual(RATE_LIMITED)
    await throttle.begin('a@x.org', '10.0.0.2')
  })

  it('stops an address that tries many accounts, and no other', async () => {
    const throttle = throttleOf()
    for (let user = 0; user < 5; user += 1) await throttle.begin(`user${user}@x.org`, '10.0.0.1')
    await expect(throttle.begin('user9@x.org', '10.0.0.1')).rejects.toEqual(RATE_LIMITED)
    await throttle.begin('user9@x.org', '10.0.0.2')
  })

  it('forgets the failures of an account that signs in, and never counts a success against an address', async () => {
    const throttle = throttleOf()
    for (let login = 0; login < 20; login += 1) {
      await throttle.begin('a@x.org', '10.0.0.1')
      await throttle.succeed('a@x.org', '10.0.0.1')
    }
    await throttle.begin('a@x.org', '10.0.0.1')
  })

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:ffff::1'],
    ['2001:db8::1', '2001:DB8:0:0000::2'],
    ['::1', '::2'],
    ['fe80::1%eth0', 'fe80::2%eth1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
    ['nonsense', 'x'.repeat(16_000)],
  ])('takes %.40s and %.40s for one caller', async (one, other) => {
    const throttle = throttleOf({ perAddress: 1 })
    await throttle.begin('a@x.org', one)
    await expect(throttle.begin('b@x.org', other)).rejects.toEqual(RATE_LIMITED)
  })

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['10.0.0.1', '10.0.0.2'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.2'],
  ])('takes %s and %s for two', async (one, other) => {
    const throttle = throttleOf({ perAddress: 1 })
    await throttle.begin('a@x.org', one)
    await throttle.begin('b@x.org', other)
  })

  it('counts by account alone where the host tells no address', async () => {
    const throttle = throttleOf()
    for (let tries = 0; tries < 3; tries += 1) await throttle.begin('a@x.org', undefined)
    await expect(throttle.begin('a@x.org', undefined)).rejects.toEqual(RATE_LIMITED)
    for (let user = 0; user < 20; user += 1) await throttle.begin(`user${user}@x.org`, undefined)
  })
})

describe('login throttles of several processes on one store', () => {
  const secret = Buffer.alloc(32, 7)
  const processesOn = (attempts: AttemptStore, options: { perAccount?: number; perAddress?: number } = {}) =>
    [1, 2].map(
      () =>
        new LoginThrottle({ perAccount: 3, perAddress: 5, windowMs: 60_000, ...options, shared: { attempts, secret } }),
    )

  /** The counters of a memory store, and how often they were asked. */
  const counters = () => {
    const { attempts } = createMemoryStore()
    const calls: string[] = []
    const counting: AttemptStore = {
      add: (key, window) => {
        calls.push(key)
        return attempts.add(key, window)
      },
      takeBack: (key) => attempts.takeBack(key),
      forget: (key) => attempts.forget(key),
    }
    return { attempts: counting, calls }
  }

  it('count the failures of an account together, whichever is asked, until the window ends', async () => {
    const [one, other] = processesOn(counters().attempts)
    await one!.begin('a@x.org', '10.0.0.1')
    await other!.begin('a@x.org', '10.0.0.1')
    vi.setSystemTime(20_000)
    await one!.begin('a@x.org', '10.0.0.1')
    for (const throttle of [other!, one!])
      await expect(throttle.begin('a@x.org', '10.0.0.1')).rejects.toEqual(
        expect.objectContaining({ code: 'RATE_LIMITED', details: { retryAfterSeconds: 40 } }),
      )
    await other!.begin('a@x.org', '10.0.0.2')
    vi.setSystemTime(60_000)
    for (const throttle of [other!, one!]) await throttle.begin('a@x.org', '10.0.0.1')
  })

  it('count the failures of an address together', async () => {
    const [one, other] = processesOn(counters().attempts)
    for (let user = 0; user < 5; user += 1) await (user % 2 ? one! : other!).begin(`user${user}@x.org`, '10.0.0.1')
    await expect(one!.begin('user9@x.org', '10.0.0.1')).rejects.toEqual(RATE_LIMITED)
    await expect(other!.begin('user8@x.org', '10.0.0.1')).rejects.toEqual(RATE_LIMITED)
    await one!.begin('user9@x.org', '10.0.0.2')
  })

  it('ask the store no more for whoever is shut out', async () => {
    const { attempts, calls } = counters()
    const [one, other] = processesOn(attempts)
    for (let tries = 0; tries < 4; tries += 1) await one!.begin('a@x.org', '10.0.0.1').catch(() => {})
    await other!.begin('a@x.org', '10.0.0.1').catch(() => {})
    const before = calls.length
    for (let tries = 0; tries < 20; tries += 1)
      for (const throttle of [one!, other!])
        await expect(throttle.begin('a@x.org', '10.0.0.1')).rejects.toEqual(RATE_LIMITED)
    expect(calls.length).toBe(before)
  })

  it('let in again whoever was shut out by logins that were on their way and then succeeded elsewhere', async () => {
    const [one, other] = processesOn(counters().attempts)
    for (let user = 0; user < 5; user += 1) await one!.begin(`user${user}@x.org`, '10.0.0.1')
    await expect(other!.begin('user9@x.org', '10.0.0.1')).rejects.toEqual(RATE_LIMITED)
    for (let user = 0; user < 5; user += 1) await one!.succeed(`user${user}@x.org`, '10.0.0.1')
    vi.setSystemTime(6_000)
    await other!.begin('user9@x.org', '10.0.0.1')
  })

  it('forget together the failures of an account that signs in, and never count a success against an address', async () => {
    const [one, other] = processesOn(counters().attempts)
    await other!.begin('a@x.org', '10.0.0.1')
    for (let login = 0; login < 20; login += 1) {
      const throttle = login % 2 ? one! : other!
      await throttle.begin('a@x.org', '10.0.0.1')
      await throttle.succeed('a@x.org', '10.0.0.1')
    }
    await one!.begin('a@x.org', '10.0.0.1')
  })

  it('count for themselves while the store is away', async () => {
    const away = async () => {
      throw new TrunklineError('STORE_UNAVAILABLE')
    }
    const [one, other] = processesOn({ add: away, takeBack: away, forget: away })
    for (let tries = 0; tries < 3; tries += 1) await one!.begin('a@x.org', '10.0.0.1')
    await expect(one!.begin('a@x.org', '10.0.0.1')).rejects.toEqual(RATE_LIMITED)
    await other!.begin('a@x.org', '10.0.0.1')
    await other!.succeed('a@x.org', '10.0.0.1')
  })
})
