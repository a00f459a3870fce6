import type { Socket } from 'socket.io'

export interface SendBufferOptions {
  /** More than this waiting for the client, and `onFull` is called, once. */
  maxBytes: number
  onFull(): void
  now(): number
}

/**
 * What was sent to one client and is not with the system yet. Socket.IO takes everything and keeps it until the client reads:
 * this counts it, so that a sender can wait and a client that does not read can be found. A character counts as a byte.
 */
export class SendBuffer {
  readonly #options: SendBufferOptions
  readonly #idle = new Set<() => void>()
  #queued = 0
  #inFlight = 0
  #sentBytes = 0
  #writingSince: number | undefined
  #full = false

  constructor(connection: Socket['conn'], options: SendBufferOptions) {
    this.#options = options
    const onSent = () => this.#onSent()
    const followTransport = () => connection.transport.on('drain', onSent)
    connection.on('packetCreate', ({ data }: { data?: string | Uint8Array }) => this.#add(data?.length ?? 0))
    // The connection's own `drain` only says that its transport has taken the packets.
    connection.on('flush', () => this.#onFlush())
    connection.on('upgrade', () => {
      onSent()
      followTransport()
    })
    followTransport()
  }

  /** All bytes ever handed over. */
  get sentBytes(): number {
    return this.#sentBytes
  }

  /** How long the client has taken nothing of what is being written to it; 0 when nothing is. */
  get stalledMs(): number {
    return this.#writingSince === undefined ? 0 : this.#options.now() - this.#writingSince
  }

  /** Resolves once nothing waits for the client any more, or the signal is aborted. */
  async drained(signal: AbortSignal): Promise<void> {
    while (this.#queued + this.#inFlight > 0 && !signal.aborted) await this.#change(signal)
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        this.#idle.delete(finish)
        signal.removeEventListener('abort', finish)
        resolve()
      }
      this.#idle.add(finish)
      signal.addEventListener('abort', finish, { once: true })
    })
  }

  #add(bytes: number): void {
    this.#queued += bytes
    this.#sentBytes += bytes
    if (this.#full || this.#queued + this.#inFlight <= this.#options.maxBytes) return
    this.#full = true
    this.#options.onFull()
  }

  #onFlush(): void {
    this.#inFlight += this.#queued
    this.#queued = 0
    this.#writingSince ??= this.#options.now()
  }

  #onSent(): void {
    this.#inFlight = 0
    this.#writingSince = undefined
    for (const finish of this.#idle) finish()
  }
}
