import { proto } from '@whiskeysockets/baileys'
import type { WebSocket } from 'ws'
import { generateKeyPair } from '../crypto/curve.js'
import { deviceJid } from '../model/jid.js'
import type { MediaShelf } from '../model/media-shelf.js'
import type { AccountState } from '../model/state.js'
import { addressOf, type Party, type World } from '../model/world.js'
import type { FaultRules } from '../rules/fault-rules.js'
import type { LoginFaults } from '../rules/login-faults.js'
import type { VersionGate, WebVersion } from '../rules/version-gate.js'
import { type SimulatorClock, unixSeconds } from '../util/clock.js'
import { SimulatorError } from '../util/errors.js'
import type { Random, RandomSource } from '../util/random.js'
import { issueCertificates } from '../wire/certificate-authority.js'
import { type BinaryNode, node } from '../wire/node.js'
import { NoiseServer } from '../wire/noise-server.js'
import { Connection, type ConnectionOwner } from './connection.js'
import { endCodeRequest } from './linking/code-pairing.js'
import { CodeRequests } from './linking/code-requests.js'
import { showQrCodes } from './linking/pairing.js'
import { QrRefs } from './linking/qr-refs.js'
import { readRegistration } from './linking/registration.js'
import { queueKeyOf, queueOf } from './messages/offline-queue.js'
import type { PhoneEndpoint } from './phone-endpoint.js'
import { PresenceBook } from './presence-book.js'
import type { ServerContext } from './server-context.js'
import type { StanzaLog } from './stanza-log.js'

export interface ServerOptions {
  world: World
  clock: SimulatorClock
  random: RandomSource
  log: StanzaLog
  rules: FaultRules
  loginFaults: LoginFaults
  versions: VersionGate
  media: MediaShelf
  stanzas: StanzaHandlers
}

/** What is done with a client's stanzas. The handlers stand over the server, which gets them from whoever makes it. */
export interface StanzaHandlers {
  handle(server: ServerContext, connection: Connection, stanza: BinaryNode): void
  /** The answer that a fault gives in place of the right one. */
  refuse(server: ServerContext, connection: Connection, stanza: BinaryNode, code: number, text: string): void
}

/** The server side of WhatsApp: who is connected, who gets what. */
export class Server implements ConnectionOwner, ServerContext {
  readonly world: World
  readonly clock: SimulatorClock
  readonly random: RandomSource
  readonly log: StanzaLog
  readonly rules: FaultRules
  readonly loginFaults: LoginFaults
  readonly versions: VersionGate
  readonly media: MediaShelf
  readonly connections = new Set<Connection>()
  readonly phones = new Map<string, PhoneEndpoint>()
  readonly qrRefs = new QrRefs()
  readonly codeRequests: CodeRequests
  readonly presence = new PresenceBook()
  /** How many more connections get a chain that does not verify. */
  badCertificates = 0
  readonly #stanzas: StanzaHandlers
  readonly #byAddress = new Map<string, Connection>()
  readonly #wire: Random
  readonly #changeListeners = new Set<() => void>()
  #lastId = 0

  constructor(options: ServerOptions) {
    this.world = options.world
    this.clock = options.clock
    this.random = options.random
    this.log = options.log
    this.rules = options.rules
    this.loginFaults = options.loginFaults
    this.versions = options.versions
    this.media = options.media
    this.#stanzas = options.stanzas
    this.codeRequests = new CodeRequests(options.clock)
    this.#wire = this.stream('wire')
  }

  stream(label: string): Random {
    return this.random.stream(`${label}\n${this.world.state.generation}`)
  }

  nextId(): string {
    this.#lastId += 1
    return `s${this.world.state.generation}-${this.#lastId}`
  }

  seconds(): string {
    return unixSeconds(this.clock)
  }

  randomBytes(length: number): Buffer {
    return this.#wire.bytes(length)
  }

