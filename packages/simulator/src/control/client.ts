import type { DeviceChoice, MalformedFrame, Times } from '../faults/faults.js'
import type { CloseCause } from '../rules/close-cause.js'
import type { FaultAction, StanzaMatch } from '../rules/fault-rules.js'
import type { LoginFailure } from '../rules/login-faults.js'
import type { UnhandledStanza, Violation } from '../server/stanza-log.js'
import type { ConnectionInfo, GroupChange, GroupInfo, GroupOptions, PhoneOptions } from '../simulator.js'
import type { SimulatorSnapshot } from '../snapshot/codec.js'
import { ControlChannel } from './control-channel.js'
import { historyToJson, PhoneClient, type PhoneDescription } from './phone-client.js'

/** What a rule is about and does, without functions: they cannot be sent. */
export type RemoteStanzaMatch = Omit<StanzaMatch, 'where'>
export type RemoteFaultAction = Exclude<FaultAction, { do: 'replace' }>

export interface RemotePhoneOptions extends Omit<PhoneOptions, 'autoReply'> {
  autoReply?: string
}

export interface RemoteFaultRule {
  /** How often it has been applied. */
  hits(): Promise<number>
  remove(): Promise<void>
}

/**
 * A simulator in another process, with the methods of the library; what is a property there is a method here, and
 * functions cannot be handed over. Errors are those of the library, by `code` and `field`.
 *
 * ```ts
 * const sim = await connectSimulator('http://127.0.0.1:7070')
 * const phone = await sim.createPhone({ number: '15550000001', name: 'Ana' })
 * await phone.scanQr(qr)
 * ```
 */
export class SimulatorClient {
  /** Give it to Baileys as `waWebSocketUrl`. */
  readonly url: string
  /** The 32 bytes that clients have to trust. */
  readonly rootPublicKey: Buffer
  readonly controlUrl: string
  readonly faults: FaultsClient
  readonly #channel: ControlChannel

  /** @internal Use {@link connectSimulator}. */
  constructor(channel: ControlChannel, info: { url: string; rootPublicKey: string }) {
    this.#channel = channel
    this.url = info.url
    this.rootPublicKey = Buffer.from(info.rootPublicKey, 'hex')
    this.controlUrl = channel.url
    this.faults = new FaultsClient(channel)
  }

  async createPhone({ history, ...options }: RemotePhoneOptions): Promise<PhoneClient> {
    const body = { ...options, ...(history ? { history: historyToJson(history) } : {}) }
    const { number } = await this.#channel.post<PhoneDescription>('createPhone', body)
    return this.phone(number)
  }

  /** Whether it is there shows with the first call. */
  phone(number: string): PhoneClient {
    return new PhoneClient(this.#channel, number)
  }

  phones(): Promise<PhoneDescription[]> {
    return this.#channel.get('phones')
  }

  groups(): Promise<GroupInfo[]> {
    return this.#channel.get('groups')
  }

  createGroup(options: GroupOptions): Promise<GroupInfo> {
    return this.#channel.post('createGroup', options)
  }

  changeGroup(group: string, change: GroupChange): Promise<GroupInfo> {
    return this.#channel.post('changeGroup', { group, ...change })
  }

  connections(): Promise<ConnectionInfo[]> {
    return this.#channel.get('connections')
  }

  unhandled(): Promise<UnhandledStanza[]> {
    return this.#channel.get('unhandled')
  }

  violations(): Promise<Violation[]> {
    return this.#channel.get('violations')
  }

  /** The state as JSON, as it is. */
  snapshot(): Promise<SimulatorSnapshot> {
    return this.#channel.getRaw('snapshot')
  }

  idle(): Promise<void> {
    return this.#channel.get('idle')
  }
}

/** Everything that can be made to go wrong, as in the library. */
export class FaultsClient {
  readonly #channel: ControlChannel

  constructor(channel: ControlChannel) {
    this.#channel = channel
  }

  on(match: RemoteStanzaMatch, action: RemoteFaultAction, { times }: Times = {}): Promise<RemoteFaultRule> {
    return this.#rule('on', { match, action, times })
  }

  failSend(number: string, code: number, { times }: Times = {}): Promise<RemoteFaultRule> {
    return this.#rule('failSend', { number, code, times })
  }

  close(number: string, cause: CloseCause, choice: DeviceChoice = {}): Promise<void> {
    return this.#post('close', { number, cause, ...choice })
  }

  replaced(number: string, choice: DeviceChoice = {}): Promise<void> {
    return this.#post('replaced', { number, ...choice })
  }

  kill(number: string, choice: DeviceChoice = {}): Promise<void> {
    return this.#post('kill', { number, ...choice })
  }

  silence(number: string, choice: DeviceChoice = {}): Promise<void> {
    return this.#post('silence', { number, ...choice })
  }

  malformed(number: string, kind?: MalformedFrame, choice: DeviceChoice = {}): Promise<void> {
    return this.#post('malformed', { number, kind, ...choice })
  }

  sendFrame(number: string, bytes: Uint8Array, choice: DeviceChoice = {}): Promise<void> {
    return this.#post('sendFrame', { number, bytes: Buffer.from(bytes).toString('hex'), ...choice })
  }

  async dropAll(): Promise<number> {
    const { dropped } = await this.#post<{ dropped: number }>('dropAll', {})
    return dropped
  }

  refuseUpgrade(options: { status?: number; keepOpen?: boolean } & Times = {}): Promise<void> {
    return this.#post('refuseUpgrade', options)
  }

  hangUpgrade(options: Times = {}): Promise<void> {
    return this.#post('hangUpgrade', options)
  }

  badCertificate(options: Times = {}): Promise<void> {
    return this.#post('badCertificate', options)
  }

  failLogin(number: string, failure: LoginFailure, options: Times = {}): Promise<void> {
    return this.#post('failLogin', { number, failure, ...options })
  }

  exhaustPreKeys(number: string, options: DeviceChoice & { left?: number; warn?: boolean } = {}): Promise<void> {
    return this.#post('exhaustPreKeys', { number, ...options })
  }

  clear(): Promise<void> {
    return this.#post('clear', {})
  }

  #post<T = void>(name: string, body: object): Promise<T> {
    return this.#channel.post(`faults/${name}`, body)
  }

  async #rule(name: string, body: object): Promise<RemoteFaultRule> {
    const { rule } = await this.#post<{ rule: string }>(name, body)
    return {
      hits: async () => (await this.#post<{ hits: number }>('hits', { rule })).hits,
      remove: () => this.#post('remove', { rule }),
    }
  }
}

/** Rejects with `CLOSED` when no simulator answers there. */
export async function connectSimulator(controlUrl: string): Promise<SimulatorClient> {
  const channel = new ControlChannel(controlUrl.replace(/\/+$/, ''))
  return new SimulatorClient(channel, await channel.get('info'))
}
