import { describe, expect, it } from 'vitest'
import { AddressGuard, isAllowable } from './address-guard.js'

const INSIDE = [
  ...[
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
  ],
  ...['100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
  ...[
    '[::1]',
    '::',
    '[::ffff:127.0.0.1]',
    '::ffff:10.0.0.1',
    '::ffff:a9fe:a9fe',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'ff02::1',
  ],
  ...['64:ff9b::7f00:1', '2002:7f00:1::'],
  ...['localhost', 'LOCALHOST', 'localhost.', 'a.localhost'],
]
const PUBLIC = [
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '100.63.0.1',
  '2606:4700::1111',
  'proxy.example',
  'localhost.example',
]

describe('a guard of addresses', () => {
  it.each(INSIDE)('does not admit %s', (host) => {
    expect(new AddressGuard().admitsHost(host)).toBe(false)
  })

  it.each(PUBLIC)('admits %s', (host) => {
    expect(new AddressGuard().admitsHost(host)).toBe(true)
  })

  it('admits what is allowed by address, range or name, and nothing beside it', () => {
    const guard = new AddressGuard([
      '10.0.0.7',
      '192.168.0.0/16',
      '[fd12::]/16',
      'fd13::1',
      'Proxy.Internal.',
      'localhost',
    ])
    for (const host of ['10.0.0.7', '192.168.3.4', '::ffff:10.0.0.7', 'fd13::1', 'localhost'])
      expect(guard.admitsHost(host), host).toBe(true)
    for (const host of ['10.0.0.8', '172.16.0.1', 'fd14::1', 'a.localhost'])
      expect(guard.admitsHost(host), host).toBe(false)
    expect(guard.trustsName('proxy.internal')).toBe(true)
    expect(guard.trustsName('other.internal')).toBe(false)
  })

  it('is told by addresses, ranges and names', () => {
    for (const entry of ['10.0.0.7', '10.0.0.0/8', 'fd12::/16', 'proxy', 'proxy.internal'])
      expect(isAllowable(entry), entry).toBe(true)
    for (const entry of ['', ' ', '10.0.0.0/33', '10.0.0/8', 'http://proxy', 'a b', 'proxy/8', '*', 7, undefined])
      expect(isAllowable(entry), String(entry)).toBe(false)
  })
})
