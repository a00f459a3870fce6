import { SERVER_JID } from '../model/jid.js'
import type { Party } from '../model/world.js'
import { onCall } from '../server/calls.js'
import type { Connection } from '../server/connection.js'
import { onCodePairing } from '../server/linking/code-pairing.js'
import { onPairingAnswer } from '../server/linking/pairing.js'
import { confirmByAck, confirmByReceipt } from '../server/messages/offline-queue.js'
import { routeReceipt } from '../server/messages/receipts.js'
import { routeMessage } from '../server/messages/routing.js'
import { isNewsletterJid, onNewsletterMessage } from '../server/newsletters.js'
import { onPresence, routeChatState } from '../server/presence.js'
import type { ServerContext } from '../server/server-context.js'
import { type BinaryNode, childrenOf, node } from '../wire/node.js'
import { accountHandlers } from './account.js'
import { appStateHandlers } from './app-state.js'
import { directoryHandlers } from './directory.js'
import { groupInvitationHandlers } from './group-invitations.js'
import { groupHandlers } from './groups.js'
import { keyHandlers } from './keys.js'
import { mediaHandlers } from './media.js'
import { mexHandlers } from './mex.js'
import { profileHandlers } from './profile.js'
import { QueryError, type QueryTable } from './query.js'

const QUERIES = together([
  keyHandlers,
  directoryHandlers,
  accountHandlers,
  appStateHandlers,
  groupHandlers,
  groupInvitationHandlers,
  profileHandlers,
  mediaHandlers,
  mexHandlers,
])

/** Of two that answer one query the second would hide the first. */
function together(tables: readonly QueryTable[]): QueryTable {
  const entries = tables.flatMap((table) => Object.entries(table))
  const queries = Object.fromEntries(entries)
  if (Object.keys(queries).length < entries.length) throw new Error('Two handlers answer one query')
  return queries
}

/** One stanza of a client. */
export function handleNode(server: ServerContext, connection: Connection, stanza: BinaryNode): void {
  if (connection.party) handleLinked(server, connection, connection.party, stanza)
  else handleUnlinked(server, connection, stanza)
}

/** A client that shows its QR has little to say. */
function handleUnlinked(server: ServerContext, connection: Connection, stanza: BinaryNode): void {
  const { type, xmlns, id } = stanza.attrs
  if (stanza.tag === 'iq' && (type === 'result' || type === 'error')) {
    if (id === connection.registration?.pending?.iqId) onPairingAnswer(server, connection, stanza)
    return
  }
  if (stanza.tag === 'iq' && xmlns === 'w:p') {
    connection.send(resultOf(stanza))
    return
  }
  if (queryKey(stanza) === 'md/set/link_code_companion_reg') {
    const answer = onCodePairing(server, connection, stanza)
    if (typeof answer === 'number') connection.send(errorOf(stanza, answer, 'bad-request'))
    else connection.send(resultOf(stanza, answer.length > 0 ? answer : undefined))
    return
  }
  if (stanza.tag === 'ib' || stanza.tag === 'ack' || stanza.tag === 'presence') return
  unhandled(server, connection, stanza)
}

function handleLinked(server: ServerContext, connection: Connection, party: Party, stanza: BinaryNode): void {
  switch (stanza.tag) {
    case 'iq':
      handleIq(server, connection, party, stanza)
      return
    case 'message':
      handleMessage(server, connection, party, stanza)
      return
    case 'receipt':
      handleReceipt(server, connection, party, stanza)
      return
    case 'ack': {
      const device = server.world.deviceOf(party)
      if (device) confirmByAck(server.world, device, stanza)
      return
    }
    case 'presence':
      onPresence(server, connection, party, stanza)
      return
    case 'call':
      onCall(server, connection, party, stanza)
      return
    case 'chatstate':
      routeChatState(server, party, stanza)
      return
    case 'ib':
      // Telemetry and the size of offline batches: everything is sent in one.
      return
    default:
      unhandled(server, connection, stanza)
      return
  }
}

function handleIq(server: ServerContext, connection: Connection, party: Party, iq: BinaryNode): void {
  const { type } = iq.attrs
  if (type === 'result' || type === 'error') return
  const handler = QUERIES[queryKey(iq)]
  if (!handler) {
    unhandled(server, connection, iq)
    return
  }
  try {
    connection.send(resultOf(iq, handler({ server, connection, party, iq, child: childrenOf(iq)[0] })))
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    connection.send(errorOf(iq, error.code, error.message))
  }
}

function handleMessage(server: ServerContext, connection: Connection, party: Party, message: BinaryNode): void {
  if (isNewsletterJid(message.attrs.to)) {
    connection.send(ackOf(server, message, onNewsletterMessage(server, party, message)))
    return
  }
  const refused = routeMessage(server, party, message)
  if (refused) {
    const { violation, message: text } = refused
    server.log.recordViolation({ code: violation, message: text, ...connection.subject })
  }
  connection.send(ackOf(server, message, refused?.code))
}

function handleReceipt(server: ServerContext, connection: Connection, party: Party, receipt: BinaryNode): void {
  const device = server.world.deviceOf(party)
  if (device) confirmByReceipt(server.world, device, receipt)
  const { id, to, type, participant } = receipt.attrs
  connection.send(node('ack', { class: 'receipt', id, from: to, type, participant }))
  routeReceipt(server, party, receipt)
}

/** The answer that a fault gives in place of the right one. */
export function refuseNode(
  server: ServerContext,
  connection: Connection,
  stanza: BinaryNode,
  code: number,
  text: string,
): void {
  if (stanza.tag === 'iq') connection.send(errorOf(stanza, code, text))
  else if (stanza.tag === 'message') connection.send(ackOf(server, stanza, code))
}

function ackOf(server: ServerContext, message: BinaryNode, error?: number): BinaryNode {
  const { id, to, participant } = message.attrs
  return node('ack', {
    class: 'message',
    id,
    from: to,
    participant,
    t: server.seconds(),
    error: error === undefined ? undefined : String(error),
  })
}

const queryKey = (iq: BinaryNode): string =>
  `${iq.attrs.xmlns ?? ''}/${iq.attrs.type ?? ''}/${childrenOf(iq)[0]?.tag ?? ''}`

const resultOf = (iq: BinaryNode, content?: BinaryNode[]): BinaryNode =>
  node('iq', { type: 'result', id: iq.attrs.id, from: iq.attrs.to ?? SERVER_JID }, content)

const errorOf = (iq: BinaryNode, code: number, text: string): BinaryNode =>
  node('iq', { type: 'error', id: iq.attrs.id, from: iq.attrs.to ?? SERVER_JID }, [
    node('error', { code: String(code), text }),
  ])

/** Answered, so that nobody waits, and recorded, so that a test can see it. */
function unhandled(server: ServerContext, connection: Connection, stanza: BinaryNode): void {
  const key = stanza.tag === 'iq' ? queryKey(stanza) : stanza.tag
  server.log.recordUnhandled({ key, ...connection.subject, node: stanza })
  if (stanza.tag === 'iq') connection.send(errorOf(stanza, 501, 'feature-not-implemented'))
}