  changed(): void {
    for (const listener of this.#changeListeners) listener()
  }

  onChange(listener: () => void): () => void {
    this.#changeListeners.add(listener)
    return () => this.#changeListeners.delete(listener)
  }

  accept(socket: WebSocket): void {
    const keys = this.world.state.authority
    const signers = this.#takeBadCertificate() ? { ...keys, root: generateKeyPair(this.#wire) } : keys
    const noise = new NoiseServer({
      staticKey: keys.leaf,
      ephemeralKey: generateKeyPair(this.#wire),
      certificates: issueCertificates(signers, Math.floor(this.clock.now() / 1000)),
    })
    this.connections.add(new Connection(this.nextId(), socket, noise, this))
  }

  connectionOf(party: Party): Connection | undefined {
    return this.#byAddress.get(addressOf(party))
  }

  connectionsOf(account: AccountState): Connection[] {
    return [...account.devices.keys()].flatMap((deviceId) => this.connectionOf({ account, deviceId }) ?? [])
  }

  deliver(party: Party, stanza: BinaryNode): void {
    const { account, deviceId } = party
    if (deviceId === 0) {
      this.phones.get(account.number)?.receive(stanza)
      return
    }
    const device = this.world.deviceOf(party)
    if (!device) return
    const key = queueKeyOf(this.world, stanza)
    if (key !== undefined) {
      device.queue.set(key, stanza)
      device.retrying.delete(key)
      this.changed()
    }
    const connection = this.connectionOf(party)
    if (connection?.live) connection.send(stanza)
  }

  notify(
    party: Party,
    type: string,
    from: string,
    content: BinaryNode[],
    attributes: Record<string, string> = {},
  ): void {
    this.deliver(
      party,
      node('notification', { from, type, id: this.nextId(), t: this.seconds(), ...attributes }, content),
    )
  }

  onEstablished(connection: Connection, clientStatic: Buffer, payload: Buffer): void {
    const login = proto.ClientPayload.decode(payload)
    connection.version = versionOf(login)
    if (!this.versions.admits(connection.version)) connection.fail({ reason: '405' })
    else if (login.devicePairingData) this.#register(connection, clientStatic, login.devicePairingData)
    else this.#login(connection, clientStatic, login)
  }

  onNode(connection: Connection, stanza: BinaryNode): void {
    this.#stanzas.handle(this, connection, stanza)
    this.changed()
  }

  onRefused(connection: Connection, stanza: BinaryNode, code: number, text: string): void {
    this.#stanzas.refuse(this, connection, stanza, code, text)
  }

  onClosed(connection: Connection): void {
    this.connections.delete(connection)
    this.qrRefs.expire(connection.registration?.refs ?? [])
    const gone = new SimulatorError('PAIRING_FAILED', 'The client has closed its connection')
    endCodeRequest(this, connection, gone)
    connection.registration?.pending?.reject(
      new SimulatorError('PAIRING_FAILED', 'The client closed its connection before it was linked'),
    )
    const { party } = connection
    if (party && this.connectionOf(party) === connection) this.#byAddress.delete(addressOf(party))
  }

  goLive(connection: Connection): void {
    const { party } = connection
    const device = party && this.world.deviceOf(party)
    if (!party || !device || connection.live) return
    connection.live = true
    const queue = queueOf(device)
    if (queue.length > 0) connection.send(node('ib', {}, [node('offline_preview', countsOf(queue))]))
    for (const stanza of queue) connection.send(node(stanza.tag, { ...stanza.attrs, offline: '1' }, stanza.content))
    connection.send(node('ib', {}, [node('offline', { count: String(queue.length) })]))
    if (!device.bootstrapped) this.phones.get(party.account.number)?.bootstrap(party.deviceId)
  }

  #takeBadCertificate(): boolean {
    if (this.badCertificates <= 0) return false
    this.badCertificates -= 1
    return true
  }

  #register(
    connection: Connection,
    clientStatic: Buffer,
    data: proto.ClientPayload.IDevicePairingRegistrationData,
  ): void {
    const registration = readRegistration(data, clientStatic)
    if ('refused' in registration) {
      const code = registration.signature ? 'BAD_SIGNED_PRE_KEY' : 'BAD_PAYLOAD'
      this.log.recordViolation({ code, message: registration.refused })
      connection.fail({ reason: '400' })
      return
    }
    connection.registration = registration
    showQrCodes(this, connection, registration)
  }

  #login(connection: Connection, clientStatic: Buffer, login: proto.ClientPayload): void {
    const account = this.world.account(String(login.username ?? ''))
    const device = account?.devices.get(login.device ?? 0)
    if (!account || !device) {
      connection.fail({ reason: '401' })
      return
    }
    const party: Party = { account, deviceId: device.id }
    if (!device.noisePublic.equals(clientStatic)) {
      const message = 'The Noise key is not the one that this device was linked with'
      this.log.recordViolation({ code: 'NOISE_KEY_MISMATCH', message, number: account.number, device: device.id })
      connection.fail({ reason: '401' })
      return
    }
    const failure = this.loginFaults.take(account.number)
    if (failure) {
      connection.fail(failure)
      return
    }

    this.connectionOf(party)?.close({ reason: 'replaced' })
    connection.party = party
    this.#byAddress.set(addressOf(party), connection)
    connection.send(
      node('success', {
        t: this.seconds(),
        lid: deviceJid(account, device.id, 'lid'),
        display_name: account.name,
        creation: String(Math.floor(Date.parse(device.linkedAt) / 1000)),
        location: 'sim',
      }),
    )
    // A passive client says when it is ready; until then its queue waits.
    if (!login.passive) this.goLive(connection)
  }
}

function versionOf({ userAgent }: proto.ClientPayload): WebVersion {
  const { primary, secondary, tertiary } = userAgent?.appVersion ?? {}
  return [primary ?? 0, secondary ?? 0, tertiary ?? 0]
}

function countsOf(queue: BinaryNode[]): Record<string, string> {
  const count = (tag: string) => String(queue.filter((stanza) => stanza.tag === tag).length)
  return {
    count: String(queue.length),
    message: count('message'),
    receipt: count('receipt'),
    notification: count('notification'),
    appdata: '0',
  }
}
