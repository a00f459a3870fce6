import { describe, expect, it } from 'vitest'
import {
  groupOfSenderKey,
  handedOutPreKeys,
  senderKeysOfLeftGroups,
  sessionOwner,
  sessionsOfGoneDevices,
} from './key-evidence.js'

describe('pre-keys that nobody can be given any more', () => {
  const creds = { firstUnuploadedPreKeyId: 8, nextPreKeyId: 10 }

  it.each([
    ['what the server still has stays', [3, 4], [5, 6], ['5', '6']],
    ['what was not uploaded yet stays', [], [8], []],
    ['the newest stays, or Baileys would upload again with each login', [], [9], []],
    ['what is no number is not ours to judge', [], ['x', '1.5', ''], []],
    ['the others go, in whatever order they were handed out', [1, 7], [2, 3, 4], ['2', '3', '4']],
  ])('%s', (_name, onServer, ids, gone) => {
    const stored = [...onServer, ...ids].map(String)
    expect(handedOutPreKeys(stored, { onServer: new Set(onServer), creds })).toEqual(gone)
  })

  it('keeps the newest one too when everything is uploaded', () => {
    const uploaded = { firstUnuploadedPreKeyId: 10, nextPreKeyId: 10 }
    expect(handedOutPreKeys(['8', '9'], { onServer: new Set(), creds: uploaded })).toEqual(['8'])
  })
})

describe('sessions of devices that are gone', () => {
  const ownUsers = new Set(['me', 'me-lid'])

  it.each([
    ['a device that is not on the list', 'ana_1.5', ['0', '2'], true],
    ['the same by phone number', 'ana.5', ['0', '2'], true],
    ['a device on the list', 'ana_1.2', ['0', '2'], false],
    ['the phone, even when it is not on the list', 'ana_1.0', ['2'], false],
    ['a device of a user without a list', 'ana_1.5', undefined, false],
    ['a device of a user with an empty list', 'ana_1.5', [], false],
    ['a device on a list that lacks the phone, so that it cannot be whole', 'ana_1.5', ['2'], false],
    ['a hosted device', 'ana_129.99', ['0'], false],
    ['an address that cannot be read', 'ana', ['0'], false],
  ] as const)('%s', (_name, address, devices, gone) => {
    const devicesOf = new Map(devices ? [['ana', devices]] : [])
    expect(sessionsOfGoneDevices([address], { devicesOf, ownUsers })).toEqual(gone ? [address] : [])
  })

  it('says nothing of our own devices: Baileys lists only one of them', () => {
    const devicesOf = new Map([['me-lid', ['0', '1']]])
    expect(sessionsOfGoneDevices(['me-lid_1.7'], { devicesOf, ownUsers })).toEqual([])
  })

  it.each([
    ['15550000001.0', { user: '15550000001', device: '0' }],
    ['200000000000001_1.12', { user: '200000000000001', device: '12' }],
    ['200000000000001_128.1', undefined],
    ['', undefined],
  ])('the owner of %j is %o', (address, owner) => {
    expect(sessionOwner(address)).toEqual(owner)
  })
})

describe('sender keys of groups that the account left', () => {
  it('are those of groups only, and of no group it is in', () => {
    const ids = ['1@g.us::a::0', '2@g.us::a::0', 'status@broadcast::a::0', '2@g.us::me::1']
    expect(senderKeysOfLeftGroups(ids, new Set(['1@g.us']))).toEqual(['2@g.us::a::0', '2@g.us::me::1'])
    expect(groupOfSenderKey('status@broadcast::a::0')).toBeUndefined()
  })
})
