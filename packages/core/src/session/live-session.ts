import { TrunklineError } from '../errors/trunkline-error.js'
import type { CollectedKeys, Connection, ConnectionClose, ConnectionEvent } from '../ports/connector.js'
import type { SessionRecord } from '../ports/session-store.js'
import type { Message, SendOptions } from '../types/message.js'
import type { HealthCheckResult, PairingCode, Qr, SessionStatus } from '../types/session.js'
import { assertNever } from '../util/assert-never.js'
import { fullJitter } from '../util/backoff.js'
import { deferred } from '../util/deferred.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { sleep } from '../util/sleep.js'
import { ArrivalOrder } from './arrival-order.js'
import { dispatch, type EventHandlers } from './event-dispatch.js'
import { HealthMonitor } from './health-monitor.js'
import { Identities } from './identities.js'
import { Inbox } from './inbox.js'
import { SessionMetrics } from './metrics.js'
import { noticeHandlers } from './notices.js'
import { Outbox } from './outbox.js'
import { Pairing } from './pairing.js'
import { SessionPublisher } from './publisher.js'
import { type CloseVerdict, classifyClose } from './reconnect-policy.js'
import { SentMessages } from './sent-messages.js'
import { ServerTime } from './server-time.js'
import type { Ownership, SessionServices } from './services.js'
import { isRunning } from './session-machine.js'
import { SessionState } from './session-state.js'

/** A restart that WhatsApp asks for is at once; more than this many in a row are treated as failures. */
const MAX_RESTARTS_IN_A_ROW = 3
/** How long `logout` waits for the connection to end after WhatsApp was told. */
const LOGOUT_TIMEOUT_MS = 5_000

/** What follows a closed connection. */
type Next = { kind: 'end' } | { kind: 'connect'; afterMs: number }

interface Run {
  abort: AbortController
  finished: Promise<void>
}

/**
 * One session that this process runs. Its life is one loop: take the ownership, connect, wait for the close, decide. A new
 * connection is made only after the old one's `close`, so there is never a second socket on the account.
 */
export class LiveSession {
  readonly state: SessionState
  readonly metrics: SessionMetrics
  readonly publisher: SessionPublisher
  readonly #services: SessionServices
  readonly #pairing: Pairing
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #sent: SentMessages
  readonly #health: HealthMonitor
  readonly #handlers: EventHandlers
  readonly #order = new ArrivalOrder()
  readonly #serverTime: ServerTime
  readonly #commands = new KeyedMutex()
  #run: Run | undefined
  #connection: Connection | undefined
  #linked = false
  #loggedIn = false
  #failuresInARow = 0
  #restartsInARow = 0
  #openedAt = 0
  #replacedAt = Number.NEGATIVE_INFINITY
  /** Set by the last command there is: nothing may start the session here again. */
  #ended: TrunklineError | undefined

