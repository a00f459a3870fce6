import { proto } from '@whiskeysockets/baileys'
import type { WebSocket } from 'ws'
import { type SimulatorClock, unixSeconds } from '../clock.js'
import { generateKeyPair } from '../crypto/curve.js'
import { SimulatorError } from '../errors.js'
import type { FaultRules } from '../faults/fault-rules.js'
import type { LoginFaults } from '../faults/login-faults.js'
import { handleNode, refuseNode } from '../handlers/dispatch.js'
import { deviceJid } from '../model/jid.js'
import type { AccountState } from '../model/state.js'
import { addressOf, type Party, type World } from '../model/world.js'
import type { Random, RandomSource } from '../random.js'
import { issueCertificates } from '../wire/certificate-authority.js'
import { type BinaryNode, node } from '../wire/node.js'
import { NoiseServer } from '../wire/noise-server.js'
import { endCodeRequest } from './code-pairing.js'
import { CodeRequests } from './code-requests.js'
import { Connection, type ConnectionOwner } from './connection.js'
import { queueKeyOf, queueOf } from './offline-queue.js'
import { showQrCodes } from './pairing.js'
import { readRegistration } from './registration.js'
import type { StanzaLog } from './stanza-log.js'

/** What the server needs of a phone: it takes stanzas like any device. */
export interface PhoneEndpoint {
  receive(stanza: BinaryNode): void
  /** A device has logged in for the first time. */
  bootstrap(deviceId: number): void
}

export interface ServerOptions {
  world: World
  clock: SimulatorClock
  random: RandomSource
  log: StanzaLog
  rules: FaultRules
  loginFaults: LoginFaults
}

/** The server side of WhatsApp: who is connected, who gets what. Handlers, pairing and routing are functions over it. */
export class Server implements ConnectionOwner {
  readonly world: World
  readonly clock: SimulatorClock
  readonly random: RandomSource
  readonly log: StanzaLog
  readonly rules: FaultRules
  readonly loginFaults: LoginFaults
  readonly connections = new Set<Connection>()
  readonly phones = new Map<string, PhoneEndpoint>()
  /** Connections that show QR codes, by the refs in them. */
  readonly refs = new Map<string, Connection>()
  /** Refs of connections that have ended, to tell an expired QR from an unknown one. */
  readonly expiredRefs = new Set<string>()
  /** Open linkings by code. */
  readonly codeRequests: CodeRequests
  /** Who is told when somebody's presence changes: number → watchers' addresses. */
  readonly presenceWatchers = new Map<string, Map<string, Party>>()
  /** Numbers of phones that are in somebody's hand. */
  readonly availablePhones = new Set<string>()
  /** How many more connections get a chain that does not verify. */
  badCertificates = 0
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
    this.codeRequests = new CodeRequests(options.clock)
    this.#wire = this.stream('wire')
  }

  /** A stream of random bytes that differs after each restore. */
  stream(label: string): Random {
    return this.random.stream(`${label}\n${this.world.state.generation}`)
  }

  /** An id for a stanza of the server. Clients number theirs `<u16>.<u16>-<n>`, so the two never meet. */
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

  /** Something that a snapshot holds has changed. */
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

  /** To a phone at once; to a companion by its queue, where it stays until the companion confirms it. */
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

  /** A notification of the server for one companion. */
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
    if (login.devicePairingData) this.#register(connection, clientStatic, login.devicePairingData)
    else this.#login(connection, clientStatic, login)
  }

  onNode(connection: Connection, stanza: BinaryNode): void {
    handleNode(this, connection, stanza)
    this.changed()
  }

  onRefused(connection: Connection, stanza: BinaryNode, code: number, text: string): void {
    refuseNode(this, connection, stanza, code, text)
  }

  onClosed(connection: Connection): void {
    this.connections.delete(connection)
    for (const ref of connection.registration?.refs ?? []) {
      this.refs.delete(ref)
      this.expiredRefs.add(ref)
    }
    const gone = new SimulatorError('PAIRING_FAILED', 'The client has closed its connection')
    endCodeRequest(this, connection, gone)
    connection.registration?.pending?.reject(
      new SimulatorError('PAIRING_FAILED', 'The client closed its connection before it was linked'),
    )
    const { party } = connection
    if (party && this.connectionOf(party) === connection) this.#byAddress.delete(addressOf(party))
  }

  /** The client is ready for what has gathered: the queue with its end marker, then everything live. */
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
