import type { Client } from '@trunkline/client'
import { FrameBatch } from '../frame-batch.js'
import type { Session } from '../types.js'
import { changeSession, type SessionChange } from './session-changes.js'

/** All sessions as they are known now. */
export interface SessionsSnapshot {
  /** `loading` until the first answer. What was known stays when a later look fails. */
  state: 'loading' | 'ready' | 'failed'
  /** By id, in the order of the server. */
  sessions: readonly Session[]
  error?: unknown
}

const PAGE = 200

/**
 * What happened to a session after the list was read, and before the server has told a new connection where the session stands, is in no
 * event: the list is read again when that is told of all of them, and after this time where it is never told of some.
 */
const SETTLED_MS = 3_000

/**
 * The caller's sessions, read once and kept up by live events. Starts with its first subscriber, ends with the last, and tells of
 * changes once a frame.
 */
export class LiveSessions {
  readonly #client: Client
  readonly #listeners = new Set<() => void>()
  readonly #batch = new FrameBatch(() => this.#publish())
  #byId = new Map<string, Session>()
  #snapshot: SessionsSnapshot = { state: 'loading', sessions: [] }
  #error: unknown
  #state: SessionsSnapshot['state'] = 'loading'
  #stop: (() => void) | undefined
  #reading: AbortController | undefined
  /** What happened while the list is read: told again on top of it. */
  #meanwhile: (() => void)[] | undefined

  constructor(client: Client) {
    this.#client = client
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#start()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#end()
    }
  }

  readonly snapshot = (): SessionsSnapshot => this.#snapshot

  readonly one = (id: string): Session | undefined => this.#byId.get(id)

  /** Puts in what a call has answered, without waiting for its event; an event that was faster is not undone. */
  readonly put = (session: Session): void => {
    const known = this.#byId.get(session.id)
    if (known && known.updatedAt > session.updatedAt) return
    this.#byId.set(session.id, session)
    this.#batch.changed()
  }

  readonly remove = (id: string): void => {
    if (this.#byId.delete(id)) this.#batch.changed()
  }

  /** Reads the list anew. */
  readonly reload = (): void => {
    void this.#read()
  }

  #start(): void {
    const { events } = this.#client
    const offs = [
      events.on('session.status', (event) => this.#change(event.sessionId, { kind: 'status', event })),
      events.on('session.health', (event) => this.#change(event.sessionId, { kind: 'health', event })),
      events.on('message', (event) => this.#change(event.sessionId, { kind: 'received', event })),
      events.on('message-sent', (event) => this.#change(event.sessionId, { kind: 'sent', event })),
      events.on('session.created', ({ session }) => this.#apply(() => this.put(session))),
      events.on('session.deleted', ({ sessionId }) => this.#apply(() => this.remove(sessionId))),
      events.on('events.gap', () => this.reload()),
    ]
    const offSettled = events.onSettled(this.reload)
    let isOpen = events.state.status === 'open'
    let settled: ReturnType<typeof setTimeout> | undefined
    const offState = events.onState(({ status }) => {
      // Whatever was missed is told again by its number; sessions that came or went are only known by the list.
      if (status === 'open' && !isOpen) {
        this.reload()
        clearTimeout(settled)
        settled = setTimeout(this.reload, SETTLED_MS)
      }
      isOpen = status === 'open'
    })
    this.#stop = () => {
      clearTimeout(settled)
      for (const off of [...offs, offState, offSettled]) off()
    }
    void this.#read()
  }

  #end(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#reading?.abort()
    this.#batch.cancel()
  }

  async #read(): Promise<void> {
    this.#reading?.abort()
    const reading = new AbortController()
    this.#reading = reading
    this.#meanwhile = []
    try {
      const found = new Map<string, Session>()
      for await (const session of this.#client.sessions.list({ limit: PAGE }, { signal: reading.signal }))
        found.set(session.id, session)
      this.#byId = found
      this.#state = 'ready'
      this.#error = undefined
      for (const again of this.#meanwhile ?? []) again()
    } catch (error) {
      if (reading.signal.aborted) return
      this.#error = error
      if (this.#state === 'loading') this.#state = 'failed'
    }
    this.#meanwhile = undefined
    this.#batch.changed()
  }

  #change(sessionId: string, change: SessionChange): void {
    this.#apply(() => {
      const session = this.#byId.get(sessionId)
      if (!session) return
      const next = changeSession(session, change)
      if (next !== session) this.put(next)
    })
  }

  #apply(action: () => void): void {
    this.#meanwhile?.push(action)
    action()
  }

  #publish(): void {
    this.#snapshot = {
      state: this.#state,
      sessions: [...this.#byId.values()],
      ...(this.#error === undefined ? {} : { error: this.#error }),
    }
    for (const listener of this.#listeners) listener()
  }
}
