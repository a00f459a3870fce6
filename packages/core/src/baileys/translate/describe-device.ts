import { createHash } from 'node:crypto'
import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import { decodeAuthValue } from '../credentials/auth-codec.js'

export interface DeviceDescription {
  /** Names the linked device and is no secret: a fingerprint of its public identity key, which no other link has. */
  id: string
  /** Only ever rises while the device is in use. */
  nextPreKeyId: number
}

/** What stored credentials say of the device they belong to; `undefined` for those that are not linked, or not readable. */
export function describeDevice(stored: Uint8Array): DeviceDescription | undefined {
  const creds = readable(stored)
  if (!creds?.account || !creds.me?.id || !creds.signedIdentityKey) return undefined
  const id = createHash('sha256').update(creds.signedIdentityKey.public).digest('hex').slice(0, 32)
  return { id, nextPreKeyId: creds.nextPreKeyId ?? 0 }
}

function readable(stored: Uint8Array): Partial<AuthenticationCreds> | undefined {
  try {
    return decodeAuthValue(stored) as Partial<AuthenticationCreds>
  } catch {
    return undefined
  }
}
