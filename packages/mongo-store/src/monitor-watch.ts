import { setTimeout as sleep } from 'node:timers/promises'
import type { MongoClient, ServerHeartbeatStartedEvent } from 'mongodb'

const PAUSE_MS = 1_000

/**
 * Whether the driver goes on asking its servers how they are. A heartbeat that it writes in the moment in which the connection closes
 * waits for ever for the closed socket to drain (`Connection.writeCommand` of mongodb 7.9.0, measured with connections that were silent and
 * then broken), and with it every operation that waits for a server. A heartbeat that takes longer than any can is one of those: the
 * client is closed and connected anew.
 */
export class MonitorWatch {
  readonly #client: MongoClient
  readonly #longestMs: number
  readonly #heartbeats = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #ended = new AbortController()
  #reconnecting: Promise<void> | undefined

  constructor(client: MongoClient) {
    this.#client = client
    const { connectTimeoutMS, heartbeatFrequencyMS } = client.options
    // Connecting and the first answer may take `connectTimeoutMS` each, an awaited answer as long as the pause between two.
    this.#longestMs = 2 * connectTimeoutMS + heartbeatFrequencyMS + PAUSE_MS
    // Without a limit for connecting no heartbeat takes too long.
    if (connectTimeoutMS <= 0) return
    client.on('serverHeartbeatStarted', this.#started)
    client.on('serverHeartbeatSucceeded', this.#answered)
    client.on('serverHeartbeatFailed', this.#answered)
    client.on('serverClosed', this.#closed)
  }

  /** To be waited for before the client is closed for good. */
  async end(): Promise<void> {
    this.#ended.abort()
    this.#client.off('serverHeartbeatStarted', this.#started)
    this.#client.off('serverHeartbeatSucceeded', this.#answered)
    this.#client.off('serverHeartbeatFailed', this.#answered)
    this.#client.off('serverClosed', this.#closed)
    this.#forgetAll()
    await this.#reconnecting
  }

  readonly #started = ({ connectionId: address }: ServerHeartbeatStartedEvent): void => {
    clearTimeout(this.#heartbeats.get(address))
    const timer = setTimeout(() => this.#reconnect(), this.#longestMs)
    timer.unref()
    this.#heartbeats.set(address, timer)
  }

  readonly #answered = ({ connectionId: address }: { connectionId: string }): void => this.#forget(address)

  readonly #closed = ({ address }: { address: string }): void => this.#forget(address)

  #forget(address: string): void {
    clearTimeout(this.#heartbeats.get(address))
    this.#heartbeats.delete(address)
  }

  #forgetAll(): void {
    for (const address of [...this.#heartbeats.keys()]) this.#forget(address)
  }

  #reconnect(): void {
    this.#forgetAll()
    this.#reconnecting ??= this.#connectAnew().finally(() => {
      this.#reconnecting = undefined
    })
  }

  /** Tried until it succeeds: a client whose last try has failed does not connect by itself any more. */
  async #connectAnew(): Promise<void> {
    const { signal } = this.#ended
    await this.#client.close().catch(() => undefined)
    while (!signal.aborted) {
      try {
        await this.#client.connect()
        return
      } catch {
        // Whoever asks something of the store is told that it does not answer.
        await sleep(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined)
      }
    }
  }
}
