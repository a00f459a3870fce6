import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { Curve, proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { decodeAuthValue, encodeAuthValue } from './auth-codec.js'

const roundTrip = (value: unknown, type?: string) => decodeAuthValue(encodeAuthValue(value), type)

describe('the bytes of the auth store', () => {
  it('give back byte arrays, strings, lists and objects with Buffers in them', () => {
    const values = [
      randomBytes(33),
      Buffer.alloc(0),
      '15550000001',
      ['a', 'b'],
      { deep: { key: randomBytes(3) }, n: 1 },
    ]
    for (const value of values) expect(roundTrip(value)).toEqual(value)
  })

  it('give back a key pair, in half the room of its JSON', () => {
    const pair = Curve.generateKeyPair()
    expect(roundTrip(pair, 'pre-key')).toEqual({ private: Buffer.from(pair.private), public: Buffer.from(pair.public) })
    expect(encodeAuthValue(pair)).toHaveLength(2 + 32 + 32)
  })

  it('take nothing else for a key pair', () => {
    const [short, key] = [randomBytes(31), randomBytes(32)]
    const values = [
      { private: short, public: key },
      { private: key, public: 'text' },
      { private: key, public: key, keyId: 1 },
      { private: key },
    ]
    for (const value of values) expect(roundTrip(value)).toEqual(value)
  })

  it('revive the app-state keys as their protobuf class', () => {
    const key = proto.Message.AppStateSyncKeyData.fromObject({ keyData: randomBytes(32) })
    expect(roundTrip(key, 'app-state-sync-key')).toBeInstanceOf(proto.Message.AppStateSyncKeyData)
  })

  it.each([
    ['nothing', []],
    ['a version alone', [1]],
    ['another version', [2, 0x62, 0]],
    ['text', [...Buffer.from('{}')]],
    ['an unknown form', [1, 0x78, 0]],
    ['JSON that ends too early', [1, 0x6a, 0x7b]],
    ['JSON of no length', [1, 0x6a]],
    ['half a key pair', [1, 0x6b, ...randomBytes(40)]],
    ['a key pair and more', [1, 0x6b, ...randomBytes(70)]],
    ['a key pair of no length', [1, 0x6b]],
  ])('are refused as STORE_CORRUPT when they are %s', (_name, bytes) => {
    expect(() => decodeAuthValue(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }))
  })

  it('are refused as STORE_CORRUPT when an app-state key is no object', () => {
    expect(() => decodeAuthValue(encodeAuthValue(null), 'app-state-sync-key')).toThrow(
      expect.objectContaining({ code: 'STORE_CORRUPT' }),
    )
  })

  it('do not quote what they cannot read: it is a secret', () => {
    const secret = Uint8Array.from([1, 0x6a, ...Buffer.from('{"private": SECRETKEYMATERIAL}')])
    let error: unknown
    try {
      decodeAuthValue(secret)
    } catch (thrown) {
      error = thrown
    }
    expect(inspect(error)).toContain('An auth record cannot be parsed')
    expect(inspect(error)).not.toContain('SECRET')
  })

  it('share no memory with the value they were made from, nor with the one they become', () => {
    const value = Buffer.from([1, 2, 3])
    const bytes = encodeAuthValue(value)
    value.fill(0)
    const decoded = decodeAuthValue(bytes) as Buffer
    expect([...decoded]).toEqual([1, 2, 3])
    decoded.fill(9)
    expect([...(decodeAuthValue(bytes) as Buffer)]).toEqual([1, 2, 3])
  })

  it('can be a part of a larger buffer', () => {
    const bytes = encodeAuthValue(['a'])
    const larger = Buffer.concat([randomBytes(5), bytes, randomBytes(5)])
    expect(decodeAuthValue(larger.subarray(5, 5 + bytes.length))).toEqual(['a'])
  })
})
