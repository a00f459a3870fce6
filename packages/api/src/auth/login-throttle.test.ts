import { describe, expect, it } from 'vitest'
import { LoginThrottle } from './login-throttle.js'

function throttleAt(
  clock: { now: number },
  options: { perAccount?: number; perAddress?: number; maxEntries?: number } = {},
) {
  return new LoginThrottle({ perAccount: 3, perAddress: 5, windowMs: 60_000, now: () => clock.now, ...options })
}

const RATE_LIMITED = expect.objectContaining({ code: 'RATE_LIMITED' })

describe('the login throttle', () => {
  it('stops an account after its failures, from whatever address, until the window ends', () => {
    const clock = { now: 0 }
    const throttle = throttleAt(clock)
    for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) throttle.begin('a@x.org', address)
    clock.now = 20_000
    expect(() => throttle.begin('a@x.org', '10.0.0.4')).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', details: { retryAfterSeconds: 40 } }),
    )
    throttle.begin('b@x.org', '10.0.0.4')
    clock.now = 60_000
    throttle.begin('a@x.org', '10.0.0.4')
  })

  it('stops an address that tries many accounts', () => {
    const throttle = throttleAt({ now: 0 })
    for (let i = 0; i < 5; i += 1) throttle.begin(`user${i}@x.org`, '10.0.0.1')
    expect(() => throttle.begin('user9@x.org', '10.0.0.1')).toThrow(RATE_LIMITED)
    throttle.begin('user9@x.org', '10.0.0.2')
  })

  it('forgets the failures of an account that signs in, and never counts a success against an address', () => {
    const throttle = throttleAt({ now: 0 })
    for (let i = 0; i < 20; i += 1) {
      throttle.begin('a@x.org', '10.0.0.1')
      throttle.succeed('a@x.org', '10.0.0.1')
    }
    throttle.begin('a@x.org', '10.0.0.1')
  })

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:ffff::1'],
    ['2001:db8::1', '2001:db8:0:0::2'],
    ['::1', '::2'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
  ])('takes %s and %s for one caller', (one, other) => {
    const throttle = throttleAt({ now: 0 }, { perAddress: 1 })
    throttle.begin('a@x.org', one)
    expect(() => throttle.begin('b@x.org', other)).toThrow(RATE_LIMITED)
  })

  it('remembers a bounded number of callers', () => {
    const throttle = throttleAt({ now: 0 }, { maxEntries: 10, perAddress: 1 })
    throttle.begin('a@x.org', '10.0.0.1')
    for (let i = 0; i < 50; i += 1) throttle.begin(`user${i}@x.org`, undefined)
    throttle.begin('a@x.org', '10.0.0.1')
  })
})
