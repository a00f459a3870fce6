import { setTimeout as sleep } from 'node:timers/promises'
import {
  connect,
  type Msg,
  type NatsConnection,
  NoRespondersError,
  RequestError,
  type Subscription,
} from '@nats-io/transport-node'
import { TrunklineError } from '@trunkline/core'
import type { AskOptions, BusAnswer, BusTopic, ClusterBus } from '@trunkline/core/store'
import { checkOptions, connectionOptions, type NatsBusOptions } from './options.js'

export type { NatsBusOptions, NatsCredentials } from './options.js'

/** The nodes of one installation, over NATS. */
export interface NatsBus extends ClusterBus {
  /** Resolves when NATS is reached; a bus may be used before. */
  ready(): Promise<void>
}

/** What NATS takes unless it says otherwise. */
const MAX_PAYLOAD = 1024 * 1024
/** Between two first tries to connect. */
const RETRY_MS = 1_000

/**
 * Joins the nodes of one store over NATS, 2.9 or later; nothing of JetStream is used. It connects by itself, and again whenever the
 * connection is lost:
 *
 * ```ts
 * const bus = createNatsBus({ servers: 'nats://127.0.0.1:4222' })
 * const manager = new MultiSessionManager({ store, cluster: { bus } })
 * ```
 *
 * @throws CONFIG_INVALID naming the option that is wrong: off this machine NATS needs TLS and credentials
 */
export function createNatsBus(options: NatsBusOptions): NatsBus {
  checkOptions(options)
  return new Bus(options)
}

type Handle = (message: Msg) => void

class Bus implements NatsBus {
  readonly #options: NatsBusOptions
  readonly #prefix: string
  readonly #watchers = new Set<(isReachable: boolean) => void>()
  /** What is listened to, by connection too: NATS's client makes it again when it comes back. */
  readonly #wanted = new Map<Handle, { subject: string; subscription?: Subscription }>()
  /** Who waits for an answer, and is told when the connection is lost. */
  readonly #asking = new Set<() => void>()
  readonly #closing = new AbortController()
  readonly #connected: Promise<void>
  #connection: NatsConnection | undefined
  #isReachable = false
  /** Changes whenever the connection does. */
  #returns = 0

  constructor(options: NatsBusOptions) {
    this.#options = options
    this.#prefix = options.prefix ?? 'trunkline'
    this.#connected = this.#connect()
  }

  get isReachable(): boolean {
    return this.#isReachable
  }

  get maxBytes(): number {
    return this.#connection?.info?.max_payload ?? MAX_PAYLOAD
  }

  ready(): Promise<void> {
    return this.#connected
  }

  onReachable(listener: (isReachable: boolean) => void): () => void {
    this.#watchers.add(listener)
    return () => this.#watchers.delete(listener)
  }

