import { randomBytes } from 'node:crypto'
import { Curve } from '@whiskeysockets/baileys'
import { expect, it, vi } from 'vitest'
import { installFastCurve } from './fast-curve.js'

/** A WASM core that signs wrongly, as a broken build of it would. */
vi.mock('./baileys-internals.js', async (original) => {
  const internals = await original<typeof import('./baileys-internals.js')>()
  return { ...internals, bridge: { ...internals.bridge, calculateSignature: () => new Uint8Array(64) } }
})

const stock = { ...Curve }

it('keeps the functions of Baileys but for a check that checks, and warns once, where the WASM core fails its self-test', () => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  expect(installFastCurve()).toBe('javascript')
  expect(installFastCurve()).toBe('javascript')
  expect(emitWarning.mock.calls).toEqual([['The WASM curve failed its self-test: linking and groups will be slow']])
  expect(Curve).toEqual({ ...stock, verify: expect.any(Function) })
  expect(Curve.verify).not.toBe(stock.verify)

  const { public: publicKey, private: privateKey } = Curve.generateKeyPair()
  const message = randomBytes(50)
  const signature = Buffer.from(Curve.sign(privateKey, message))
  for (const key of [publicKey, Buffer.concat([Buffer.from([5]), publicKey])]) {
    expect(Curve.verify(key, message, signature)).toBe(true)
    expect(Curve.verify(key, randomBytes(50), signature)).toBe(false)
    expect(Curve.verify(key, message, randomBytes(64))).toBe(false)
  }
})
