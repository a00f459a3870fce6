import { proto } from '@whiskeysockets/baileys'
import { typedKey, verify } from '../../crypto/curve.js'
import type { DeviceIdentity } from '../../crypto/device-identity.js'
import type { AccountState } from '../../model/state.js'
import { toInteger } from '../../wire/node.js'

/** What a client that is not linked yet says about itself, checked. */
export interface Registration {
  noisePublic: Buffer
  identityPublic: Buffer
  registrationId: number
  /** What the client wants to be called in the list of linked devices. */
  name: string
  signedPreKey: { id: number; public: Buffer; signature: Buffer }
  /** Opaque texts, one per QR code that the client shows. */
  refs: string[]
  /** When the client opened its side of a linking by code. */
  codeRequest?: CodeRequest
  pending?: PendingPairing
}

export interface CodeRequest {
  number: string
  ref: Buffer
  /** salt(32) ‖ iv(16) ‖ AES-256-CTR(ephemeral key). */
  wrappedEphemeral: Buffer
  /** A phone has entered a code and waits for the client's keys. */
  exchange?: KeyExchange
}

export interface KeyExchange {
  /** By `companion_finish`. */
  resolve(finish: CompanionFinish): void
  reject(error: Error): void
}

export interface CompanionFinish {
  wrappedBundle: Buffer
  identityPublic: Buffer
}

/** Between pair-success and the client's signature. */
export interface PendingPairing {
  account: AccountState
  deviceId: number
  iqId: string
  identity: DeviceIdentity
  resolve(deviceJid: string): void
  reject(error: Error): void
}

/** The registration in a client payload, or why it is refused. */
export function readRegistration(
  data: proto.ClientPayload.IDevicePairingRegistrationData,
  clientStatic: Buffer,
): Registration | { refused: string; signature: boolean } {
  const { eKeytype, eIdent, eSkeyVal, eSkeySig, eSkeyId, eRegid, deviceProps } = data
  if (eKeytype?.length !== 1 || eKeytype[0] !== 5) return { refused: 'key type is not 5', signature: false }
  if (eIdent?.length !== 32 || eSkeyVal?.length !== 32) return { refused: 'keys are not 32 bytes', signature: false }
  if (eSkeyId?.length !== 3 || eRegid?.length !== 4) return { refused: 'ids of wrong lengths', signature: false }
  if (!eSkeySig || !verify(eIdent, typedKey(eSkeyVal), eSkeySig)) {
    return { refused: 'the signed pre-key is not signed by the identity key', signature: true }
  }
  return {
    noisePublic: clientStatic,
    identityPublic: Buffer.from(eIdent),
    registrationId: toInteger(Buffer.from(eRegid)),
    name: deviceProps ? (proto.DeviceProps.decode(deviceProps).os ?? '') : '',
    signedPreKey: {
      id: toInteger(Buffer.from(eSkeyId)),
      public: Buffer.from(eSkeyVal),
      signature: Buffer.from(eSkeySig),
    },
    refs: [],
  }
}
