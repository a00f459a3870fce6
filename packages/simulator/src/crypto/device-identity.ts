import { proto } from '@whiskeysockets/baileys'
import { type KeyPair, sign, verify } from './curve.js'
import { hmacSha256 } from './symmetric.js'

/** What is signed is prefixed by its purpose: the phone's signature over a companion, and the companion's over itself. */
const ACCOUNT_PREFIX = Buffer.from([6, 0])
const DEVICE_PREFIX = Buffer.from([6, 1])

export interface DeviceIdentityOptions {
  rawId: number
  keyIndex: number
  timestampSeconds: number
  /** The phone's identity key. */
  account: KeyPair
  /** The companion's. */
  companionIdentity: Uint8Array
}

/** The phone's certificate for a companion, before the companion has signed it too. */
export interface DeviceIdentity {
  details: Buffer
  accountSignatureKey: Buffer
  accountSignature: Buffer
}

export function issueDeviceIdentity(options: DeviceIdentityOptions): DeviceIdentity {
  const details = Buffer.from(
    proto.ADVDeviceIdentity.encode({
      rawId: options.rawId,
      timestamp: options.timestampSeconds,
      keyIndex: options.keyIndex,
      accountType: proto.ADVEncryptionType.E2EE,
      deviceType: proto.ADVEncryptionType.E2EE,
    }).finish(),
  )
  const signed = Buffer.concat([ACCOUNT_PREFIX, details, options.companionIdentity])
  return {
    details,
    accountSignatureKey: options.account.public,
    accountSignature: sign(options.account.private, signed),
  }
}

/** What pair-success carries: only a client that knows `advSecret` (shown in its QR) accepts it. */
export function sealDeviceIdentity(identity: DeviceIdentity, advSecret: Uint8Array): Buffer {
  const details = proto.ADVSignedDeviceIdentity.encode(identity).finish()
  const container = { details, hmac: hmacSha256(advSecret, details), accountType: proto.ADVEncryptionType.E2EE }
  return Buffer.from(proto.ADVSignedDeviceIdentityHMAC.encode(container).finish())
}

/**
 * The companion's answer, which comes without the signature key. Returns the complete encoded identity, or `undefined`
 * when it is not the one that was issued or its signature is wrong.
 */
export function acceptSignedIdentity(
  issued: DeviceIdentity,
  answer: Uint8Array,
  companionIdentity: Uint8Array,
): Buffer | undefined {
  const { details, accountSignature, deviceSignature } = proto.ADVSignedDeviceIdentity.decode(answer)
  if (!details || !issued.details.equals(details)) return undefined
  if (!accountSignature || !issued.accountSignature.equals(accountSignature)) return undefined
  const signed = Buffer.concat([DEVICE_PREFIX, issued.details, companionIdentity, issued.accountSignatureKey])
  if (!deviceSignature || !verify(companionIdentity, signed, deviceSignature)) return undefined
  return Buffer.from(proto.ADVSignedDeviceIdentity.encode({ ...issued, deviceSignature }).finish())
}
