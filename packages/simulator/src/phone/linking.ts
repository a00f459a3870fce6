import type { AccountState } from '../model/state.js'
import type { Connection } from '../server/connection.js'
import { exchangeKeys } from '../server/linking/code-pairing.js'
import { connectionShowing, pair, parseQr } from '../server/linking/pairing.js'
import { askForPasskey, continueAfterPasskey } from '../server/linking/passkey.js'
import type { ServerContext } from '../server/server-context.js'
import { SimulatorError } from '../util/errors.js'

const CODE_LENGTH = 8
/** How long a code may be known to its user before the server has heard of it. */
const CODE_GRACE_MS = 1_000

export interface NewDevice {
  deviceJid: string
}

/** The ways by which a phone links a client to its account. */
export class Linking {
  readonly #server: ServerContext
  readonly #account: AccountState
  /** The link that waits for the passkey. */
  #waiting: { connection: Connection; advSecret: Buffer } | undefined

  constructor(server: ServerContext, account: AccountState) {
    this.#server = server
    this.#account = account
  }

  async scanQr(qr: string): Promise<NewDevice> {
    const scanned = parseQr(qr)
    return this.#link(connectionShowing(this.#server, scanned), scanned.advSecret)
  }

  async enterPairingCode(text: string): Promise<NewDevice> {
    const server = this.#server
    const account = this.#account
    const code = text.replace(/[\s-]/g, '').toUpperCase()
    if (code.length !== CODE_LENGTH) {
      throw new SimulatorError('PAIRING_CODE_WRONG', 'A pairing code has 8 characters', { field: 'code' })
    }
    const connection = await server.codeRequests.waitFor(account.number, CODE_GRACE_MS)
    if (!connection) {
      const message = `No client waits for a pairing code of ${account.number}`
      throw new SimulatorError('PAIRING_CODE_UNKNOWN', message, { field: 'code' })
    }
    const random = server.stream(`code linking ${account.number} ${server.nextId()}`)
    return this.#link(connection, await exchangeKeys({ server, account, connection, code, random }))
  }

  async confirmPasskey(): Promise<NewDevice> {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (!waiting || waiting.connection.closed) {
      throw new SimulatorError('PAIRING_FAILED', 'No client waits for the passkey of this phone')
    }
    continueAfterPasskey(this.#server, waiting.connection)
    return this.#finish(waiting.connection, waiting.advSecret)
  }

  async #link(connection: Connection, advSecret: Buffer): Promise<NewDevice> {
    if (!this.#account.passkeyRequired) return this.#finish(connection, advSecret)
    this.#waiting = { connection, advSecret }
    askForPasskey(this.#server, connection)
    throw new SimulatorError('PASSKEY_REQUIRED', `${this.#account.number} confirms links by a passkey`)
  }

  async #finish(connection: Connection, advSecret: Buffer): Promise<NewDevice> {
    return { deviceJid: await pair(this.#server, connection, this.#account, advSecret) }
  }
}
