import { randomBytes } from 'node:crypto'
import { Curve } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { agrees, installFastCurve } from './fast-curve.js'
import { verifyXeddsa } from './xeddsa.js'

const stock = { ...Curve }

describe('the curve functions of Baileys', () => {
  it('accept every signature before', () => {
    const { public: publicKey } = stock.generateKeyPair()
    expect(stock.verify(publicKey, Buffer.from('message'), randomBytes(64))).toBe(true)
  })

  it('are replaced once, by functions that stock Baileys understands and that check signatures', () => {
    expect(installFastCurve()).toBe('wasm')
    const installed = { ...Curve }
    expect(installFastCurve()).toBe('wasm')
    expect({ ...Curve }).toEqual(installed)
    const ours = Curve.generateKeyPair()
    const theirs = stock.generateKeyPair()
    expect(ours.public).toHaveLength(32)
    expect(Curve.sharedKey(ours.private, theirs.public)).toEqual(
      Buffer.from(stock.sharedKey(theirs.private, ours.public)),
    )
    const message = randomBytes(100)
    for (const sign of [stock.sign, Curve.sign]) {
      const signature = Buffer.from(sign(theirs.private, message))
      expect(Curve.verify(theirs.public, message, signature)).toBe(true)
      expect(Curve.verify(Buffer.concat([Buffer.from([5]), theirs.public]), message, signature)).toBe(true)
      expect(Curve.verify(ours.public, message, signature)).toBe(false)
      expect(Curve.verify(theirs.public, randomBytes(100), signature)).toBe(false)
      expect(Curve.verify(theirs.public, message, signature.subarray(1))).toBe(false)
      expect(Curve.verify(Buffer.alloc(3), message, signature)).toBe(false)
    }
  })

  it('are not trusted when they disagree with the ones that are there', () => {
    const alwaysTrue = { ...stock, verify: () => true }
    const otherSecret = { ...stock, verify: Curve.verify, sharedKey: () => Buffer.alloc(32) }
    const throwing = {
      ...stock,
      sign: () => {
        throw new Error('trap')
      },
    }
    for (const broken of [alwaysTrue, otherSecret, throwing]) expect(agrees(broken, stock)).toBe(false)
  })
})

describe('verifyXeddsa', () => {
  it('takes what libsignal signs, for many keys, and nothing else', () => {
    for (let round = 0; round < 30; round += 1) {
      const { public: publicKey, private: privateKey } = stock.generateKeyPair()
      const message = randomBytes(round)
      const signature = Buffer.from(stock.sign(privateKey, message))
      expect(verifyXeddsa(publicKey, message, signature)).toBe(true)
      const forged = Buffer.from(signature)
      forged.writeUInt8(forged.readUInt8(round) ^ 4, round)
      expect(verifyXeddsa(publicKey, message, forged)).toBe(false)
    }
    expect(verifyXeddsa(Buffer.alloc(32, 255), Buffer.alloc(0), randomBytes(64))).toBe(false)
    expect(verifyXeddsa(randomBytes(32), Buffer.alloc(0), randomBytes(63))).toBe(false)
  })
})
