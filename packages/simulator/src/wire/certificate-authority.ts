import { proto } from '@whiskeysockets/baileys'
import { generateKeyPair, type KeyPair, sign } from '../crypto/curve.js'
import type { Random } from '../util/random.js'

/** The keys behind the simulator's certificate chain. They are part of a snapshot, so that clients keep trusting it. */
export interface AuthorityKeys {
  root: KeyPair
  intermediate: KeyPair
  /** The Noise static key that the leaf certificate names. */
  leaf: KeyPair
}

export const createAuthorityKeys = (random: Random): AuthorityKeys => ({
  root: generateKeyPair(random),
  intermediate: generateKeyPair(random),
  leaf: generateKeyPair(random),
})

/** `WA_CERT_DETAILS.SERIAL`: what clients compare the intermediate's issuer with. */
const ROOT_SERIAL = 0
const INTERMEDIATE_SERIAL = 1
const LEAF_SERIAL = 2
const YEAR_SECONDS = 31_536_000

/**
 * The encoded `CertChain`. Baileys looks at the signatures and the intermediate's issuer only; other clients also want
 * the leaf's issuer to be the intermediate and the leaf's key to be the Noise static key.
 */
export function issueCertificates(keys: AuthorityKeys, nowSeconds: number): Buffer {
  const validity = { notBefore: nowSeconds - YEAR_SECONDS, notAfter: nowSeconds + YEAR_SECONDS }
  const intermediate = certificate(keys.root, {
    serial: INTERMEDIATE_SERIAL,
    issuerSerial: ROOT_SERIAL,
    key: keys.intermediate.public,
    ...validity,
  })
  const leaf = certificate(keys.intermediate, {
    serial: LEAF_SERIAL,
    issuerSerial: INTERMEDIATE_SERIAL,
    key: keys.leaf.public,
    ...validity,
  })
  return Buffer.from(proto.CertChain.encode({ intermediate, leaf }).finish())
}

function certificate(issuer: KeyPair, content: proto.CertChain.NoiseCertificate.IDetails) {
  const details = proto.CertChain.NoiseCertificate.Details.encode(content).finish()
  return { details, signature: sign(issuer.private, details) }
}
