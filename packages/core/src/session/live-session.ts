import { TrunklineError } from '../errors/trunkline-error.js'
import type { CollectedKeys, Connection } from '../ports/connector.js'
import type { SessionRecord } from '../ports/session-store.js'
import { together } from '../records/request-parts.js'
import type { SendData, SendOptions } from '../types/content.js'
import type { Message, MessageRef } from '../types/message.js'
import type { DesiredState, HealthCheckResult, PairingCode, Qr, SessionStatus } from '../types/session.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { within } from '../util/sleep.js'
import { CallsUnderWay } from './calls-under-way.js'
import type { CommandOptions, QueueState, ResultOf, SessionCommand } from './commands.js'
import { Logout } from './logout.js'
import { SessionMetrics } from './metrics.js'
import { SessionPublisher } from './publisher.js'
import { type BatchOutcome, lacksJobs } from './queue-intake.js'
import { SendLimits } from './send-limits.js'
import type { SessionServices } from './services.js'
import { type OnlineCommand, SessionFeatures } from './session-features.js'
import { isRunning } from './session-machine.js'
import { SessionRuns } from './session-runs.js'
import { SessionState } from './session-state.js'

/** These decide whether the session runs, one after the other; others are asked of it while it does. */
const RULING: ReadonlySet<SessionCommand['kind']> = new Set<SessionCommand['kind']>([
  'start',
  'resume',
  'stop',
  'restart',
  'logout',
  'delete',
  'reset-attempts',
])
/** How long WhatsApp may take to answer what has begun when the session leaves this node. A process that ends has less time. */
const LAST_ANSWERS_MS = { handOver: 5_000, close: 2_000 }
/** How long a session that has just come from another node may take to connect before it is said that it is not connected. */
const ARRIVAL_MS = 10_000

/**
 * One session as this process knows it: takes commands, one after the other, and carries them out on its run. What only the
 * owner of a session may do is refused with LEASE_HELD while another node owns it.
 */
export class LiveSession {
  readonly state: SessionState
  readonly metrics: SessionMetrics
  readonly publisher: SessionPublisher
  /** What WhatsApp has told of its limits. */
  readonly limits: SendLimits
  readonly #services: SessionServices
  readonly #runs: SessionRuns
  /** What it does besides resting and waiting; sessions of other nodes do nothing else. */
  #made: SessionFeatures | undefined
  readonly #logout: Logout
  readonly #commands = new KeyedMutex()
  readonly #calls = new CallsUnderWay()
  #pending = 0
  /** Set by the last command there is: nothing may start the session here again. */
  #ended: TrunklineError | undefined

  constructor(record: SessionRecord, services: SessionServices) {
    this.#services = services
    this.publisher = new SessionPublisher(record.id, services, () => this.state.record.metadata)
    this.state = new SessionState(record, services, this.publisher, (before, after) =>
      this.#made?.queue?.sending.heed(before, after),
    )
    this.metrics = new SessionMetrics(record.id, () => services.counted())
    const shared = { state: this.state, services, publisher: this.publisher }
    this.limits = new SendLimits(shared)
    this.#runs = new SessionRuns({ ...shared, features: () => this.#features.run })
    const pairing = { clear: () => this.#made?.pairing.clear() }
    this.#logout = new Logout({ ...shared, runs: this.#runs, pairing })
  }

  get #features(): SessionFeatures {
    const { state, publisher, metrics, limits } = this
    this.#made ??= new SessionFeatures({ services: this.#services, state, publisher, metrics, limits })
    return this.#made
  }

  get id(): string {
    return this.state.id
  }

  get status(): SessionStatus {
    return this.state.status
  }

  /** Whether it rests, so that the store knows all there is to know about it. */
  get isIdle(): boolean {
    return this.#runs.isAtRest && this.#pending === 0 && !this.state.isTruth
  }

  /** Whether it runs here, and does not only wait for another node. */
  get isActive(): boolean {
    return this.#runs.isActive
  }

  /** Whether it comes from another node and has not connected here yet. */
  get isArriving(): boolean {
    return this.#runs.arrival !== undefined
  }

  /** Whether it does something for somebody. */
  get isBusy(): boolean {
    return this.#calls.isAny
  }

  get isDeleted(): boolean {
    return this.#ended?.code === 'SESSION_NOT_FOUND'
  }

  /** ISO 8601, of the last message in or out. */
  get lastActivityAt(): string | undefined {
    return this.metrics.pending.lastActivityAt ?? this.state.record.lastActivityAt
  }

