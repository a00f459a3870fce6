import type { EventName, EventsGap, Handshake, ServerToClientEvents } from '@trunkline/contract'
import { UNLOGGED_EVENTS } from './contract-table.js'

/** What is used of a socket of `socket.io-client`. */
export interface LiveSocket {
  readonly active: boolean
  connect(): unknown
  disconnect(): unknown
  on(name: 'connect' | 'disconnect' | 'connect_error', listener: (reason?: unknown) => void): unknown
  onAny(listener: (name: string, payload: unknown) => void): unknown
}

/** `io` of `socket.io-client`, which is the application's to install. */
export type ConnectSocket = (
  url: string,
  options: { path?: string; autoConnect: boolean; forceNew: boolean; auth: (give: (auth: object) => void) => void },
) => LiveSocket

export interface LiveOptions {
  io: ConnectSocket
  /** Where Socket.IO listens, with the namespace when there is one; the origin of `baseUrl` unless given. */
  url?: string
  /** Of the Socket.IO server; `/socket.io` unless given. */
  path?: string
  /** Only these sessions; all that the caller may see unless given. */
  sessions?: readonly string[]
  /** The last `seq` that was seen of each session, kept from before: what came after it is sent first. */
  after?: Readonly<Record<string, number>>
}

export type LiveEventName = keyof ServerToClientEvents

export type LiveState =
  | { status: 'closed'; error?: unknown }
  /** Also while it tries again by itself. */
  | { status: 'connecting'; error?: unknown }
  | { status: 'open' }

export interface LiveParts {
  /** Without them there are no live events. */
  options: LiveOptions | undefined
  url: string
  apiKey: string | undefined
  /** A token that is good now; `refused`: one that the server took no longer. */
  accessToken(refused?: string): Promise<string | undefined>
  /** The ids of all sessions that the caller may see. */
  sessionIds(): Promise<string[]>
}

/** More than this a handshake does not take. */
const MAX_SESSIONS = 1_000
/** Ahead of every log: the server says where it really stands. */
const FROM_NOW = Number.MAX_SAFE_INTEGER

type Listener = (payload: never) => void

/**
 * Events as they happen, each once and in order of its session, those too that happened while the connection was lost. Connects with
 * the first listener.
 */
export class LiveEvents {
  readonly #parts: LiveParts
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #stateListeners = new Set<(state: LiveState) => void>()
  readonly #settledListeners = new Set<() => void>()
  readonly #seen: Map<string, number>
  /** Sessions whose place in the log was asked for, not what came before. */
  readonly #asked = new Set<string>()
  #socket: LiveSocket | undefined
  #token: string | undefined
  #state: LiveState = { status: 'closed' }

  constructor(parts: LiveParts) {
    this.#parts = parts
    this.#seen = new Map(Object.entries(parts.options?.after ?? {}))
  }

  /** Where each session stands: to be kept, and given as `after` when the process starts again. */
  get lastSeqs(): Record<string, number> {
    return Object.fromEntries(this.#seen)
  }

  get state(): LiveState {
    return this.#state
  }

  /** Returns what takes the listener away again. @throws TypeError without the option `live` */
  on<Name extends LiveEventName>(name: Name, listener: ServerToClientEvents[Name]): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    listeners.add(listener as Listener)
    this.#listeners.set(name, listeners)
    this.connect()
    return () => listeners.delete(listener as Listener)
  }