  ask(topic: BusTopic, data: Uint8Array, { timeoutMs, signal }: AskOptions): Promise<BusAnswer> {
    const connection = this.#connection
    if (signal?.aborted) return Promise.reject(aborted(signal))
    if (!connection || !this.#isReachable) return Promise.resolve({ kind: 'unreachable' })
    if (data.byteLength > this.maxBytes) return Promise.resolve({ kind: 'too-large' })
    return new Promise((resolve, reject) => {
      // The answer went with the connection: nobody knows what was done.
      const lose = () => settle({ kind: 'timeout' })
      const giveUp = () => {
        leave()
        reject(aborted(signal))
      }
      const leave = () => {
        this.#asking.delete(lose)
        signal?.removeEventListener('abort', giveUp)
      }
      const settle = (answer: BusAnswer) => {
        leave()
        resolve(answer)
      }
      this.#asking.add(lose)
      signal?.addEventListener('abort', giveUp, { once: true })
      connection.request(this.#subject(topic), data, { timeout: timeoutMs }).then(
        (message) => settle({ kind: 'answer', data: message.data }),
        (error: unknown) => settle({ kind: hasNobody(error) ? 'nobody' : 'timeout' }),
      )
    })
  }

  async answer(topic: BusTopic, handler: (data: Uint8Array) => Promise<Uint8Array>): Promise<() => Promise<void>> {
    const begun = new Set<Promise<void>>()
    const unsubscribe = await this.#subscribe(this.#subject(topic), (message) => {
      const answered = handler(message.data)
        .then((data) => void message.respond(data))
        .catch((err: unknown) => this.#options.logger?.error({ err }, 'A question of another node was not answered'))
        .finally(() => begun.delete(answered))
      begun.add(answered)
    })
    return async () => {
      await unsubscribe()
      await Promise.allSettled(begun)
      if (this.#isReachable) await this.#connection?.flush().catch(() => {})
    }
  }

  tell(topic: BusTopic, data: Uint8Array): void {
    // What is published while NATS is away waits in its client, and is thrown away by it later.
    if (this.#isReachable && data.byteLength <= this.maxBytes) this.#connection?.publish(this.#subject(topic), data)
  }

  async listen(
    topic: BusTopic | `${string}.*`,
    handler: (data: Uint8Array, topic: string) => void,
  ): Promise<() => void> {
    let isOver = false
    const unsubscribe = await this.#subscribe(this.#subject(topic), ({ data, subject }) => {
      if (!isOver) handler(data, subject.slice(this.#prefix.length + 1))
    })
    return () => {
      isOver = true
      void unsubscribe()
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    this.#become(false)
    this.#watchers.clear()
    this.#wanted.clear()
    await this.#connected.catch(() => {})
    await this.#connection?.close().catch(() => {})
  }

  #subject(topic: string): string {
    return `${this.#prefix}.${topic}`
  }

  /** The answer ends it, and resolves when what was on its way then was handled: whoever asked has been told that somebody answers. */
  async #subscribe(subject: string, handle: Handle): Promise<() => Promise<void>> {
    const wanted: { subject: string; subscription?: Subscription } = { subject }
    this.#wanted.set(handle, wanted)
    if (this.#connection) {
      this.#begin(this.#connection, handle, wanted)
      if (this.#isReachable) await this.#connection.flush().catch(() => {})
    }
    return async () => {
      this.#wanted.delete(handle)
      const { subscription } = wanted
      if (!subscription || subscription.isClosed()) return
      // While NATS is away nothing is on its way.
      if (this.#isReachable) await subscription.drain().catch(() => {})
      else subscription.unsubscribe()
    }
  }

  #begin(connection: NatsConnection, handle: Handle, wanted: { subject: string; subscription?: Subscription }): void {
    wanted.subscription = connection.subscribe(wanted.subject, {
      callback: (error, message) => {
        if (!error) handle(message)
        else this.#options.logger?.error({ err: error }, 'NATS does not let this node listen')
      },
    })
  }

  async #connect(): Promise<void> {
    const { signal } = this.#closing
    let told: string | undefined
    while (!signal.aborted) {
      try {
        const connection = await connect(connectionOptions(this.#options))
        if (signal.aborted) return void (await connection.close())
        this.#connection = connection
        for (const [handle, wanted] of this.#wanted) this.#begin(connection, handle, wanted)
        void this.#watch(connection)
        await connection.flush()
        this.#become(true)
        return
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        if (reason !== told) this.#options.logger?.warn({ err: error }, 'NATS cannot be reached; trying again')
        told = reason
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {})
      }
    }
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.#become(false)
      else if (status.type === 'reconnect') void this.#returned(connection)
      else if (status.type === 'error') this.#options.logger?.warn({ err: status.error }, 'NATS refuses something')
    }
  }

  /** NATS knows again what is listened to here when it has answered. */
  async #returned(connection: NatsConnection): Promise<void> {
    this.#returns += 1
    const turn = this.#returns
    const isKnown = await connection.flush().then(
      () => true,
      () => false,
    )
    // Lost again meanwhile, it comes back once more.
    if (isKnown && turn === this.#returns && !this.#closing.signal.aborted) this.#become(true)
  }

  #become(isReachable: boolean): void {
    if (!isReachable) this.#returns += 1
    if (this.#isReachable === isReachable) return
    this.#isReachable = isReachable
    this.#options.logger?.[isReachable ? 'info' : 'warn']({}, isReachable ? 'NATS is reached' : 'NATS is lost')
    if (!isReachable) for (const lose of [...this.#asking]) lose()
    for (const watch of this.#watchers) watch(isReachable)
  }
}

function hasNobody(error: unknown): boolean {
  if (error instanceof NoRespondersError) return true
  return error instanceof RequestError && error.isNoResponders()
}

function aborted(signal: AbortSignal | undefined): TrunklineError {
  return new TrunklineError('OPERATION_ABORTED', { cause: signal?.reason })
}
