import { acceptSignedIdentity, issueDeviceIdentity, sealDeviceIdentity } from '../../crypto/device-identity.js'
import { bareJid, deviceJid, SERVER_JID } from '../../model/jid.js'
import type { AccountState, DeviceState } from '../../model/state.js'
import { companionsToTell, type Party } from '../../model/world.js'
import { SimulatorError } from '../../util/errors.js'
import { type BinaryNode, childBytes, childOf, node } from '../../wire/node.js'
import type { Connection } from '../connection.js'
import type { ServerContext } from '../server-context.js'
import { answerOfClient } from './client-answer.js'
import type { PendingPairing, Registration } from './registration.js'

/** A client shows one code after the other: the first for 60 s, the others for 20 s each. */
const REFS_PER_CONNECTION = 6

export function showQrCodes(server: ServerContext, connection: Connection, registration: Registration): void {
  registration.refs = Array.from(
    { length: REFS_PER_CONNECTION },
    () => `2@${server.randomBytes(48).toString('base64url')}`,
  )
  server.qrRefs.open(registration.refs, connection)
  const refs = registration.refs.map((ref) => node('ref', {}, Buffer.from(ref)))
  connection.send(
    node('iq', { from: SERVER_JID, type: 'set', xmlns: 'md', id: server.nextId(), t: server.seconds() }, [
      node('pair-device', {}, refs),
    ]),
  )
}

export interface ScannedQr {
  ref: string
  noisePublic: Buffer
  identityPublic: Buffer
  advSecret: Buffer
}

/** Pure. The two forms in use: with a URL in front and the platform at the end, or the four fields alone. */
export function parseQr(text: string): ScannedQr {
  const [ref, noise, identity, secret] = text.slice(text.indexOf('#') + 1).split(',')
  const [noisePublic, identityPublic, advSecret] = [noise, identity, secret].map((part) =>
    Buffer.from(part ?? '', 'base64'),
  )
  if (!ref || noisePublic?.length !== 32 || identityPublic?.length !== 32 || advSecret?.length !== 32) {
    throw new SimulatorError('QR_INVALID', 'This is not the QR of a WhatsApp client', { field: 'qr' })
  }
  return { ref, noisePublic, identityPublic, advSecret }
}

/** The connection that shows this QR, if it still does and the QR is its own. */
export function connectionShowing(server: ServerContext, scanned: ScannedQr): Connection {
  const connection = server.qrRefs.connectionOf(scanned.ref)
  const registration = connection?.registration
  if (!connection || !registration) {
    if (server.qrRefs.isExpired(scanned.ref)) {
      throw new SimulatorError('QR_EXPIRED', 'The client that showed this QR is gone', { field: 'qr' })
    }
    throw new SimulatorError('QR_UNKNOWN', 'No client of this simulator shows this QR', { field: 'qr' })
  }
  if (
    !registration.noisePublic.equals(scanned.noisePublic) ||
    !registration.identityPublic.equals(scanned.identityPublic)
  ) {
    throw new SimulatorError('QR_INVALID', 'The keys in the QR are not those of its connection', { field: 'qr' })
  }
  return connection
}

/** Sends pair-success and waits for the client's signature. Resolves with the JID of the new device. */
export function pair(
  server: ServerContext,
  connection: Connection,
  account: AccountState,
  advSecret: Uint8Array,
): Promise<string> {
  const { registration } = connection
  if (!registration) throw new SimulatorError('PAIRING_FAILED', 'The client is not waiting to be linked')
  if (connection.closed) throw new SimulatorError('PAIRING_FAILED', 'The client has closed its connection')
  if (registration.pending) throw new SimulatorError('PAIRING_FAILED', 'The client is being linked already')
  const deviceId = account.nextDeviceId
  account.nextDeviceId += 1
  const identity = issueDeviceIdentity({
    rawId: account.rawId,
    keyIndex: deviceId,
    timestampSeconds: Math.floor(server.clock.now() / 1000),
    account: account.phone.identity,
    companionIdentity: registration.identityPublic,
  })
  const iqId = server.nextId()
  const answer = answerOfClient<string>(server.clock, (answer) => {
    registration.pending = { account, deviceId, iqId, identity, ...answer }
    connection.send(
      node('iq', { from: SERVER_JID, type: 'set', xmlns: 'md', id: iqId, t: server.seconds() }, [
        node('pair-success', {}, [
          node('device-identity', {}, sealDeviceIdentity(identity, advSecret)),
          ...(account.business ? [node('biz', { name: account.name })] : []),
          node('platform', { name: 'android' }),
          node('device', { jid: deviceJid(account, deviceId), lid: deviceJid(account, deviceId, 'lid') }),
        ]),
      ]),
    )
  })
  return answer.finally(() => {
    if (registration.pending?.iqId === iqId) registration.pending = undefined
  })
}

