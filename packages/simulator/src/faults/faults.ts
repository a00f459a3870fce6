import { parseJid, SERVER_JID } from '../model/jid.js'
import { capOf, reachOutOf, type SendLimits } from '../model/send-limits.js'
import type { AccountState } from '../model/state.js'
import type { CloseCause } from '../rules/close-cause.js'
import type { FaultAction, FaultRule, StanzaMatch } from '../rules/fault-rules.js'
import type { LoginFailure } from '../rules/login-faults.js'
import type { MediaFault, MediaMatch } from '../rules/media-faults.js'
import type { WebVersion } from '../rules/version-gate.js'
import type { Connection } from '../server/connection.js'
import type { Gateway } from '../server/gateway.js'
import type { MediaHosts } from '../server/media-hosts.js'
import { warnOfFewPreKeys } from '../server/pre-keys.js'
import type { Server } from '../server/server.js'
import { SimulatorError } from '../util/errors.js'
import { node } from '../wire/node.js'
import { encodeNode } from '../wire/node-encoder.js'

export interface DeviceChoice {
  /** One companion only. Default: all of the account. */
  device?: number
}

export interface Times {
  /** How often. Default 1, but unlimited for `on`. */
  times?: number
}

/** `garbage`: decrypts, is no node. `truncated`: a node cut short. `nested`: thousands of nodes in one another. `undecryptable`: not even that. */
export const MALFORMED_FRAMES = ['garbage', 'truncated', 'nested', 'undecryptable'] as const
export type MalformedFrame = (typeof MALFORMED_FRAMES)[number]

/** Everything that can be made to go wrong, on demand. */
export class Faults {
  readonly #server: Server
  readonly #gateway: Gateway
  readonly #mediaHosts: MediaHosts

  constructor(server: Server, gateway: Gateway, mediaHosts: MediaHosts) {
    this.#server = server
    this.#gateway = gateway
    this.#mediaHosts = mediaHosts
  }

  /** Applies an action to every stanza that matches, until the rule is removed or used up. The first matching rule wins. */
  on(match: StanzaMatch, action: FaultAction, { times }: Times = {}): FaultRule {
    return this.#server.rules.add(match, action, times)
  }