  constructor(record: SessionRecord, services: SessionServices) {
    this.#services = services
    this.publisher = new SessionPublisher(record.id, services)
    this.state = new SessionState(record, services, this.publisher)
    this.metrics = new SessionMetrics(record.id, () => services.counted())
    const identities = new Identities(record.id, services.store.chats)
    this.#serverTime = new ServerTime(services.clock)
    const parts = {
      state: this.state,
      services,
      publisher: this.publisher,
      identities,
      metrics: this.metrics,
      order: this.#order,
      serverTime: this.#serverTime,
    }
    this.#pairing = new Pairing(parts)
    this.#inbox = new Inbox(parts)
    this.#outbox = new Outbox(parts)
    this.#sent = new SentMessages(parts)
    this.#health = new HealthMonitor(parts)
    this.#handlers = {
      ...this.#pairing.handlers,
      ...this.#inbox.handlers,
      ...this.#outbox.handlers,
      ...noticeHandlers(parts),
      credentials: ({ linked, loggedIn }) => {
        this.#linked = linked
        this.#loggedIn = loggedIn
      },
      paired: (event) => this.#paired(event),
      open: async (event, connection) => {
        await this.#opened(event)
        await this.#inbox.opened(connection)
      },
      account: ({ account }) => this.state.patch({ account }),
    }
  }

  get id(): string {
    return this.state.id
  }

  get status(): SessionStatus {
    return this.state.status
  }

  /** ISO 8601, of the last message in or out. */
  get lastActivityAt(): string | undefined {
    return this.metrics.pending.lastActivityAt ?? this.state.record.lastActivityAt
  }

  get qr(): Qr | undefined {
    return this.#pairing.qr
  }

  /** Starts connecting, if it is not running already. Resolves when the start is stored, not when it is connected. */
  start(): Promise<void> {
    return this.#command(() => this.#start())
  }

  /** Disconnects and keeps the credentials. With `desired: 'running'` the session comes back when the process does. */
  stop(options: { desired: 'running' | 'stopped' }): Promise<void> {
    return this.#command(() => this.#stop(options.desired))
  }

  /** Stops for good, because the manager closes; the session comes back with the next process. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#ended) return
    await this.#command(async () => {
      await this.#stop(this.state.record.desired)
      this.#ended = new TrunklineError('MANAGER_CLOSED')
    }).catch((error: unknown) => {
      if (!this.#ended) throw error
    })
  }

  restart(): Promise<void> {
    return this.#command(async () => {
      await this.#endRun()
      if (isRunning(this.status)) await this.state.transition('stop')
      await this.#start()
    })
  }

  /** Unlinks the device at WhatsApp when it is connected, and archives the credentials in any case. */
  logout(reason: string): Promise<void> {
    return this.#command(() => this.#logout(reason))
  }

  /** Logs out and marks the record as deleted; every later command is refused with SESSION_NOT_FOUND. */
  delete(reason: string): Promise<void> {
    return this.#command(async () => {
      await this.#logout(reason)
      await this.state.change({ deletedAt: this.state.timestamp() })
      this.#ended = new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId: this.id } })
    })
  }

  /**
   * A code for linking by phone number; starts a stopped session.
   *
   * @throws SESSION_ALREADY_LINKED · PASSKEY_REQUIRED · PAIRING_CODE_FAILED
   */
  async requestPairingCode(phone: string): Promise<PairingCode> {
    if (this.state.record.account)
      throw new TrunklineError('SESSION_ALREADY_LINKED', { details: { sessionId: this.id } })
    await this.start()
    return this.#pairing.requestCode(phone, () => this.#connection)
  }

  /** @throws SESSION_NOT_CONNECTED and what `Outbox.send` throws */
  async send(options: SendOptions): Promise<Message> {
    return this.#outbox.send(options, this.#openConnection())
  }

  /**
   * Asks WhatsApp for a sign of life. A connection that is open but deaf is closed, so that the session connects again.
   */
  healthCheck(options: { timeoutMs?: number } = {}): Promise<HealthCheckResult> {
    return this.#health.check(() => this.#connection, options)
  }

  /** Removes keys that nothing can need again. @throws SESSION_NOT_CONNECTED */
  async collectKeys(): Promise<CollectedKeys> {
    return this.#openConnection().collectKeys()
  }

  /** The store stopped to answer, or answers again: the health of a running session is another one now. */
  async storeAnswers(answers: boolean): Promise<void> {
    if (isRunning(this.status)) await this.#health.storeAnswers(answers)
  }

  /** Tries at once instead of waiting for the end of the back-off, and counts from zero. */
  resetAttempts(): Promise<void> {
    return this.#command(async () => {
      this.#failuresInARow = 0
      this.#replacedAt = Number.NEGATIVE_INFINITY
      await this.state.patch({ attempts: { count: 0 } })
      if (this.status !== 'reconnecting') return
      await this.#endRun()
      // Its end may have been a logout, and in the last moment it may have opened.
      if (await this.state.transition('retryable-close')) this.#launch()
    })
  }

  #openConnection(): Connection {
    const connection = this.#connection
    if (this.status === 'connected' && connection) return connection
    throw new TrunklineError('SESSION_NOT_CONNECTED', { details: { sessionId: this.id, status: this.status } })
  }

  #command<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#commands.run('', async () => {
      if (this.#ended) throw this.#ended
      return work()
    })
  }

  async #stop(desired: SessionRecord['desired']): Promise<void> {
    await this.#endRun()
    this.#pairing.clear()
    await this.state.transition('stop', { changes: { desired } })
  }

  async #logout(reason: string): Promise<void> {
    await this.#unlink()
    await this.#endRun()
    this.#pairing.clear()
    try {
      await this.#archive(reason)
    } catch (error) {
      // It has no connection any more, whatever its credentials are.
      if (isRunning(this.status)) await this.state.transition('stop')
      throw error
    }
    await this.state.transition('logged-out', { changes: { desired: 'stopped', account: null, device: null } })
  }

  async #start(): Promise<void> {
    if (this.#run && isRunning(this.status)) return
    // A run that has come to its end, but is still telling so.
    await this.#run?.finished
    await this.state.transition('start', { changes: { desired: 'running' } })
    this.#failuresInARow = 0
    this.#restartsInARow = 0
    this.#launch()
  }

  #launch(): void {
    const abort = new AbortController()
    const run: Run = { abort, finished: Promise.resolve() }
    this.#run = run
    run.finished = this.#loop(abort.signal)
      .catch((error: unknown) => {
        this.#services.logger.error({ err: error, sessionId: this.id }, 'The session loop failed')
        return this.state
          .transition('failed', { cause: { code: 'INTERNAL', message: 'The session loop failed' } })
          .then(() => undefined)
      })
      .finally(() => {
        if (this.#run === run) this.#run = undefined
      })
  }

  async #endRun(): Promise<void> {
    const run = this.#run
    run?.abort.abort()
    await run?.finished
  }

  async #loop(signal: AbortSignal): Promise<void> {
    while (await this.#services.connectTurn(signal)) {
      const next = await this.#connectOnce(signal)
      if (next.kind === 'end' || !(await sleep(this.#services.clock, next.afterMs, signal))) return
    }
  }

  /** One connection, from taking the ownership to what follows its close. */
  async #connectOnce(signal: AbortSignal): Promise<Next> {
    const owned = await this.#own()
    if ('close' in owned) return this.#afterClose(owned.close, undefined, signal)
    const { ownership } = owned
    try {
      const close = signal.aborted ? { message: 'stopped' } : await this.#connected(ownership, signal)
      return await this.#afterClose(close, ownership, signal)
    } finally {
      await ownership.release()
    }
  }

  async #own(): Promise<{ ownership: Ownership } | { close: ConnectionClose }> {
    try {
      const ownership = await this.#services.acquire(this.id)
      if (ownership) return { ownership }
      const cause = new TrunklineError('LEASE_HELD', { details: { sessionId: this.id } })
      return { close: { message: cause.message, cause } }
    } catch (cause) {
      return { close: { message: 'The store failed', cause } }
    }
  }

  /** Resolves when the connection has closed and everything it said was handled. */
  async #connected(ownership: Ownership, signal: AbortSignal): Promise<ConnectionClose> {
    const closed = deferred<ConnectionClose>()
    this.#order.begin(ownership.auth.epoch)
    const connection = this.#services.connector.connect({
      sessionId: this.id,
      auth: ownership.auth,
      settings: this.state.record.settings,
      onEvent: async (event) => {
        if (event.type === 'close') closed.resolve(event.close)
        else await dispatch(this.#handlers, event, connection)
      },
      getMessage: (asked) => this.#sent.find(asked),
    })
    this.#connection = connection
    const hangUp = () => void connection.close()
    const loseOwnership = () =>
      void connection.close(new TrunklineError('LEASE_LOST', { details: { sessionId: this.id } }))
    signal.addEventListener('abort', hangUp)
    ownership.lost.addEventListener('abort', loseOwnership)
    if (ownership.lost.aborted) loseOwnership()
    try {
      return await closed.promise
    } finally {
      signal.removeEventListener('abort', hangUp)
      ownership.lost.removeEventListener('abort', loseOwnership)
      this.#connection = undefined
      this.#pairing.clear()
      await this.#outbox.connectionLost()
    }
  }

  async #paired({ account, deviceId }: Extract<ConnectionEvent, { type: 'paired' }>): Promise<void> {
    this.#linked = true
    this.#loggedIn = false
    await this.state.transition('paired', {
      changes: { account, device: { id: deviceId, linkedAt: this.state.timestamp() } },
    })
  }

  async #opened({ account, deviceId, at: serverTime }: Extract<ConnectionEvent, { type: 'open' }>): Promise<void> {
    this.#serverTime.begin(serverTime)
    // Before anything can be sent: what is pending now is of an earlier connection.
    await this.#outbox.recover()
    this.#openedAt = this.#services.clock.monotonic()
    this.#loggedIn = true
    const at = this.state.timestamp()
    await this.state.transition('open', {
      changes: {
        account,
        device: { ...this.state.record.device, id: deviceId },
        attempts: { count: 0, lastAt: at },
        attemptsLog: this.state.attemptsLogWith({ outcome: 'open' }),
        lastConnectedAt: at,
        lastActivityAt: at,
        healthCheck: null,
      },
    })
  }

  /** Decides what a close means, while the session is still owned, and writes it down. */
  async #afterClose(close: ConnectionClose, ownership: Ownership | undefined, signal: AbortSignal): Promise<Next> {
    const wasOpen = this.status === 'connected'
    if (wasOpen && this.#services.clock.monotonic() - this.#openedAt > this.#services.timings.stableAfterMs) {
      this.#failuresInARow = 0
      this.#restartsInARow = 0
    }
    const verdict = classifyClose(close, { linked: this.#linked, loggedIn: this.#loggedIn })
    // A logout that arrives while the session is being stopped is still a logout.
    if (signal.aborted && verdict.action !== 'logged-out') return { kind: 'end' }
    const attemptsLog = this.state.attemptsLogWith({ outcome: 'close', code: verdict.code, message: verdict.message })
    return this.#act(verdict, attemptsLog, ownership)
  }

  async #act(
    verdict: CloseVerdict,
    attemptsLog: SessionRecord['attemptsLog'],
    ownership: Ownership | undefined,
  ): Promise<Next> {
    const { timings } = this.#services
    const end: Next = { kind: 'end' }
    const cause = { code: verdict.code, message: verdict.message }
    switch (verdict.action) {
      case 'restart':
        this.#restartsInARow += 1
        if (this.#restartsInARow > MAX_RESTARTS_IN_A_ROW) return this.#retry(cause, attemptsLog)
        // After a link WhatsApp always asks for this: the session goes on connecting.
        if (this.status === 'connecting') await this.state.patch({ attemptsLog })
        else await this.state.transition('retryable-close', { cause, changes: { attemptsLog } })
        return { kind: 'connect', afterMs: 0 }
      case 'pair-again':
        if (this.#linked) {
          await this.#archiveLoggedOut(ownership, verdict.message)
          await this.state.patch({ account: null, device: null })
        }
        return this.#retry(cause, attemptsLog)
      case 'retry':
        return this.#retry(cause, attemptsLog)
      case 'replaced': {
        const now = this.#services.clock.monotonic()
        const again = now - this.#replacedAt < timings.replacedWindowMs
        this.#replacedAt = now
        if (!again)
          return this.#retry(cause, attemptsLog, timings.replacedRetryMs * (0.75 + this.#services.random() / 2))
        await this.state.transition('failed', { cause, changes: { attemptsLog } })
        return end
      }
      case 'logged-out':
        await this.#archiveLoggedOut(ownership, verdict.message)
        this.#linked = false
        await this.state.transition('logged-out', {
          cause,
          changes: { attemptsLog, desired: 'stopped', account: null, device: null },
        })
        return end
      case 'qr-expired': {
        const changes = { attemptsLog, desired: 'stopped' as const }
        // A connection that was open showed no QR: then this is the end of that connection and no more.
        return (await this.state.transition('qr-expired', { cause, changes })) ? end : this.#retry(cause, attemptsLog)
      }
      case 'banned':
      case 'failed':
        await this.state.transition(verdict.action, { cause, changes: { attemptsLog } })
        return end
      default:
        return assertNever(verdict)
    }
  }

  async #retry(
    cause: { code: CloseVerdict['code']; message: string },
    attemptsLog: SessionRecord['attemptsLog'],
    delayMs?: number,
  ): Promise<Next> {
    const { timings, random, clock } = this.#services
    this.#failuresInARow += 1
    const afterMs =
      delayMs ??
      fullJitter(this.#failuresInARow, { baseMs: timings.reconnectBaseMs, maxMs: timings.reconnectMaxMs, random })
    const retryAt = new Date(clock.now() + afterMs).toISOString()
    const count = this.state.record.attempts.count + 1
    await this.state.transition('retryable-close', {
      cause: { ...cause, retryAt },
      changes: { attemptsLog, attempts: { count, lastAt: this.state.timestamp(), nextAt: retryAt } },
    })
    return { kind: 'connect', afterMs }
  }

  async #unlink(): Promise<void> {
    const connection = this.#connection
    if (!connection || !this.#linked) return
    const timeout = new AbortController()
    await Promise.race([
      connection.logout().catch((error: unknown) => {
        this.#services.logger.warn({ err: error, sessionId: this.id }, 'WhatsApp could not be told of the logout')
      }),
      sleep(this.#services.clock, LOGOUT_TIMEOUT_MS, timeout.signal),
    ])
    timeout.abort()
  }

  /** Archives the credentials of a session that is not running. */
  async #archive(reason: string): Promise<void> {
    const ownership = await this.#services.acquire(this.id)
    if (!ownership) throw new TrunklineError('LEASE_HELD', { details: { sessionId: this.id } })
    try {
      await this.#archiveWith(ownership, reason)
      this.#linked = false
    } finally {
      await ownership.release()
    }
  }

  async #archiveLoggedOut(ownership: Ownership | undefined, reason: string): Promise<void> {
    if (!ownership) return
    await this.#archiveWith(ownership, reason).catch((error: unknown) => {
      // The next login is refused with the same reason and archives them then.
      this.#services.logger.error(
        { err: error, sessionId: this.id },
        'The credentials of an unlinked device could not be archived',
      )
    })
  }

  async #archiveWith({ auth: { epoch } }: Ownership, reason: string): Promise<void> {
    await this.#services.store.auth.archive(this.id, { epoch, reason, at: this.state.timestamp() })
  }
}
