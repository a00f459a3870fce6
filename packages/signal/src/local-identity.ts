import type { BaileysKeyPair, SignalAuthState } from './baileys-internals.js'
import type { KeyPair, LocalIdentity } from './session-cipher.js'

/** Baileys keeps public keys without their type byte, Signal wants it (`generateSignalPubKey`). */
export function withTypeByte(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length === 33) return publicKey
  const prefixed = new Uint8Array(publicKey.length + 1)
  prefixed[0] = 5
  prefixed.set(publicKey, 1)
  return prefixed
}

export function keyPairOf({ public: publicKey, private: privateKey }: BaileysKeyPair): KeyPair {
  return { pubKey: withTypeByte(publicKey), privKey: privateKey }
}

/** Read anew for each operation: the signed pre-key of the live credentials may have been rotated. */
export function localIdentityOf(creds: SignalAuthState['creds']): LocalIdentity {
  return {
    identity: keyPairOf(creds.signedIdentityKey),
    registrationId: creds.registrationId,
    signedPreKey: {
      keyId: creds.signedPreKey.keyId,
      signature: creds.signedPreKey.signature,
      ...keyPairOf(creds.signedPreKey.keyPair),
    },
  }
}
