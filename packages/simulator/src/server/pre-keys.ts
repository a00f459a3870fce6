import { generateKeyPair } from '../crypto/curve.js'
import { SERVER_JID } from '../model/jid.js'
import type { AccountState, DeviceState } from '../model/state.js'
import type { Party } from '../model/world.js'
import { type BinaryNode, bigEndian, node } from '../wire/node.js'
import type { ServerContext } from './server-context.js'

/** A device that has fewer is told to upload more. */
const LOW_PRE_KEYS = 5
const MAX_PHONE_PRE_KEYS = 1_000

/** What others start a Signal session with. */
export interface Bundle {
  registrationId: number
  identity: Buffer
  signedPreKey: { id: number; public: Buffer; signature: Buffer }
  /** Absent when a companion has none left. */
  preKey?: { id: number; public: Buffer }
  /** Companions only. */
  deviceIdentity?: Buffer
}

/** One-time keys are given out once. A phone makes them as they are asked for, a companion has uploaded its own. */
export function takeBundle(server: ServerContext, party: Party): Bundle {
  const device = server.world.deviceOf(party)
  server.changed()
  return device ? companionBundle(server, party, device) : phoneBundle(server, party.account)
}

function companionBundle(server: ServerContext, party: Party, device: DeviceState): Bundle {
  const { registrationId, identityPublic: identity, signedPreKey } = device
  const bundle = { registrationId, identity, signedPreKey, deviceIdentity: device.identity }
  const oldest = device.preKeys.entries().next()
  if (oldest.done) return bundle
  const [id, key] = oldest.value
  device.preKeys.delete(id)
  if (device.preKeys.size === LOW_PRE_KEYS - 1) warnOfFewPreKeys(server, party, device)
  return { ...bundle, preKey: { id, public: key } }
}

export function warnOfFewPreKeys(server: ServerContext, party: Party, device: DeviceState): void {
  const count = node('count', { value: String(device.preKeys.size) })
  server.notify(party, 'encrypt', SERVER_JID, [count])
}

function phoneBundle(server: ServerContext, account: AccountState): Bundle {
  const { phone } = account
  const id = phone.nextPreKeyId
  phone.nextPreKeyId += 1
  const pair = generateKeyPair(server.stream(`pre-key ${account.number} ${id}`))
  phone.preKeys.set(id, pair)
  const oldest = phone.preKeys.keys().next()
  if (phone.preKeys.size > MAX_PHONE_PRE_KEYS && !oldest.done) phone.preKeys.delete(oldest.value)
  return {
    registrationId: phone.registrationId,
    identity: phone.identity.public,
    signedPreKey: {
      id: phone.signedPreKey.id,
      public: phone.signedPreKey.pair.public,
      signature: phone.signedPreKey.signature,
    },
    preKey: { id, public: pair.public },
  }
}

export const signedPreKeyNode = (key: { id: number; public: Buffer; signature: Buffer }): BinaryNode =>
  node('skey', {}, [preKeyIdNode(key.id), node('value', {}, key.public), node('signature', {}, key.signature)])

export const preKeyIdNode = (id: number): BinaryNode => node('id', {}, bigEndian(id, 3))