  /** Hears of the connection: that it is there, was lost, or that the server wants no more of it. Returns what ends that. */
  onState(listener: (state: LiveState) => void): () => void {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  /**
   * Hears that the server has told where each session stands that was not known before: what happens from then on comes as an event, and
   * what happened before is in what is read now. It may take seconds with hundreds of sessions. Returns what ends that.
   */
  onSettled(listener: () => void): () => void {
    this.#settledListeners.add(listener)
    return () => this.#settledListeners.delete(listener)
  }

  connect(): void {
    const { options } = this.#parts
    if (!options) throw new TypeError('Live events need the option `live` with the `io` of socket.io-client')
    if (this.#socket && this.#state.status !== 'closed') return
    this.#setState({ status: 'connecting' })
    this.#socket ??= this.#prepare(options)
    this.#socket.connect()
  }

  /** Listeners stay, and `connect` goes on where it was. */
  close(): void {
    this.#setState({ status: 'closed' })
    this.#socket?.disconnect()
  }

  #prepare(options: LiveOptions): LiveSocket {
    const { url } = this.#parts
    const socket = options.io(url, {
      ...(options.path === undefined ? {} : { path: options.path }),
      autoConnect: false,
      forceNew: true,
      auth: (give) => void this.#handshake(options).then(give),
    })
    socket.on('connect', () => this.#setState({ status: 'open' }))
    socket.on('disconnect', () => {
      if (this.#state.status !== 'closed') this.#setState({ status: 'connecting' })
    })
    socket.on('connect_error', (error) => void this.#onRefused(socket, error))
    socket.onAny((name, payload) => this.#receive(name, payload))
    return socket
  }

  /** Never rejects: who cannot say who they are is told so by the server. */
  async #handshake({ sessions }: LiveOptions): Promise<Handshake> {
    const { apiKey } = this.#parts
    try {
      this.#token = apiKey === undefined ? await this.#parts.accessToken() : undefined
      for (const id of sessions ?? (await this.#parts.sessionIds())) this.#askWhere(id)
    } catch {
      // Then it is told of the sessions that are known, and asks again at the next handshake.
    }
    const after = Object.fromEntries([...this.#seen].slice(-MAX_SESSIONS))
    return {
      ...(sessions ? { sessions: [...sessions] } : {}),
      after,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(this.#token === undefined ? {} : { token: this.#token }),
    }
  }

  /** Without a place in its log nobody could tell later what was missed of a session. */
  #askWhere(sessionId: string): void {
    if (this.#seen.has(sessionId)) return
    this.#seen.set(sessionId, FROM_NOW)
    this.#asked.add(sessionId)
  }

  /** Socket.IO tries again by itself unless the server said why not. */
  async #onRefused(socket: LiveSocket, error: unknown): Promise<void> {
    if (this.#state.status === 'closed') return
    if (socket.active) {
      this.#setState({ status: 'connecting', error })
      return
    }
    const refused = this.#token
    const next = refused === undefined ? undefined : await this.#parts.accessToken(refused).catch(() => undefined)
    if (next === undefined || next === refused) this.#setState({ status: 'closed', error })
    else socket.connect()
  }

  #receive(name: string, payload: unknown): void {
    if (name === 'events.gap') this.#onGap(payload as EventsGap)
    else if (name === 'webhook.disabled') this.#tell(name, payload)
    else if (this.#isNew(name, payload as { sessionId: string; seq: number })) this.#tell(name, payload)
  }

  #isNew(name: string, { sessionId, seq }: { sessionId: string; seq: number }): boolean {
    const isLogged = !UNLOGGED_EVENTS.some((unlogged: EventName) => unlogged === name)
    const seen = this.#asked.has(sessionId) ? 0 : (this.#seen.get(sessionId) ?? 0)
    if (isLogged && seq <= seen) return false
    if (seq > seen || this.#asked.has(sessionId)) this.#seen.set(sessionId, Math.max(seq, seen))
    this.#answered(sessionId)
    return true
  }

  #onGap(gap: EventsGap): void {
    this.#seen.set(gap.sessionId, gap.nextSeq - 1)
    // The answer to the question where it stands: nothing was missed.
    if (!this.#answered(gap.sessionId)) this.#tell('events.gap', gap)
  }

  /** Whether it was asked where the session stands. */
  #answered(sessionId: string): boolean {
    if (!this.#asked.delete(sessionId)) return false
    if (this.#asked.size === 0) for (const listener of this.#settledListeners) guarded(listener)
    return true
  }

  #tell(name: string, payload: unknown): void {
    for (const listener of this.#listeners.get(name) ?? []) guarded(() => listener(payload as never))
  }

  #setState(state: LiveState): void {
    this.#state = state
    for (const listener of this.#stateListeners) guarded(() => listener(state))
  }
}

/** What a listener throws is nobody's here: the others are told all the same. */
function guarded(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
