import { TrunklineError } from '../errors/trunkline-error.js'
import type { CollectedKeys, Connection } from '../ports/connector.js'
import type { SessionRecord } from '../ports/session-store.js'
import { together } from '../records/request-parts.js'
import type { SendData, SendOptions } from '../types/content.js'
import type { Message, MessageRef } from '../types/message.js'
import type { DesiredState, HealthCheckResult, PairingCode, Qr, SessionStatus } from '../types/session.js'
import { assertNever } from '../util/assert-never.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { within } from '../util/sleep.js'
import { ArrivalOrder } from './arrival-order.js'
import { AutoDownloads } from './auto-downloads.js'
import { CallsUnderWay } from './calls-under-way.js'
import { ChatActions } from './chat-actions.js'
import type { CommandOptions, QueueState, ResultOf, SessionCommand } from './commands.js'
import { ContactOperations } from './contact-operations.js'
import { DisappearingChats } from './disappearing-chats.js'
import { GroupOperations } from './group-operations.js'
import { groupHandlers } from './groups.js'
import { HealthMonitor } from './health-monitor.js'
import { Identities } from './identities.js'
import { Inbox } from './inbox.js'
import { LabelOperations } from './label-operations.js'
import { Logout } from './logout.js'
import { MediaDownloads } from './media-downloads.js'
import { MessageActions } from './message-actions.js'
import { SessionMetrics } from './metrics.js'
import { askNewsletters } from './newsletters.js'
import { noticeHandlers } from './notices.js'
import { Outbox } from './outbox.js'
import { OwnDevices } from './own-devices.js'
import { Pairing } from './pairing.js'
import { ProfileOperations } from './profile-operations.js'
import { SessionPublisher } from './publisher.js'
import { type BatchOutcome, lacksJobs, QueueIntake } from './queue-intake.js'
import { QueuedFiles } from './queued-files.js'
import { Recipients } from './recipients.js'
import { References } from './references.js'
import { Repeats } from './repeats.js'
import { SendLimits } from './send-limits.js'
import { SendQueue } from './send-queue.js'
import { SentMessages } from './sent-messages.js'
import { ServerTime } from './server-time.js'
import type { SessionServices } from './services.js'
import { isRunning } from './session-machine.js'
import { SessionRuns } from './session-runs.js'
import { SessionState } from './session-state.js'
import { StatusReaders } from './status-readers.js'

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
  readonly #pairing: Pairing
  readonly #outbox: Outbox
  /** Where the store keeps jobs. */
  readonly #queue: { intake: QueueIntake; sending: SendQueue } | undefined
  readonly #actions: MessageActions
  readonly #chats: ChatActions
  readonly #downloads: MediaDownloads
  readonly #health: HealthMonitor
  readonly #groups: GroupOperations
  readonly #contacts: ContactOperations
  readonly #profile: ProfileOperations
  readonly #labels: LabelOperations
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
      this.#queue?.sending.heed(before, after),
    )
    this.metrics = new SessionMetrics(record.id, () => services.counted())
    const identities = new Identities(record.id, services.store.chats)
    const disappearing = new DisappearingChats(record.id, services.store.chats)
    const order = new ArrivalOrder()
    const serverTime = new ServerTime(services.clock)
    const shared = { state: this.state, services, publisher: this.publisher, metrics: this.metrics }
    const parts = { ...shared, identities, disappearing, order, serverTime }
    this.limits = new SendLimits(parts)
    this.#pairing = new Pairing(parts)
    const recipients = new Recipients(parts)
    const repeats = new Repeats(parts, recipients)
    const sendParts = { ...parts, recipients, repeats, references: new References(parts), turns: new KeyedMutex() }
    this.#outbox = new Outbox(sendParts, new StatusReaders(parts))
    const { jobs } = services.store
    const files = new QueuedFiles({ ...parts, jobs })
    this.#queue = jobs && {
      intake: new QueueIntake({ ...sendParts, jobs, files }),
      sending: new SendQueue({ ...parts, recipients, outbox: this.#outbox, jobs, files }),
    }
    this.#actions = new MessageActions(parts, this.#outbox)
    this.#downloads = new MediaDownloads(parts)
    this.#health = new HealthMonitor(parts)
    this.#groups = new GroupOperations(parts)
    this.#contacts = new ContactOperations(parts)
    this.#profile = new ProfileOperations(parts)
    const autoDownloads = new AutoDownloads(parts, this.#downloads)
    const inbox = new Inbox(parts, autoDownloads)
    const ownDevices = new OwnDevices(parts)
    this.#chats = new ChatActions(parts, { inbox, ownDevices, outbox: this.#outbox })
    this.#labels = new LabelOperations(parts, { inbox })
    const sent = new SentMessages(parts)
    const handlers = {
      ...this.#pairing.handlers,
      ...inbox.handlers,
      ...this.#outbox.handlers,
      ...ownDevices.handlers,
      ...this.#labels.handlers,
      ...noticeHandlers(parts),
      ...groupHandlers(parts),
      ...this.limits.handlers,
    }
    this.#runs = new SessionRuns({
      services,
      state: this.state,
      handlers,
      beforeConnect: ({ epoch }) => {
        order.begin(epoch)
        disappearing.forget()
        this.limits.begin()
      },
      beforeOpen: async ({ at, account }) => {
        serverTime.begin(at)
        // The own account is mentioned and quoted like anybody else, and nobody else tells its two addresses.
        if (account.lid) await inbox.learn([{ pn: account.jid, lid: account.lid }])
        // What is pending now is of an earlier connection.
        await this.#outbox.recover()
      },
      afterOpen: async (connection) => {
        await inbox.opened(connection)
        this.#queue?.sending.begin(connection)
      },
      getMessage: (asked) => sent.find(asked),
      afterConnection: async () => {
        this.#pairing.clear()
        this.limits.end()
        await this.#queue?.sending.end()
        await this.#outbox.connectionLost()
        autoDownloads.connectionLost()
        await this.#downloads.connectionLost()
      },
    })
    this.#logout = new Logout({ services, state: this.state, runs: this.#runs, pairing: this.#pairing })
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
      case 'react':
      case 'edit':
      case 'delete-message':
      case 'vote':
      case 'respond':
        return this.#actions.run(command, await this.#online(signal))
      case 'star':
      case 'remove-message':
        return this.#chats.mark(command, await this.#online(signal))
      case 'chat':
        return this.#chats.run(command, await this.#online(signal))
      case 'fetch-media':
        return this.fetchMedia(command.ref, signal)
      case 'collect-keys':
        return this.collectKeys()
      case 'groups':
        return this.#groups.execute(command.request, await this.#online(signal))
      case 'contacts':
        return this.#contacts.execute(command.request, await this.#online(signal))
      case 'newsletters':
        return askNewsletters(command.request, await this.#online(signal))
      case 'labels':
        return this.#labels.execute(command.request, await this.#online(signal))
      case 'profile':
        return this.#profile.execute(command.request, await this.#online(signal))
      default:
        return assertNever(command)
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
      }).finally(() => this.#connected && this.#queue?.sending.begin(this.#connected))
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
    await this.#queue?.sending.clear()
    await this.#outbox.recover()
  }

  async #tellDeleted(): Promise<void> {
    const payload = { reason: 'deleted' } as const
    await this.publisher.publish([{ name: 'session.deleted', at: this.state.timestamp(), payload }])
  }

  /** The QR to show now, if there is one. */
  get qr(): Qr | undefined {
    return this.#pairing.qr
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
    return this.#pairing.requestCode(phone, () => this.#runs.connection)
  }

  /**
   * Sends, or queues where that is asked for.
   *
   * @throws SESSION_NOT_CONNECTED · LEASE_HELD and what `Outbox.send` throws
   */
  async send(options: SendOptions): Promise<Message> {
    if (!this.#isToBeQueued(options)) return this.#outbox.send(options, await this.#online(options.signal))
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
    const waitingFor = this.#queue?.sending.waitingFor
    const told = await pacer?.report({ sessionId: this.id, settings: this.state.record.settings })
    // Whoever runs it next counts on.
    if (!this.#runs.isActive) pacer?.forget(this.id)
    return { ...(waitingFor ? { waitingFor } : {}), ...told }
  }

  /** How many messages wait to be sent; 0 while another node has the session. */
  async queuedCount(): Promise<number> {
    return this.#runs.isActive && this.#queue ? this.#queue.sending.count() : 0
  }

  async #enqueue(requests: readonly SendOptions[], connection?: Connection): Promise<BatchOutcome[]> {
    const { intake, sending } = this.#theQueue
    await this.#runs.refuseElsewhere()
    // Nobody knows yet whose messages they would be.
    if (!this.state.record.account) return this.#notConnected()
    const outcomes = await intake.take(requests, connection)
    sending.wake()
    return outcomes
  }

  #isToBeQueued({ queue, sendAt, expiresAt }: SendOptions): boolean {
    if (queue !== undefined) return queue
    if (sendAt !== undefined || expiresAt !== undefined) return true
    if (!this.state.record.settings.queueWhenOffline || !this.#queue) return false
    // What came while it was offline goes first.
    return !this.#connected || !this.#queue.sending.isEmpty
  }

  get #theQueue() {
    return this.#queue ?? lacksJobs()
  }

  /** Brings the file of a message into the store. @throws SESSION_NOT_CONNECTED · LEASE_HELD and what `MediaDownloads.fetch` throws */
  async fetchMedia(ref: MessageRef, signal?: AbortSignal): Promise<void> {
    return this.#downloads.fetch(ref, await this.#online(signal), signal)
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
    const check = () => this.#health.check(() => this.#runs.connection, options)
    return this.#runs.isActive ? check() : this.#command(() => this.#runs.asOwner(check))
  }

  /** The store stopped to answer, or answers again: the health of a running session is another one now. */
  async storeAnswers(answers: boolean): Promise<void> {
    if (isRunning(this.status)) await this.#health.storeAnswers(answers)
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
      await this.#queue?.sending.end()
      await this.#calls.none()
      await this.#outbox.answered()
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
    this.#pairing.clear()
    await this.state.transition('stop', { changes: this.state.desiring(desired) })
    await this.#runs.release()
  }
}
