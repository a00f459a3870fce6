import { setTimeout as sleep } from 'node:timers/promises'
import type { MongoClient } from 'mongodb'

/** Between two tries to connect; and what has come in while this process stood still has so long to be heard. */
const PAUSE_MS = 1_000

/**
 * Whether the driver goes on asking its servers how they are. A heartbeat that it writes in the moment in which the connection closes
 * waits for ever for the closed socket to drain (`Connection.writeCommand` of mongodb 7.9.0, measured with connections that were silent and
 * then broken), and with it every operation that waits for a server. A server of which nothing is heard for longer than any heartbeat can
 * take, with the pause before it, has such a one: the client is closed and connected anew.
 */
export class MonitorWatch {
  readonly #client: MongoClient
  readonly #longestMs: number
  /** By the address of each server that is watched. */
  readonly #silences = new Map<string, ReturnType<typeof setTimeout>>()
  readonly #ended = new AbortController()
  #reconnecting: Promise<void> | undefined

  constructor(client: MongoClient) {
    this.#client = client
    const { connectTimeoutMS, heartbeatFrequencyMS } = client.options
    // Connecting and its first answer may take `connectTimeoutMS` each; an awaited answer, or the pause before, `heartbeatFrequencyMS`.
    this.#longestMs = 2 * connectTimeoutMS + heartbeatFrequencyMS
    // Without a limit for connecting no heartbeat takes too long.
    if (connectTimeoutMS <= 0) return
    client.on('serverHeartbeatStarted', this.#started)
    client.on('serverHeartbeatSucceeded', this.#finished)
    client.on('serverHeartbeatFailed', this.#finished)
    client.on('serverClosed', this.#closed)
  }

  /** To be waited for before the client is closed for good. */
  async end(): Promise<void> {
    this.#ended.abort()
    this.#client.off('serverHeartbeatStarted', this.#started)
    this.#client.off('serverHeartbeatSucceeded', this.#finished)
    this.#client.off('serverHeartbeatFailed', this.#finished)
    this.#client.off('serverClosed', this.#closed)
    this.#forgetAll()
    await this.#reconnecting
  }

  readonly #started = ({ connectionId: address }: { connectionId: string }): void => this.#heard(address)

  /** One that was canceled may tell so after the next has begun, or after its server has left. */
  readonly #finished = ({ connectionId: address }: { connectionId: string }): void => {
    if (this.#silences.has(address)) this.#heard(address)
  }

  readonly #closed = ({ address }: { address: string }): void => this.#forget(address)

  #heard(address: string): void {
    this.#afterSilence(address, this.#longestMs, () => {
      // After a suspension all timers are due at once, before the answers that wait in the sockets.
      this.#afterSilence(address, PAUSE_MS, () => this.#reconnect())
    })
  }

  #afterSilence(address: string, ms: number, act: () => void): void {
    this.#forget(address)
    this.#silences.set(address, setTimeout(act, ms).unref())
  }

  #forget(address: string): void {
    clearTimeout(this.#silences.get(address))
    this.#silences.delete(address)
  }

  #forgetAll(): void {
    for (const address of [...this.#silences.keys()]) this.#forget(address)
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
