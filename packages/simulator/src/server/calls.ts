import { bareJid } from '../model/jid.js'
import type { AccountState } from '../model/state.js'
import type { Party } from '../model/world.js'
import { type BinaryNode, childrenOf, node } from '../wire/node.js'
import type { Connection } from './connection.js'
import type { ServerContext } from './server-context.js'

/** Rings at every device of whoever is called. */
export function offerCall(
  server: ServerContext,
  { caller, callee, id, video }: { caller: AccountState; callee: AccountState; id: string; video: boolean },
): void {
  const from = bareJid(caller)
  const offer = node('offer', { 'call-id': id, 'call-creator': from }, [node(video ? 'video' : 'audio')])
  for (const deviceId of callee.devices.keys()) {
    const attributes = { from, id: server.nextId(), t: server.seconds() }
    server.deliver({ account: callee, deviceId }, node('call', attributes, [offer]))
  }
}

/** The caller gives up: nobody has taken it. */
export function endCall(
  server: ServerContext,
  { caller, callee, id, reason }: { caller: AccountState; callee: AccountState; id: string; reason: string },
): void {
  const from = bareJid(caller)
  const terminate = node('terminate', { 'call-id': id, 'call-creator': from, reason })
  for (const deviceId of callee.devices.keys()) {
    const attributes = { from, id: server.nextId(), t: server.seconds() }
    server.deliver({ account: callee, deviceId }, node('call', attributes, [terminate]))
  }
}

/** What a client does about a call, such as rejecting it: confirmed, and told to the phone of the other side. */
export function onCall(server: ServerContext, connection: Connection, party: Party, call: BinaryNode): void {
  const { id, to } = call.attrs
  const [what] = childrenOf(call)
  connection.send(node('ack', { class: 'call', id, from: to, type: what?.tag }))
  const other = server.world.accountOf(to)
  if (!other) return
  const attributes = { from: bareJid(party.account), id: server.nextId(), t: server.seconds() }
  server.deliver({ account: other, deviceId: 0 }, node('call', attributes, childrenOf(call)))
}