  /** @throws LEASE_HELD, besides `start` and `resume`, and what the method of the command throws */
  async execute<Command extends SessionCommand>(command: Command, options: CommandOptions): Promise<ResultOf<Command>> {
    const work = () => this.#execute(command, options)
    const result = RULING.has(command.kind) ? work() : this.#calls.run(work, options.signal)
    return (await result) as ResultOf<Command>
  }

  async #execute(command: SessionCommand, { signal, file }: CommandOptions): Promise<unknown> {
    switch (command.kind) {
      case 'start':
        return this.start()
      case 'resume':
        return this.resume()
      case 'stop':
        return this.stop({ desired: 'stopped' })
      case 'restart':
        return this.restart()
      case 'logout':
        return this.logout(command.reason)
      case 'delete':
        return this.delete(command.reason, command)
      case 'reset-attempts':
        return this.resetAttempts()
      case 'health-check':
        return this.healthCheck(command)
      case 'qr':
        return this.readQr()
      case 'pairing-code':
        return this.requestPairingCode(command.phone)
      case 'send':
        return this.send({ ...together(command.message, file), ...(signal ? { signal } : {}) })
      case 'send-batch':
        return this.sendBatch(command.messages)
      case 'cancel-message':
        return this.cancelMessage(command.ref)
      case 'expire-message':
        return this.expireMessage(command.messageId)
      case 'clear-queue':
        return this.clearQueue()
      case 'queue-state':
        return this.queueState()
      case 'fetch-media':
        return this.fetchMedia(command.ref, signal)
      case 'collect-keys':
        return this.collectKeys()
      default:
        return this.#ask(command, signal)
    }
  }

  /**
   * Starts connecting, if it does not run already. Resolves when the start is stored, not when it is connected. While another
   * node runs the session, it is to run here as soon as that one gives it up.
   */
  start(): Promise<void> {
    return this.#command(async () => {
      const { standsBy } = await this.#runs.start({ asked: true })
      if (standsBy) await this.#wantRunning()
    })
  }

  /** As `start`, for a session that is to run unless somebody has stopped it meanwhile. `granted`: by the node that had it. */
  resume({ granted = false } = {}): Promise<void> {
    return this.#command(async () => void (await this.#runs.start({ asked: false, granted })))
  }

  /**
   * Disconnects, for the node that takes the session next; it stays wanted running. What has begun is answered before, and what is asked
   * meanwhile waits until `tell` has told the next one. `false` when it does not run here.
   */
  handOver(tell: () => Promise<void> = async () => {}): Promise<boolean> {
    return this.#calls.waitDuring(async () => {
      await this.#finish(LAST_ANSWERS_MS.handOver)
      const isGiven = await this.#command(async () => {
        if (!this.#runs.isActive) return false
        await this.#stop(this.state.record.desired)
        return true
      }).finally(() => this.#connected && this.#features.queue?.sending.begin(this.#connected))
      if (isGiven) await tell()
      return isGiven
    })
  }

  /** Disconnects and keeps the credentials. With `desired: 'running'` the session comes back when the process does. */
  stop(options: { desired: DesiredState }): Promise<void> {
    return this.#command(() => this.#stop(options.desired))
  }

  /** Stops for good, because the manager closes; the session comes back with the next process. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#ended) return
    await this.#command(async () => {
      await this.#finish(LAST_ANSWERS_MS.close)
      if (this.#runs.isActive || this.state.isTruth) await this.#stop(this.state.record.desired)
      else await this.#runs.end()
      this.#ended = new TrunklineError('MANAGER_CLOSED')
    }).catch((error: unknown) => {
      if (!this.#ended) throw error
    })
  }

  restart(): Promise<void> {
    return this.#command(async () => {
      await this.#runs.endAsOwner()
      if (isRunning(this.status)) await this.state.transition('stop')
      await this.#runs.start({ asked: true })
    })
  }

  /** Unlinks the device at WhatsApp when it is connected, and archives the credentials in any case. What is queued is canceled. */
  logout(reason: string): Promise<void> {
    return this.#command(() => this.#logout.run(reason, () => this.#endSending()))
  }

  /** Logs out, marks the record as deleted and says so; every later command is refused with SESSION_NOT_FOUND. */
  delete(reason: string, { quietly = false } = {}): Promise<void> {
    return this.#command(async () => {
      await this.#logout.run(reason, async () => {
        await this.#endSending()
        await this.state.change({ deletedAt: this.state.timestamp() })
      })
      this.#ended = new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId: this.id } })
      if (!quietly) await this.#tellDeleted()
    })
  }

  /** No account will send what waits, or hear what became of what was sent. */
  async #endSending(): Promise<void> {
    await this.#features.queue?.sending.clear()
    await this.#features.outbox.recover()
  }

  async #tellDeleted(): Promise<void> {
    const payload = { reason: 'deleted' } as const
    await this.publisher.publish([{ name: 'session.deleted', at: this.state.timestamp(), payload }])
  }

  /** The QR to show now, if there is one. */
  get qr(): Qr | undefined {
    return this.#made?.pairing.qr
  }

  /** @throws QR_NOT_AVAILABLE with the status of the session · LEASE_HELD */
  async readQr(): Promise<Qr> {
    if (this.qr) return this.qr
    await this.#runs.refuseElsewhere()
    throw new TrunklineError('QR_NOT_AVAILABLE', { details: { sessionId: this.id, status: this.status } })
  }

  /**
   * A code for linking by phone number; starts a stopped session.
   *
   * @throws SESSION_ALREADY_LINKED · PASSKEY_REQUIRED · PAIRING_CODE_FAILED · LEASE_HELD
   */
  async requestPairingCode(phone: string): Promise<PairingCode> {
    await this.#runs.refuseElsewhere()
    if (this.state.record.account)
      throw new TrunklineError('SESSION_ALREADY_LINKED', { details: { sessionId: this.id } })
    await this.start()
    return this.#features.pairing.requestCode(phone, () => this.#runs.connection)
  }

  /**
   * Sends, or queues where that is asked for.
   *
   * @throws SESSION_NOT_CONNECTED · LEASE_HELD and what `Outbox.send` throws
   */
  async send(options: SendOptions): Promise<Message> {
    if (!this.#isToBeQueued(options)) {
      const connection = await this.#online(options.signal)
      return this.#features.outbox.send(options, connection)
    }
    const [outcome] = await this.#enqueue([options], this.#connected)
    if (!outcome) throw new TrunklineError('INTERNAL')
    if ('error' in outcome) throw outcome.error
    return outcome.message
  }

  /** Queues many; each has an outcome of its own. Nobody is looked up. @throws LEASE_HELD · SESSION_NOT_CONNECTED · CONFIG_INVALID */
  sendBatch(messages: readonly SendData[]): Promise<BatchOutcome[]> {
    return this.#enqueue(messages.map((message) => together(message, undefined)))
  }

  /** @throws MESSAGE_NOT_FOUND · MESSAGE_NOT_CHANGEABLE · LEASE_HELD · CONFIG_INVALID */
  async cancelMessage(ref: MessageRef): Promise<Message> {
    await this.#runs.refuseElsewhere()
    return this.#theQueue.sending.cancel(ref)
  }

  /** Its time has passed: it is `expired`, if it is queued still. @throws LEASE_HELD · CONFIG_INVALID */
  async expireMessage(messageId: string): Promise<void> {
    await this.#runs.refuseElsewhere()
    await this.#theQueue.sending.expire(messageId)
  }

  /** Cancels all that is queued; answers how many that were. @throws LEASE_HELD · CONFIG_INVALID */
  async clearQueue(): Promise<number> {
    await this.#runs.refuseElsewhere()
    return this.#theQueue.sending.clear()
  }

  /** What the queue waits for, and what was sent of late. @throws LEASE_HELD */
  async queueState(): Promise<QueueState> {
    await this.#runs.refuseElsewhere()
    const { pacer } = this.#services
    const waitingFor = this.#made?.queue?.sending.waitingFor
    const told = await pacer?.report({ sessionId: this.id, settings: this.state.record.settings })
    // Whoever runs it next counts on.
    if (!this.#runs.isActive) pacer?.forget(this.id)
    return { ...(waitingFor ? { waitingFor } : {}), ...told }
  }

  /** How many messages wait to be sent; 0 while another node has the session. */
  async queuedCount(): Promise<number> {
    return this.#runs.isActive ? (this.#features.queue?.sending.count() ?? 0) : 0
  }

  async #enqueue(requests: readonly SendOptions[], connection?: Connection): Promise<BatchOutcome[]> {
    await this.#runs.refuseElsewhere()
    const { intake, sending } = this.#theQueue
    // Nobody knows yet whose messages they would be.
    if (!this.state.record.account) return this.#notConnected()
    const outcomes = await intake.take(requests, connection)
    sending.wake()
    return outcomes
  }

  #isToBeQueued({ queue, sendAt, expiresAt }: SendOptions): boolean {
    if (queue !== undefined) return queue
    if (sendAt !== undefined || expiresAt !== undefined) return true
    if (!this.state.record.settings.queueWhenOffline || !this.#services.store.jobs) return false
    // What came while it was offline goes first.
    return !this.#connected || this.#features.queue?.sending.isEmpty === false
  }

  get #theQueue() {
    return this.#features.queue ?? lacksJobs()
  }

  /** Brings the file of a message into the store. @throws SESSION_NOT_CONNECTED · LEASE_HELD and what `MediaDownloads.fetch` throws */
  async fetchMedia(ref: MessageRef, signal?: AbortSignal): Promise<void> {
    const connection = await this.#online(signal)
    return this.#features.downloads.fetch(ref, connection, signal)
  }

  /** Removes keys that nothing can need again. @throws SESSION_NOT_CONNECTED · LEASE_HELD */
  async collectKeys(): Promise<CollectedKeys> {
    return (await this.#online()).collectKeys()
  }

  /**
   * Asks WhatsApp for a sign of life. A connection that is open but deaf is closed, so that the session connects again.
   *
   * @throws LEASE_HELD
   */
  healthCheck(options: { timeoutMs?: number } = {}): Promise<HealthCheckResult> {
    const check = () => this.#features.health.check(() => this.#runs.connection, options)
    return this.#runs.isActive ? check() : this.#command(() => this.#runs.asOwner(check))
  }

  /** The store stopped to answer, or answers again: the health of a running session is another one now. */
  async storeAnswers(answers: boolean): Promise<void> {
    if (isRunning(this.status)) await this.#features.health.storeAnswers(answers)
  }

  /** Tries at once instead of waiting for the end of the back-off, and counts from zero. @throws LEASE_HELD */
  resetAttempts(): Promise<void> {
    return this.#command(async () => {
      await this.#runs.asOwner(() => this.state.patch({ attempts: { count: 0 } }))
      await this.#runs.hurry()
    })
  }

  get #connected(): Connection | undefined {
    return this.status === 'connected' ? this.#runs.connection : undefined
  }

  /** Nothing is sent any more but for what has begun; resolves when that is answered, or its time is over. */
  async #finish(patienceMs: number): Promise<void> {
    if (!this.#connected) return
    const finished = async () => {
      await this.#features.queue?.sending.end()
      await this.#calls.none()
      await this.#features.outbox.answered()
    }
    await within(this.#services.clock, patienceMs, finished())
  }

  /** A session that has just come from another node is waited for: it was connected there. @throws SESSION_NOT_CONNECTED · LEASE_HELD */
  async #online(signal?: AbortSignal): Promise<Connection> {
    const { arrival } = this.#runs
    if (!this.#connected && arrival) await within(this.#services.clock, ARRIVAL_MS, arrival, signal)
    return this.#connected ?? this.#notConnected()
  }

  /** Whether nobody has it for a moment, of nodes that share sessions, or it is about to come here. */
  get #isOnItsWay(): boolean {
    return this.#services.mayTake !== undefined && (this.#runs.standsBy || this.#pending > 0)
  }

  async #notConnected(): Promise<never> {
    const wasOnItsWay = this.#isOnItsWay
    await this.#runs.refuseElsewhere()
    if (wasOnItsWay || this.#isOnItsWay) {
      const message = 'The session is on its way from one node to the next'
      throw new TrunklineError('LEASE_HELD', { message, details: { sessionId: this.id } })
    }
    throw new TrunklineError('SESSION_NOT_CONNECTED', { details: { sessionId: this.id, status: this.status } })
  }

  /** What another node's session is asked here makes nothing of it: it is refused before. */
  async #ask(command: OnlineCommand, signal: AbortSignal | undefined): Promise<unknown> {
    const connection = await this.#online(signal)
    return this.#features.ask(command, connection)
  }

  async #command<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#pending += 1
    try {
      return await this.#commands.run('', async () => {
        if (this.#ended) throw this.#ended
        return work()
      })
    } finally {
      this.#pending -= 1
    }
  }

  /** For the node that runs the session, and for whoever runs it next. */
  async #wantRunning(): Promise<void> {
    const { sessions } = this.#services.store
    const stored = await sessions.get(this.id)
    if (stored) this.#runs.ask(stored)
    if (stored?.desired === 'stopped')
      await sessions.update(this.id, { desired: 'running', updatedAt: this.state.timestamp() })
  }

  async #stop(desired: DesiredState): Promise<void> {
    await this.#runs.endAsOwner()
    this.#made?.pairing.clear()
    await this.state.transition('stop', { changes: this.state.desiring(desired) })
    await this.#runs.release()
  }
}