  /** Ends the live connections of an account. Rejects with `NOT_CONNECTED` when there is none. */
  close(number: string, cause: CloseCause, { device }: DeviceChoice = {}): void {
    for (const connection of this.#connections(number, device)) connection.close(cause)
  }

  /** As if the same device had connected elsewhere: 440. */
  replaced(number: string, choice?: DeviceChoice): void {
    this.close(number, { reason: 'replaced' }, choice)
  }

  /** TCP reset. */
  kill(number: string, choice?: DeviceChoice): void {
    this.close(number, { reason: 'kill' }, choice)
  }

  /** Half-open: the sockets stay, nothing passes any more. */
  silence(number: string, { device }: DeviceChoice = {}): void {
    for (const connection of this.#connections(number, device)) connection.silent = true
  }

  /** A frame that no client can read. */
  malformed(number: string, kind: MalformedFrame = 'garbage', { device }: DeviceChoice = {}): void {
    for (const connection of this.#connections(number, device)) sendMalformed(connection, kind)
  }

  /** Any bytes as the plaintext of a frame: a flags byte (0), then what should be a node. */
  sendFrame(number: string, bytes: Uint8Array, { device }: DeviceChoice = {}): void {
    for (const connection of this.#connections(number, device)) connection.sendPlaintext(bytes)
  }

  /** All sockets at once, by TCP reset. Returns how many. */
  dropAll(): number {
    const connections = [...this.#server.connections]
    for (const connection of connections) connection.kill()
    return connections.length
  }

  /** The next upgrades are answered by an HTTP status. With the connection closed after it, Baileys never notices. */
  refuseUpgrade({
    status = 503,
    keepOpen = false,
    times = 1,
  }: { status?: number; keepOpen?: boolean } & Times = {}): void {
    this.#gateway.addFault({ do: 'refuse', status, keepOpen }, times)
  }

  /** The next upgrades are never answered. */
  hangUpgrade({ times = 1 }: Times = {}): void {
    this.#gateway.addFault({ do: 'hang' }, times)
  }

  /** The next connections get a certificate chain that the root has not signed. Baileys of itself does not notice. */
  badCertificate({ times = 1 }: Times = {}): void {
    this.#server.badCertificates = times
  }

  /** The next logins of an account are answered by `<failure>`. */
  failLogin(number: string, failure: LoginFailure, { times = 1 }: Times = {}): void {
    this.#server.loginFaults.set(number, failure, times)
  }

  /** Every login of an older client is answered 405. `newest`: what the page of `versionUrl` tells; the same unless given. */
  refuseVersions({ below, newest }: { below: WebVersion; newest?: WebVersion }): void {
    this.#server.versions.demand(below, newest)
  }

  /** The next messages of an account are not routed, but acknowledged with an error: 463, 479 … */
  failSend(number: string, code: number, { times = 1 }: Times = {}): FaultRule {
    return this.on({ number, direction: 'in', tag: 'message' }, { do: 'error', code }, { times })
  }

  /** WhatsApp lets an account begin no conversation until then (seconds since 1970), or again, and tells its devices. */
  lockReachOut(number: string, until?: number): void {
    const account = this.#accountOf(number)
    const { reachOutLockedUntil: _before, ...others } = account.sendLimits ?? {}
    account.sendLimits = { ...others, ...(until === undefined ? {} : { reachOutLockedUntil: until }) }
    const data = { xwa2_notify_account_reachout_timelock: reachOutOf(account.sendLimits) }
    this.#tellLimit(account, 'NotificationUserReachoutTimelockUpdate', data)
  }

  /** As WhatsApp caps the conversations that an account begins, or lifts that, and tells its devices. */
  capNewChats(number: string, newChats?: NonNullable<SendLimits['newChats']>): void {
    const account = this.#accountOf(number)
    const { newChats: _before, ...others } = account.sendLimits ?? {}
    account.sendLimits = { ...others, ...(newChats ? { newChats } : {}) }
    const data = { xwa2_notify_new_chat_messages_capping_info_update: capOf(account.sendLimits) }
    this.#tellLimit(account, 'MessageCappingInfoNotification', data)
  }

  /** Applies to the requests to the media hosts that match, until it is used up. The first matching one wins. */
  media(match: MediaMatch, fault: MediaFault, { times }: Times = {}): void {
    this.#mediaHosts.faults.add(match, fault, times)
  }

  /** Takes all one-time keys but `left` from the server and warns the device if it is connected, as WhatsApp does. */
  exhaustPreKeys(
    number: string,
    { device, left = 0, warn = true }: DeviceChoice & { left?: number; warn?: boolean } = {},
  ): void {
    const account = this.#accountOf(number)
    for (const each of account.devices.values()) {
      if (device !== undefined && each.id !== device) continue
      const surplus = [...each.preKeys.keys()].slice(0, Math.max(0, each.preKeys.size - left))
      for (const id of surplus) each.preKeys.delete(id)
      if (warn) warnOfFewPreKeys(this.#server, { account, deviceId: each.id }, each)
    }
    this.#server.changed()
  }

  /** Everything that was ordered is forgotten. Connections that are silent stay so. */
  clear(): void {
    this.#server.rules.clear()
    this.#server.loginFaults.clear()
    this.#gateway.clearFaults()
    this.#mediaHosts.faults.clear()
    this.#server.badCertificates = 0
    this.#server.versions.clear()
  }

  #tellLimit(account: AccountState, operation: string, data: object): void {
    const update = node('update', { op_name: operation }, Buffer.from(JSON.stringify({ data })))
    for (const deviceId of account.devices.keys())
      this.#server.notify({ account, deviceId }, 'mex', SERVER_JID, [update])
  }

  #accountOf(number: string) {
    const account = this.#server.world.account(parseJid(number)?.user ?? number)
    if (account) return account
    throw new SimulatorError('PHONE_NOT_FOUND', `There is no phone ${number}`, { field: 'number' })
  }

  #connections(number: string, device: number | undefined): Connection[] {
    const all = this.#server.connectionsOf(this.#accountOf(number))
    const chosen = device === undefined ? all : all.filter((connection) => connection.device === device)
    if (chosen.length > 0) return chosen
    throw new SimulatorError('NOT_CONNECTED', `${number} has no such connection`, { field: 'number' })
  }
}

function sendMalformed(connection: Connection, kind: MalformedFrame): void {
  switch (kind) {
    case 'garbage':
      connection.sendPlaintext(Buffer.from([0, 0xf8, 0xff, 0xee, 1, 2, 3]))
      return
    case 'truncated': {
      const whole = encodeNode(node('notification', { type: 'devices', id: 'x' }, [node('add')]))
      connection.sendPlaintext(whole.subarray(0, whole.length - 3))
      return
    }
    case 'nested':
      connection.sendPlaintext(nestedNodes(20_000))
      return
    case 'undecryptable':
      connection.sendRaw(Buffer.from([0, 0, 20, ...Buffer.alloc(20, 7)]))
      return
  }
}

/** list(2) tag list(1) list(2) tag list(1) … */
function nestedNodes(depth: number): Buffer {
  const level = Buffer.from([0xf8, 2, 3, 0xf8, 1])
  return Buffer.concat([Buffer.from([0]), ...Array.from({ length: depth }, () => level), Buffer.from([0xf8, 1, 3])])
}
