import { SERVER_JID } from '../../model/jid.js'
import { node } from '../../wire/node.js'
import type { Connection } from '../connection.js'
import type { ServerContext } from '../server-context.js'

/** WhatsApp wants the user of the phone to confirm the link by a passkey: the options are those of WebAuthn. */
export function askForPasskey(server: ServerContext, connection: Connection): void {
  const options = {
    challenge: server.randomBytes(32).toString('base64url'),
    rpId: 'whatsapp.com',
    timeout: 60_000,
    userVerification: 'required',
    allowCredentials: [],
  }
  const content = [node('passkey_request_options', {}, Buffer.from(JSON.stringify(options)))]
  connection.send(node('notification', attributes(server, 'passkey_prologue_request'), content))
}

/** The user has confirmed. The key exchange that follows it is not played: pair-success comes next. */
export function continueAfterPasskey(server: ServerContext, connection: Connection): void {
  const content = [node('primary_ephemeral_identity', {}, server.randomBytes(64))]
  connection.send(node('notification', attributes(server, 'crsc_continuation'), content))
}

const attributes = (server: ServerContext, type: string) => ({
  from: SERVER_JID,
  type,
  id: server.nextId(),
  t: server.seconds(),
})
