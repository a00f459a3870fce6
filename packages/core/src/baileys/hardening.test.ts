import { WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import { trunklineSignal } from '../compose/trunkline-signal.js'
import { harden, verifiesSignatures } from './hardening.js'

const { installCurve } = trunklineSignal
const root = (byte: number) => Buffer.alloc(32, byte)
const whatsapp = Buffer.from(WA_CERT_DETAILS.PUBLIC_KEY).toString('hex')
const inForce = () => Buffer.from(WA_CERT_DETAILS.PUBLIC_KEY).toString('hex')

it('trusts one root for all managers of the process, and WhatsApp again after the last of them', () => {
  const [one, other] = [
    harden({ certPublicKey: root(1), installCurve }),
    harden({ certPublicKey: root(1), installCurve }),
  ]
  expect(inForce()).toBe(root(1).toString('hex'))
  expect(() => harden({ installCurve })).toThrow(expect.objectContaining({ code: 'CERT_ROOT_CONFLICT' }))
  one()
  one()
  expect(() => harden({ certPublicKey: root(2), installCurve })).toThrow(
    expect.objectContaining({ code: 'CERT_ROOT_CONFLICT' }),
  )
  other()
  expect(inForce()).toBe(whatsapp)
  harden({ certPublicKey: root(2), installCurve })()
})

it('makes Baileys check signatures', () => {
  const release = harden({ installCurve })
  expect(verifiesSignatures()).toBe(true)
  release()
})
