import { TrunklineError } from '../errors/trunkline-error.js'
import type { Connection, ConnectionClose, ConnectionEvent, ConnectOptions } from '../ports/connector.js'
import type { SessionRecord } from '../ports/session-store.js'
import { formatWebVersion, parseWebVersion } from '../records/web-version.js'
import { type Deferred, deferred } from '../util/deferred.js'
import { sleep } from '../util/sleep.js'
import { type AfterClose, afterClose, type CloseHistory, type Next, NO_HISTORY } from './after-close.js'
import { dispatch, type EventHandlers } from './event-dispatch.js'
import { type CloseVerdict, classifyClose } from './reconnect-policy.js'
import type { Ownership, SessionServices, VersionTurn } from './services.js'
import { isRunning } from './session-machine.js'
import type { SessionState } from './session-state.js'
import type { Tenure } from './tenure.js'

/** What a run does itself on events; the features of the session do the rest. */
type OwnEvents = 'credentials' | 'paired' | 'open' | 'account'

type OpenEvent = Extract<ConnectionEvent, { type: 'open' }>

export interface RunParts {
  services: SessionServices
  state: SessionState
  tenure: Tenure
  /** Asked for with the first connection. */
  features(): RunFeatures
}

/** What a session does with its connections. */
export interface RunFeatures {
  handlers: Omit<EventHandlers, OwnEvents>
  beforeConnect(ownership: Ownership): void
  /** Before anything else may be done with a connection that has opened. */
  beforeOpen(event: OpenEvent): Promise<void>
  afterOpen(connection: Connection): Promise<void>
  getMessage: ConnectOptions['getMessage']
  /** A connection has closed, and everything it said was handled. */
  afterConnection(): Promise<void>
}

export interface StartOptions {
  /** Somebody has asked for this very start. */
  asked: boolean
  /** The node that had the session gives it to this one. */
  granted?: boolean
}

const END: Next = { kind: 'end' }
/** These wait for a person: neither a restart of the process nor the end of another node is one. */
const WAITS_FOR_PERSON: readonly SessionRecord['status'][] = ['failed', 'banned', 'logged_out']

/** Whether a session is to be run by whichever node can. */
export function isWantedRunning({ desired, status, deletedAt }: SessionRecord): boolean {
  return desired === 'running' && !deletedAt && !WAITS_FOR_PERSON.includes(status)
}

/**
 * One run of a session, from a start to a stop or an end of its own: take the ownership, connect, wait for the close, decide. A
 * new connection is made only after the old one's `close`, so there is never a second socket on the account. While another
 * node has the session, the run stands by and does nothing but wait for its lease.
 */
export class SessionRun {
  readonly #parts: RunParts
  readonly #abort = new AbortController()
  readonly #begun = deferred<void>()
  #connection: Connection | undefined
  #history: CloseHistory
  #openedAt: number | undefined
  #version: VersionTurn | undefined
  #isLinked = false
  #isLoggedIn = false
  #standsBy = false
  /** Whether others may take it as well, so that it waits until it is this node's turn. */
  #isShared: boolean
  /** Whether somebody has asked for this very start, and not for a session that runs if it should. */
  #isAsked: boolean
  /** Of a session that other nodes have left to this one: settles when it has connected here, or that has failed. */
  #arrived: Deferred<void> | undefined
  /** The `statusSince` of the session when somebody asked for it while it was another node's. */
  #askedAt: string | undefined

