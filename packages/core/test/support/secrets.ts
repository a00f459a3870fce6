import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import { decodeAuthValue } from '../../src/baileys/credentials/auth-codec.js'
import type { AuthStore } from '../../src/index.js'

/** Every private byte string of a session, as it could show up in a text: hex, base64, the print of a Buffer, and numbers. */
export async function secretsOf(auth: AuthStore, sessionId: string): Promise<string[]> {
  const stored = await auth.readCreds(sessionId)
  if (!stored) throw new Error('There are no credentials')
  const creds = decodeAuthValue(stored) as AuthenticationCreds
  const keys: Uint8Array[] = [
    creds.noiseKey.private,
    creds.signedIdentityKey.private,
    creds.signedPreKey.keyPair.private,
    creds.pairingEphemeralKeyPair.private,
    Buffer.from(creds.advSecretKey, 'base64'),
  ]
  const read = async (type: string) => {
    const values = await auth.readKeys(sessionId, type, await auth.listKeyIds(sessionId, type))
    return [...values.values()].map((bytes) => decodeAuthValue(bytes))
  }
  for (const preKey of await read('pre-key')) keys.push((preKey as { private: Uint8Array }).private)
  for (const type of ['session', 'sender-key']) {
    for (const record of await read(type)) keys.push(...secretFieldsOf(record as Uint8Array))
  }
  return keys.flatMap(formsOf)
}

export function formsOf(key: Uint8Array): string[] {
  const bytes = Buffer.from(key)
  const dump = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return [bytes.toString('hex'), bytes.toString('base64'), dump, [...bytes].join(','), [...bytes].join(', ')]
}

/** Private keys, chain keys and root keys of a Signal record: its fields of 32 bytes. Public keys have 33. */
function secretFieldsOf(record: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = []
  for (const field of byteFieldsOf(record) ?? []) {
    if (field.length === 32) found.push(field)
    else found.push(...secretFieldsOf(field))
  }
  return found
}

/** The length-delimited fields of a protobuf message; undefined when the bytes are none. */
function byteFieldsOf(bytes: Uint8Array): Uint8Array[] | undefined {
  const fields: Uint8Array[] = []
  let offset = 0
  const varint = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[offset++]
      if (byte === undefined) return Number.NaN
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
  while (offset < bytes.length) {
    const wireType = varint() % 8
    const value = varint()
    if (wireType === 0) continue
    if (wireType !== 2 || !(offset + value <= bytes.length)) return undefined
    fields.push(bytes.subarray(offset, offset + value))
    offset += value
  }
  return fields
}
