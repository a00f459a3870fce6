import { generateKeyPair } from '../../crypto/curve.js'
import { openKeyBundle, unwrapKey, WRAPPED_KEY_BYTES, wrapKey } from '../../crypto/pairing-code.js'
import { parseJid, SERVER_JID } from '../../model/jid.js'
import type { AccountState } from '../../model/state.js'
import { SimulatorError } from '../../util/errors.js'
import type { Random } from '../../util/random.js'
import { type BinaryNode, childBytes, childOf, node } from '../../wire/node.js'
import type { Connection } from '../connection.js'
import type { ServerContext } from '../server-context.js'
import { answerOfClient } from './client-answer.js'
import type { CodeRequest, CompanionFinish, Registration } from './registration.js'

const TAG = 'link_code_companion_reg'
const REF_BYTES = 32

/** The children of the answer, or the code of the error. */
export type CodePairingAnswer = BinaryNode[] | number

/** `link_code_companion_reg` of a client that is not linked: it opens a linking by code, or ends it. */
export function onCodePairing(server: ServerContext, connection: Connection, iq: BinaryNode): CodePairingAnswer {
  const { registration } = connection
  const step = childOf(iq, TAG)
  if (registration && step?.attrs.stage === 'companion_hello') return onHello(server, connection, registration, step)
  if (registration && step?.attrs.stage === 'companion_finish') return onFinish(registration, step)
  return 400
}

function onHello(
  server: ServerContext,
  connection: Connection,
  registration: Registration,
  hello: BinaryNode,
): CodePairingAnswer {
  const number = parseJid(hello.attrs.jid)?.user ?? ''
  const wrappedEphemeral = childBytes(hello, 'link_code_pairing_wrapped_companion_ephemeral_pub')
  const noisePublic = childBytes(hello, 'companion_server_auth_key_pub')
  if (wrappedEphemeral?.length !== WRAPPED_KEY_BYTES || !noisePublic?.equals(registration.noisePublic)) {
    server.log.recordViolation({ code: 'BAD_STANZA', message: 'companion_hello without its keys', number })
    return 400
  }
  if (!server.world.account(number)) return 404
  const ref = server.randomBytes(REF_BYTES)
  endCodeRequest(server, connection, codeReplaced())
  registration.codeRequest = { number, ref, wrappedEphemeral }
  server.codeRequests.open(number, connection)
  return [node(TAG, { stage: 'companion_hello' }, [node('link_code_pairing_ref', {}, ref)])]
}

function onFinish(registration: Registration, finish: BinaryNode): CodePairingAnswer {
  const { codeRequest } = registration
  const wrappedBundle = childBytes(finish, 'link_code_pairing_wrapped_key_bundle')
  const identityPublic = childBytes(finish, 'companion_identity_public')
  const ref = childBytes(finish, 'link_code_pairing_ref')
  if (!codeRequest || !ref?.equals(codeRequest.ref) || !wrappedBundle || !identityPublic) return 400
  // After the answer: the client takes pair-success only when it has its own result.
  queueMicrotask(() => codeRequest.exchange?.resolve({ wrappedBundle, identityPublic }))
  return []
}

/** The client is gone, or shows another code now: whoever has entered the old one hears of it. */
export function endCodeRequest(server: ServerContext, connection: Connection, reason: SimulatorError): void {
  const request = connection.registration?.codeRequest
  if (!connection.registration || !request) return
  delete connection.registration.codeRequest
  server.codeRequests.close(request.number, connection)
  request.exchange?.reject(reason)
}

const codeReplaced = () =>
  new SimulatorError('PAIRING_CODE_WRONG', 'The client has asked for another code since', { field: 'code' })

export interface EnteredCode {
  server: ServerContext
  account: AccountState
  connection: Connection
  code: string
  random: Random
}

/**
 * The phone's half: gives the client its keys under the code and waits for theirs. Resolves with the adv secret. A wrong
 * code shows only here, and the client may be tried again with the right one. Rejects with `PAIRING_CODE_WRONG`, also
 * when the client has asked for another code meanwhile, or with `PAIRING_FAILED`.
 */
export async function exchangeKeys(entered: EnteredCode): Promise<Buffer> {
  const { server, account, connection, code, random } = entered
  const { registration } = connection
  const request = registration?.codeRequest
  if (!registration || !request) throw new SimulatorError('PAIRING_FAILED', 'The client has ended its linking')
  const ephemeral = generateKeyPair(random)
  const companionEphemeral = await unwrapKey(code, request.wrappedEphemeral)
  const wrappedEphemeral = await wrapKey(code, ephemeral.public, random)
  const finish = await askToFinish(server, connection, request, [
    node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrappedEphemeral),
    node('primary_identity_pub', {}, account.phone.identity.public),
    node('link_code_pairing_ref', {}, request.ref),
  ])
  const secret = finish.identityPublic.equals(registration.identityPublic)
    ? openKeyBundle(finish.wrappedBundle, {
        ephemeral,
        identity: account.phone.identity,
        companionEphemeral,
        companionIdentity: registration.identityPublic,
      })
    : undefined
  if (secret) return secret
  throw new SimulatorError('PAIRING_CODE_WRONG', 'The client shows another code', { field: 'code' })
}

/** Rejects when the client closes its connection, asks for another code, or does not answer. */
function askToFinish(server: ServerContext, connection: Connection, request: CodeRequest, keys: BinaryNode[]) {
  if (connection.closed) throw new SimulatorError('PAIRING_FAILED', 'The client has closed its connection')
  if (connection.registration?.codeRequest !== request) throw codeReplaced()
  if (request.exchange) throw new SimulatorError('PAIRING_FAILED', 'A code is being tried already')
  const attributes = { from: SERVER_JID, type: TAG, id: server.nextId(), t: server.seconds() }
  return answerOfClient<CompanionFinish>(server.clock, (exchange) => {
    request.exchange = exchange
    connection.send(node('notification', attributes, [node(TAG, { stage: 'primary_hello' }, keys)]))
  }).finally(() => {
    delete request.exchange
  })
}
