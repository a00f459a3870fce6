import { describe, expect, it } from 'vitest'
import { agreesWithCore, X25519 } from './x25519.js'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const typed = (publicKey: Uint8Array) => Uint8Array.of(5, ...publicKey)

describe('X25519', () => {
  const curve = new X25519()

  // RFC 7748, section 5.2. The public key of the second has its highest bit set.
  it.each([
    {
      privateKey: 'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
      publicKey: 'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      shared: 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    },
    {
      privateKey: '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
      publicKey: 'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      shared: '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
    },
  ])('agrees on what RFC 7748 says: $shared', ({ privateKey, publicKey, shared }) => {
    expect(Buffer.from(curve.agreement(typed(bytes(publicKey)), bytes(privateKey))).toString('hex')).toBe(shared)
  })

  it('agrees with itself a thousand times over, as RFC 7748 says', () => {
    let k = bytes(`09${'00'.repeat(31)}`)
    let u = k
    const after: Record<number, string> = {}
    for (let count = 1; count <= 1000; count += 1) {
      const shared = Uint8Array.from(curve.agreement(typed(u), k))
      u = k
      k = shared
      after[count] = Buffer.from(k).toString('hex')
    }
    expect(after[1]).toBe('422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079')
    expect(after[1000]).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51')
  })

  it('makes keys that agree, and that are told apart from each other', () => {
    const [ours, theirs, others] = [curve.generateKeyPair(), curve.generateKeyPair(), curve.generateKeyPair()]
    const shared = curve.agreement(theirs.pubKey, ours.privKey)
    expect(curve.agreement(ours.pubKey, theirs.privKey)).toEqual(shared)
    expect(new X25519().agreement(ours.pubKey, theirs.privKey)).toEqual(shared)
    expect(curve.agreement(others.pubKey, ours.privKey)).not.toEqual(shared)
    expect(ours).toMatchObject({ pubKey: { length: 33 }, privKey: { length: 32 } })
  })

  it('refuses a public key that agrees on the same with everybody', () => {
    const { privKey } = curve.generateKeyPair()
    expect(() => curve.agreement(typed(new Uint8Array(32)), privKey)).toThrow()
  })

  it('agrees with the core', () => {
    expect(agreesWithCore(curve)).toBe(true)
  })

  it.each<[string, Partial<Pick<X25519, 'generateKeyPair' | 'agreement'>>]>([
    ['makes no keys', { generateKeyPair: () => expect.fail('not in this build') }],
    ['agrees on something else', { agreement: () => new Uint8Array(32) }],
  ])('is not used where Node %s', (_what, broken) => {
    const { generateKeyPair, agreement } = curve
    const candidate = { generateKeyPair: generateKeyPair.bind(curve), agreement: agreement.bind(curve), ...broken }
    expect(agreesWithCore(candidate)).toBe(false)
  })
})
