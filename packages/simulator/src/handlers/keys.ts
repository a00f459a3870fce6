import { createHash } from 'node:crypto'
import { typedKey, verify } from '../crypto/curve.js'
import type { DeviceState } from '../model/state.js'
import { type Bundle, preKeyIdNode, signedPreKeyNode, takeBundle } from '../server/pre-keys.js'
import type { ServerContext } from '../server/server-context.js'
import {
  type BinaryNode,
  bigEndian,
  childBytes,
  childOf,
  childrenNamed,
  childrenOf,
  node,
  toInteger,
} from '../wire/node.js'
import { type Query, QueryError, type QueryTable } from './query.js'

const KEY_TYPE = Buffer.from([5])

/** `encrypt`: the key bundles that others start a Signal session with. */
export const keyHandlers: QueryTable = {
  'encrypt/get/count': (query) => [node('count', { value: String(deviceOf(query).preKeys.size) })],
  'encrypt/get/digest': (query) => [digestOf(deviceOf(query))],
  'encrypt/get/key': ({ server, child }) => [
    node(
      'list',
      {},
      childrenNamed(child, 'user').map((user) => bundleOrError(server, user.attrs.jid ?? '')),
    ),
  ],
  'encrypt/set/registration': (query) => {
    upload(query)
    return undefined
  },
  'encrypt/set/rotate': (query) => {
    const device = deviceOf(query)
    device.signedPreKey = readSignedPreKey(query, device.identityPublic, childOf(query.child, 'skey'))
    return undefined
  },
}

function deviceOf({ server, party }: Query): DeviceState {
  const device = server.world.deviceOf(party)
  if (!device) throw new QueryError(404, 'not a companion')
  return device
}

function upload(query: Query): void {
  const device = deviceOf(query)
  const { iq } = query
  const identity = childBytes(iq, 'identity')
  if (!identity?.equals(device.identityPublic)) throw new QueryError(406, 'another identity key than that of the link')
  const signedPreKey = readSignedPreKey(query, identity, childOf(iq, 'skey'))
  const keys = childrenOf(childOf(iq, 'list')).map(readPreKey)
  device.registrationId = toInteger(childBytes(iq, 'registration') ?? Buffer.alloc(0))
  device.signedPreKey = signedPreKey
  for (const [id, key] of keys) device.preKeys.set(id, key)
}

function readPreKey(key: BinaryNode): [number, Buffer] {
  const id = childBytes(key, 'id')
  const value = childBytes(key, 'value')
  if (id?.length !== 3 || value?.length !== 32) throw new QueryError(406, 'a pre-key of wrong lengths')
  return [toInteger(id), value]
}

function readSignedPreKey(query: Query, identity: Buffer, skey: BinaryNode | undefined): DeviceState['signedPreKey'] {
  const id = childBytes(skey, 'id')
  const value = childBytes(skey, 'value')
  const signature = childBytes(skey, 'signature')
  if (id?.length !== 3 || value?.length !== 32 || !signature)
    throw new QueryError(406, 'a signed pre-key of wrong lengths')
  if (!verify(identity, typedKey(value), signature)) {
    const message = 'the signed pre-key is not signed by the identity key'
    query.server.log.recordViolation({ code: 'BAD_SIGNED_PRE_KEY', message, ...query.connection.subject })
    throw new QueryError(406, message)
  }
  return { id: toInteger(id), public: value, signature }
}

/** What the server holds for a device, so that the client can compare. */
function digestOf(device: DeviceState): BinaryNode {
  const ids = [...device.preKeys.keys()].map((id) => node('id', {}, bigEndian(id, 3)))
  const hash = createHash('sha1').update(device.identityPublic).update(device.signedPreKey.public)
  for (const key of device.preKeys.values()) hash.update(key)
  return node('digest', {}, [
    node('registration', {}, bigEndian(device.registrationId, 4)),
    node('type', {}, KEY_TYPE),
    node('identity', {}, device.identityPublic),
    signedPreKeyNode(device.signedPreKey),
    node('list', {}, ids),
    node('hash', {}, hash.digest()),
  ])
}

function bundleOrError(server: ServerContext, jid: string): BinaryNode {
  const party = server.world.partyOf(jid)
  if (party) return node('user', { jid, t: server.seconds() }, bundleContent(takeBundle(server, party)))
  return node('user', { jid }, [node('error', { code: '404', text: 'item-not-found' })])
}

function bundleContent(bundle: Bundle): BinaryNode[] {
  return [
    node('registration', {}, bigEndian(bundle.registrationId, 4)),
    node('type', {}, KEY_TYPE),
    node('identity', {}, bundle.identity),
    signedPreKeyNode(bundle.signedPreKey),
    ...(bundle.preKey
      ? [node('key', {}, [preKeyIdNode(bundle.preKey.id), node('value', {}, bundle.preKey.public)])]
      : []),
    ...(bundle.deviceIdentity ? [node('device-identity', {}, bundle.deviceIdentity)] : []),
  ]
}