  constructor(parts: RunParts, { asked, granted, before }: StartOptions & { before: CloseHistory }) {
    this.#parts = parts
    this.#isShared = !asked && !granted && parts.services.mayTake !== undefined
    this.#isAsked = asked
    if (granted) this.#arrived = deferred()
    this.#history = before
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  get history(): CloseHistory {
    return this.#history
  }

  get isLinked(): boolean {
    return this.#isLinked
  }

  get standsBy(): boolean {
    return this.#standsBy
  }

  /** While a session that other nodes have left to this one connects here: settles when it has, or that has failed. */
  get arrival(): Promise<void> | undefined {
    const isShared = this.#parts.services.mayTake !== undefined
    return isShared && !this.#standsBy ? this.#arrived?.promise : undefined
  }

  get isEnding(): boolean {
    return this.#abort.signal.aborted
  }

  /** Resolves when it is known, and stored, whether the session runs here. */
  get begun(): Promise<void> {
    return this.#begun.promise
  }

  /** Somebody asks for the session while it is another node's. It counts until that node reports another status. */
  ask({ statusSince }: SessionRecord): void {
    this.#askedAt = statusSince
  }

  /** Makes `live` end, with its connection closed. */
  end(): void {
    this.#abort.abort()
  }

  /** Forgets the closes that were: the next one is the first. */
  forget(): void {
    this.#history = NO_HISTORY
  }

  /** Lives until the session has come to an end, or is ended. */
  async live(): Promise<void> {
    const { signal } = this.#abort
    try {
      for (;;) {
        const next = await this.#attempt(signal)
        this.#begun.resolve()
        if (!this.#standsBy) this.#endArrival()
        if (next.kind === 'end' || !(await sleep(this.#parts.services.clock, next.afterMs, signal))) return
      }
    } finally {
      this.#begun.resolve()
      this.#endArrival()
    }
  }

  #endArrival(): void {
    this.#arrived?.resolve()
    this.#arrived = undefined
  }

  /** One connection, from taking the ownership to what follows its close. */
  async #attempt(signal: AbortSignal): Promise<Next> {
    const { services, state } = this.#parts
    if (this.#isShared) return this.#standBy(signal)
    let ownership: Ownership | undefined
    try {
      ownership = await this.#parts.tenure.take()
    } catch (cause) {
      if (TrunklineError.is(cause, 'SESSION_NOT_FOUND')) return END
      if (!isRunning(state.status)) await state.transition('start')
      return this.#conclude({ message: 'The store failed', cause }, undefined)
    }
    if (!ownership) return this.#standBy(signal)
    this.#standsBy = false
    if (!isRunning(state.status)) {
      if (!this.#isAsked && !this.#isWanted(ownership.record ?? state.record)) return END
      await state.transition('start', { changes: state.desiring('running') })
    }
    const asked = this.#isAsked
    this.#isAsked = false
    this.#begun.resolve()
    if (signal.aborted) return END
    this.#version = await this.#versionTurn(ownership, { asked, signal })
    try {
      if (!this.#version && !signal.aborted) return await this.#conclude({ message: 'The lease was lost' }, ownership)
      if (signal.aborted || !(await services.connectTurn(signal))) return END
      return await this.#conclude(await this.#connect(ownership, signal), ownership)
    } finally {
      this.#version?.end()
    }
  }

  /** `undefined` when the run ends, or the lease is lost, before it is this session's turn. */
  #versionTurn(
    { lost }: Ownership,
    { asked, signal }: { asked: boolean; signal: AbortSignal },
  ): Promise<VersionTurn | undefined> {
    const { services, state } = this.#parts
    const { device, settings } = state.record
    const last = parseWebVersion(device?.webVersion)
    const { proxyUrl } = settings
    const tell = ({ message, retryAt }: { message: string; retryAt: string }) => {
      const cause = { code: 'CLIENT_OUTDATED', message, retryAt } as const
      void state.transition('retryable-close', { cause })
    }
    const request = { sessionId: state.id, asked, tell, ...(last ? { last } : {}), ...(proxyUrl ? { proxyUrl } : {}) }
    return services.versions.turn(request, AbortSignal.any([signal, lost]))
  }

  #isWanted(record: SessionRecord): boolean {
    return isWantedRunning(record) || (record.desired === 'running' && record.statusSince === this.#askedAt)
  }

  /** Waits until the lease of another node is free; then somebody has to run the session, if it is still wanted. */
  async #standBy(signal: AbortSignal): Promise<Next> {
    const { services, state } = this.#parts
    this.#standsBy = true
    this.#arrived = deferred()
    this.#isShared = false
    this.#isAsked = false
    this.#begun.resolve()
    const isMine = await (services.mayTake ?? services.leaseFree)(state.id, signal)
    return isMine ? { kind: 'connect', afterMs: 0 } : END
  }

  /** Resolves when the connection has closed and everything it said was handled. */
  async #connect(ownership: Ownership, signal: AbortSignal): Promise<ConnectionClose> {
    const { services, state } = this.#parts
    const features = this.#parts.features()
    const { beforeConnect, afterConnection, getMessage } = features
    const handlers = this.#handlersOf(features)
    const closed = deferred<ConnectionClose>()
    beforeConnect(ownership)
    const connection = services.connector.connect({
      sessionId: state.id,
      auth: ownership.auth,
      settings: state.record.settings,
      ...(state.record.messagesOf ? { account: state.record.messagesOf } : {}),
      ...(this.#version?.version ? { version: this.#version.version } : {}),
      onEvent: async (event) => {
        // A refusal comes before either of them.
        if (event.type === 'open' || event.type === 'qr') this.#version?.accepted()
        if (event.type === 'close') return closed.resolve(event.close)
        const unsure = ownership.doubt()
        if (unsure) await certain(unsure, ownership)
        await dispatch(handlers, event, connection)
      },
      getMessage,
    })
    this.#openedAt = undefined
    this.#connection = connection
    const hangUp = () => void connection.close()
    const loseOwnership = () => void connection.close(ownership.lost.reason)
    signal.addEventListener('abort', hangUp)
    ownership.lost.addEventListener('abort', loseOwnership)
    if (ownership.lost.aborted) loseOwnership()
    try {
      return await closed.promise
    } finally {
      signal.removeEventListener('abort', hangUp)
      ownership.lost.removeEventListener('abort', loseOwnership)
      this.#connection = undefined
      await afterConnection()
    }
  }

  #handlersOf({ handlers, beforeOpen, afterOpen }: RunFeatures): EventHandlers {
    return {
      ...handlers,
      credentials: ({ linked, loggedIn }) => {
        this.#isLinked = linked
        this.#isLoggedIn = loggedIn
      },
      paired: (event) => this.#paired(event),
      open: async (event, connection) => {
        await beforeOpen(event)
        await this.#opened(event)
        await afterOpen(connection)
        this.#endArrival()
      },
      account: ({ account }) => this.#parts.state.patch({ account, messagesOf: account }),
    }
  }

  async #paired({ account, deviceId }: Extract<ConnectionEvent, { type: 'paired' }>): Promise<void> {
    const { state } = this.#parts
    this.#isLinked = true
    this.#isLoggedIn = false
    await state.transition('paired', {
      changes: { account, device: { id: deviceId, linkedAt: state.timestamp() } },
    })
  }

  async #opened({ account, deviceId }: OpenEvent): Promise<void> {
    const { services, state } = this.#parts
    this.#openedAt = services.clock.monotonic()
    this.#isLoggedIn = true
    const at = state.timestamp()
    await state.transition('open', {
      at,
      changes: {
        account,
        messagesOf: account,
        device: { ...state.record.device, id: deviceId, ...this.#announced() },
        attempts: { count: 0, lastAt: at },
        attemptsLog: state.attemptsLogWith({ at, outcome: 'open' }),
        lastConnectedAt: at,
        lastActivityAt: at,
        healthCheck: null,
      },
    })
  }

  /** What WhatsApp has let this session in with: after a restart it is announced at once. */
  #announced(): { webVersion?: string } {
    const version = this.#version?.version
    return version ? { webVersion: formatWebVersion(version) } : {}
  }

  /** Decides what a close means, while the session is still owned, and writes it down. */
  async #conclude(close: ConnectionClose, ownership: Ownership | undefined): Promise<Next> {
    const { services, state } = this.#parts
    const { status } = state
    const { webVersion: version } = this.#announced()
    const context = { linked: this.#isLinked, loggedIn: this.#isLoggedIn, ...(version ? { version } : {}) }
    // Who has opened the account meanwhile is the node that has taken it: there is nothing to fight about.
    if (ownership?.doubt() && classifyClose(close, context).action === 'replaced') ownership.refused()
    // Whatever a connection said at its end: to act on it is for the owner.
    const isLost = ownership?.lost.aborted === true
    const said = isLost ? { message: 'The lease was lost', cause: ownership.lost.reason } : close
    const verdict = classifyClose(said, context)
    // A logout that arrives while the session is being stopped is still a logout.
    if (this.isEnding && verdict.action !== 'logged-out') return END
    const now = services.clock.monotonic()
    const openMs = status === 'connected' && this.#openedAt !== undefined ? now - this.#openedAt : 0
    const newerVersion = verdict.action === 'outdated' && this.#version?.refused() === true
    const closed = { verdict, status, linked: this.#isLinked, newerVersion, openMs, now }
    const after = afterClose(closed, this.#history, services)
    this.#history = after.history
    if (after.archive) await this.#archive(ownership, verdict.message)
    if (verdict.action === 'logged-out') this.#isLinked = false
    await this.#write(verdict, after)
    // The store knew better: what follows is for the node that has the session now.
    if (!isLost && ownership?.lost.aborted) return { kind: 'connect', afterMs: 0 }
    return after.next
  }

  async #write({ code, message }: CloseVerdict, { event, changes, failed, next }: AfterClose): Promise<void> {
    const { services, state } = this.#parts
    // One time for the line of the attempt and the one of the error: by it readers know that they tell of the same.
    const at = state.timestamp()
    const attemptsLog = state.attemptsLogWith({ at, outcome: 'close', code, message })
    if (!event) return state.patch({ ...changes, attemptsLog })
    const isRetry = failed && next.kind === 'connect'
    const retryAt = isRetry ? new Date(services.clock.now() + next.afterMs).toISOString() : undefined
    const count = state.record.attempts.count + 1
    const attempts = retryAt ? { attempts: { count, lastAt: at, nextAt: retryAt } } : {}
    const cause = { code, message, ...(retryAt ? { retryAt } : {}) }
    await state.transition(event, { at, cause, changes: { ...changes, attemptsLog, ...attempts } })
  }

  async #archive(ownership: Ownership | undefined, reason: string): Promise<void> {
    if (!ownership) return
    const { services, state } = this.#parts
    const { epoch } = ownership
    await services.store.auth.archive(state.id, { epoch, reason, at: state.timestamp() }).catch((error: unknown) => {
      // The next login is refused with the same reason and archives them then.
      services.logger.error(
        { err: error, sessionId: state.id },
        'The credentials of an unlinked device could not be archived',
      )
    })
  }
}

/** What comes in stands still, and is not acknowledged, while another node may have the session. @throws LEASE_LOST when it has */
async function certain(unsure: Promise<void>, { lost }: Ownership): Promise<void> {
  await unsure
  lost.throwIfAborted()
}
