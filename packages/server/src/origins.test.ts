import { TrunklineError } from '@trunkline/core'
import { describe, expect, it } from 'vitest'
import { readEnvironment } from './environment.js'

const read = (CORS_ORIGIN: string) =>
  readEnvironment({ JWT_SECRET: 'a-secret-of-at-least-thirty-two-bytes!', CORS_ORIGIN }).CORS_ORIGIN

function refusal(value: string): string {
  try {
    read(value)
  } catch (error) {
    if (TrunklineError.is(error, 'CONFIG_INVALID')) return error.message
  }
  return 'it was taken'
}

describe('CORS_ORIGIN', () => {
  it.each([
    ['http://localhost:3000', ['http://localhost:3000']],
    ['http://localhost:3000/', ['http://localhost:3000']],
    ['HTTP://Localhost:3000', ['http://localhost:3000']],
    ['https://shop.example:443', ['https://shop.example']],
    ['http://shop.example:80/', ['http://shop.example']],
    ['https://münchen.example', ['https://xn--mnchen-3ya.example']],
    ['http://[::1]:3000', ['http://[::1]:3000']],
    ['https://a.example, http://localhost:3000', ['https://a.example', 'http://localhost:3000']],
    ['https://a.example,https://A.example/,', ['https://a.example']],
    ['capacitor://localhost', ['capacitor://localhost']],
    ['*', '*'],
    [' * ', '*'],
  ])('%j is what browsers send as %j', (value, origins) => {
    expect(read(value)).toEqual(origins)
  })

  it.each([
    ['"http://localhost:3000"', 'quotes'],
    ["'http://localhost:3000'", 'quotes'],
    ['localhost:3000', 'must be origins'],
    ['shop.example', 'must be origins'],
    ['//shop.example', 'must be origins'],
    ['https://a.example/app', 'a path'],
    ['https://a.example/?', 'a path'],
    ['https://a.example#top', 'a path'],
    ['https://ada@a.example', 'a user name'],
    ['http://a.example,*', '* beside origins'],
    ['https://*.example.com', '* inside'],
    ['http://a.example;http://b.example', 'something else than a comma'],
    ['http://a.example http://b.example', 'something else than a comma'],
    ['http://a.example|b.example', 'must be origins'],
    ['http://a.example!b.example', 'a host that no browser has'],
    ['http://', 'must be origins'],
    ['http://a.example:99999', 'must be origins'],
    ['ws://a.example', 'http:// or https://'],
    ['ftp://a.example', 'http:// or https://'],
    ['null', 'must be origins'],
    ['file:///srv/app', 'no origin of a browser'],
    [',', 'names no origin'],
  ])('%j, which no browser sends, is refused because of %s', (value, reason) => {
    const message = refusal(value)
    expect(message).toMatch(/^CORS_ORIGIN /)
    expect(message).toContain(reason)
  })

  it('says which of several is wrong, and nothing else', () => {
    expect(refusal('https://a.example, localhost:3000, https://b.example/x')).toBe(
      'CORS_ORIGIN must be origins such as https://app.example.com (entry 2 of 3)\n' +
        'CORS_ORIGIN has a path or more behind the host: an origin ends there (entry 3 of 3)',
    )
  })
})