/** The client's answer to pair-success. Anything but a right signature ends the linking. */
export function onPairingAnswer(server: ServerContext, connection: Connection, answer: BinaryNode): void {
  const { registration } = connection
  const pending = registration?.pending
  if (!registration || !pending) return
  registration.pending = undefined
  const refusal = refusalOf(server, answer)
  if (refusal) {
    refuse(connection, pending, refusal)
    return
  }
  const signed = childBytes(childOf(answer, 'pair-device-sign'), 'device-identity')
  const identity = signed && acceptSignedIdentity(pending.identity, signed, registration.identityPublic)
  if (!identity) {
    server.log.recordViolation({ code: 'BAD_DEVICE_SIGNATURE', message: 'pair-device-sign does not verify' })
    refuse(connection, pending, 'The client signed its device identity wrongly')
    return
  }
  link(server, registration, pending, identity)
  // The client has to come back with what it has learned.
  connection.close({ code: 515 })
  pending.resolve(deviceJid(pending.account, pending.deviceId))
}

function refusalOf(server: ServerContext, answer: BinaryNode): string | undefined {
  if (answer.attrs.type !== 'result') return 'The client answered pair-success by an error'
  const keyIndex = childOf(childOf(answer, 'pair-device-sign'), 'device-identity')?.attrs['key-index']
  if (keyIndex !== undefined) return undefined
  server.log.recordViolation({ code: 'KEY_INDEX_MISSING', message: 'pair-device-sign without key-index' })
  return 'The client left out the key-index'
}

function refuse(connection: Connection, pending: PendingPairing, message: string): void {
  pending.reject(new SimulatorError('PAIRING_FAILED', message))
  connection.close({ code: 400 })
}

function link(server: ServerContext, registration: Registration, pending: PendingPairing, identity: Buffer): void {
  const { account, deviceId } = pending
  const device: DeviceState = {
    id: deviceId,
    keyIndex: deviceId,
    noisePublic: registration.noisePublic,
    identityPublic: registration.identityPublic,
    registrationId: registration.registrationId,
    name: registration.name,
    signedPreKey: registration.signedPreKey,
    preKeys: new Map(),
    identity,
    linkedAt: new Date(server.clock.now()).toISOString(),
    bootstrapped: false,
    queue: new Map(),
    retrying: new Set(),
  }
  account.devices.set(deviceId, device)
  announceDevice(server, account, 'add', deviceId)
  server.changed()
}

/** The phone or the companion itself ends the link. The connection hears it as a logout. */
export function unlinkDevice(server: ServerContext, { account, deviceId }: Party): void {
  if (!account.devices.has(deviceId)) {
    throw new SimulatorError('DEVICE_NOT_FOUND', `${account.number} has no device ${deviceId}`, { field: 'device' })
  }
  const connection = server.connectionOf({ account, deviceId })
  account.devices.delete(deviceId)
  connection?.close({ reason: 'device_removed' })
  announceDevice(server, account, 'remove', deviceId)
  server.changed()
}

/** The device itself is not told: it is not linked yet, or not any more. */
function announceDevice(
  server: ServerContext,
  account: AccountState,
  change: 'add' | 'remove',
  deviceId: number,
): void {
  const device = account.devices.get(deviceId)
  const attributes = {
    jid: deviceJid(account, deviceId),
    lid: deviceJid(account, deviceId, 'lid'),
    'key-index': device ? String(device.keyIndex) : undefined,
  }
  const content = node(change, { device_hash: `2:${server.randomBytes(6).toString('base64')}` }, [
    node('device', attributes),
    node('key-index-list', { ts: server.seconds() }),
  ])
  for (const party of companionsToTell(server.world, account)) {
    if (party.account === account && party.deviceId === deviceId) continue
    server.notify(party, 'devices', bareJid(account), [content], { lid: bareJid(account, 'lid') })
  }
}
