import { randomBytes } from 'node:crypto'
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

  it('are refused as STORE_CORRUPT when somebody else made them', () => {
    for (const bytes of [Buffer.from('{}'), Buffer.from([1, 0x78, 0]), Buffer.from([1, 0x6a, 0x7b])]) {
      expect(() => decodeAuthValue(bytes)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }))
    }
  })
})
