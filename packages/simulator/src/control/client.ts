import type { Times } from '../faults/faults.js'
import type { SimulatorSnapshot } from '../snapshot/codec.js'
import { ControlChannel } from './control-channel.js'
import { faultOperations, type RemoteFaultAction, type RemoteStanzaMatch } from './fault-operations.js'
import { methodsOf } from './methods.js'
import type { Methods } from './operation.js'
import { type PhoneClient, phoneClient } from './phone-client.js'
import { type RemotePhoneOptions, simulatorOperations } from './simulator-operations.js'

export interface RemoteFaultRule {
  /** How often it has been applied. */
  hits(): Promise<number>
  remove(): Promise<void>
}

type SimulatorMethods = Methods<typeof simulatorOperations>
type FaultMethods = Methods<typeof faultOperations>

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
export interface SimulatorClient extends Omit<SimulatorMethods, 'info' | 'createPhone'> {
  /** Give it to Baileys as `waWebSocketUrl`. */
  readonly url: string
  /** Where the newest version of WhatsApp Web is told. */
  readonly versionUrl: string
  /** The 32 bytes that clients have to trust. */
  readonly rootPublicKey: Buffer
  /** What clients have to trust of the media hosts, as PEM. */
  readonly mediaCertificate: string
  readonly controlUrl: string
  readonly faults: FaultsClient
  createPhone(options: RemotePhoneOptions): Promise<PhoneClient>
  /** Whether it is there shows with the first call. */
  phone(number: string): PhoneClient
  /** The state as JSON, as it is. */
  snapshot(): Promise<SimulatorSnapshot>
}

/** Everything that can be made to go wrong, as in the library. */
export interface FaultsClient extends Omit<FaultMethods, 'on' | 'failSend' | 'hits' | 'remove' | 'dropAll'> {
  on(match: RemoteStanzaMatch, action: RemoteFaultAction, times?: Times): Promise<RemoteFaultRule>
  failSend(number: string, code: number, times?: Times): Promise<RemoteFaultRule>
  dropAll(): Promise<number>
}

/** Rejects with `CLOSED` when no simulator answers there. */
export async function connectSimulator(controlUrl: string): Promise<SimulatorClient> {
  const channel = new ControlChannel(controlUrl.replace(/\/+$/, ''))
  const methods = methodsOf(simulatorOperations, channel, '')
  const { url, versionUrl, rootPublicKey, mediaCertificate } = await methods.info()
  const phone = (number: string) => phoneClient(channel, number)
  return {
    ...methods,
    url,
    versionUrl,
    rootPublicKey: Buffer.from(rootPublicKey, 'hex'),
    mediaCertificate,
    controlUrl: channel.url,
    faults: faultsClient(channel),
    phone,
    createPhone: async (options) => phone((await methods.createPhone(options)).number),
    snapshot: () => channel.getRaw('snapshot'),
  }
}

function faultsClient(channel: ControlChannel): FaultsClient {
  const { hits, remove, ...methods } = methodsOf(faultOperations, channel, 'faults/')
  const ruleOf = ({ rule }: { rule: string }): RemoteFaultRule => ({
    hits: async () => (await hits(rule)).hits,
    remove: () => remove(rule),
  })
  return {
    ...methods,
    on: async (...values) => ruleOf(await methods.on(...values)),
    failSend: async (...values) => ruleOf(await methods.failSend(...values)),
    dropAll: async () => (await methods.dropAll()).dropped,
  }
}
