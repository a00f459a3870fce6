import type { Principal } from '@trunkline/api'
import type { EventName, EventOf } from '@trunkline/core'
import type { Socket } from 'socket.io'
import type { Admission } from './admission.js'
import { loseConnection } from './lost-connection.js'
import type { Outlet, Replay } from './replay.js'
import { SendBuffer } from './send-buffer.js'

const MAX_TIMER_MS = 2 ** 31 - 1

export interface MemberOptions {
  socket: Socket
  admission: Admission
  maxBufferedBytes: number
  onFull(): void
}

/** A socket that has signed in. */
export class Member implements Outlet {
  readonly socket: Socket
  readonly only?: ReadonlySet<string>
  readonly after: ReadonlyMap<string, number>
  readonly ask: Admission['ask']
  /** By session: what it has not caught up with yet. */
  readonly replays = new Map<string, Replay>()
  readonly #gone = new AbortController()
  readonly #buffer: SendBuffer
  #principal: Principal
  #expiry: NodeJS.Timeout | undefined

  constructor({ socket, admission, maxBufferedBytes, onFull }: MemberOptions) {
    this.socket = socket
    if (admission.only) this.only = admission.only
    this.after = admission.after
    this.ask = admission.ask
    this.#principal = admission.principal
    this.#buffer = new SendBuffer(socket.conn, { maxBytes: maxBufferedBytes, onFull, now: Date.now })
    this.#endWithProof()
    socket.once('disconnect', () => {
      clearTimeout(this.#expiry)
      this.#gone.abort()
    })
  }

  get principal(): Principal {
    return this.#principal
  }

  set principal(principal: Principal) {
    this.#principal = principal
    this.#endWithProof()
  }

  /** Aborted when the socket is gone. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  get sentBytes(): number {
    return this.#buffer.sentBytes
  }

  get stalledMs(): number {
    return this.#buffer.stalledMs
  }

  emit(name: EventName | 'events.gap' | 'webhook.disabled', payload: EventOf<EventName> | object): void {
    this.socket.emit(name, payload)
  }

  drained(signal: AbortSignal): Promise<void> {
    return this.#buffer.drained(signal)
  }

  /** The client comes back then, with a newer proof if it has one. */
  #endWithProof(): void {
    clearTimeout(this.#expiry)
    const { expiresAt } = this.#principal
    if (expiresAt === undefined || this.signal.aborted) return
    const delayMs = Math.min(Date.parse(expiresAt) - Date.now(), MAX_TIMER_MS)
    this.#expiry = setTimeout(() => loseConnection(this.socket), delayMs)
  }
}
