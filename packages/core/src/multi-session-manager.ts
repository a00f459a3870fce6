import { pino } from 'pino'
import type { AreaParts } from './areas/area.js'
import { Nodes } from './areas/nodes.js'
import { SessionHandle } from './areas/session-handle.js'
import { nodeDesk } from './cluster/hand-over.js'
import { type Cluster, composeCluster } from './compose/compose-cluster.js'
import { composeServices, hardenProcess } from './compose/compose-services.js'
import { composeWebhooks, lacksWebhooks } from './compose/compose-webhooks.js'
import { toStoreError } from './errors/store-error.js'
import { TrunklineError } from './errors/trunkline-error.js'
import { checkManagerOptions } from './manager/check-options.js'
import { EventHub, type EventScope } from './manager/event-hub.js'
import { everySession } from './manager/every-session.js'
import { ExpiryWatch } from './manager/expiry-watch.js'
import { Installation } from './manager/installation.js'
import { KeyCollection } from './manager/key-collection.js'
import type { LeaseKeeper } from './manager/lease-keeper.js'
import { LiveSessions } from './manager/live-sessions.js'
import { Maintenance } from './manager/maintenance.js'
import { maintenanceSettings } from './manager/maintenance-settings.js'
import { MaintenanceSteps } from './manager/maintenance-steps.js'
import { MessageReader } from './manager/message-reader.js'
import { Monitoring } from './manager/monitoring.js'
import { newSessionRecord } from './manager/new-session-record.js'
import { DEFAULT_MAINTENANCE, type ManagerOptions } from './manager/options.js'
import { checkProxy, proxyGuardOf } from './manager/proxy-guard.js'
import { QueueReader } from './manager/queue-reader.js'
import { Retention, type RetentionLimits, retentionLimits } from './manager/retention.js'
import { SessionCreation } from './manager/session-creation.js'
import { SessionRecords } from './manager/session-records.js'
import { SessionRemoval } from './manager/session-removal.js'
import { SessionRequests } from './manager/session-requests.js'
import { SessionRouter } from './manager/session-router.js'
import { mergeSettings } from './manager/session-settings.js'
import { type ListSessionsOptions, SessionViews } from './manager/session-views.js'
import { StoreWatch } from './manager/store-watch.js'
import { urlGuardOf } from './manager/url-guard.js'
import {
  checkCreate,
  checkEventQuery,
  checkHealthCheck,
  checkIds,
  checkLimit,
  checkList,
  checkMaintenance,
  checkPairing,
  checkScope,
  checkSessionId,
  checkStep,
  checkTraffic,
  checkUpdate,
} from './manager/validation.js'
import type { WebVersions } from './manager/web-versions.js'
import { createMemoryStore } from './memory/memory-store.js'
import { AccountPacer, type RestrictionKeeper } from './pacing/account-pacer.js'
import type { Clock } from './ports/clock.js'
import type { Logger } from './ports/logger.js'
import type { MessageQuery } from './ports/message-store.js'
import type { EndingCommand, SessionRecord } from './ports/session-store.js'
import type { Store } from './ports/store.js'
import { type ConsumeOptions, type Consumer, Consumers, checkConsume, type EventHandler } from './readers/consumers.js'
import { LogReaders } from './readers/log-readers.js'
import { parseWebVersion } from './records/web-version.js'
import type { SessionCommand } from './session/commands.js'
import { lacksJobs } from './session/queue-intake.js'
import { isWantedRunning } from './session/session-run.js'
import type { Chat } from './types/chat.js'
import type { SendOptions } from './types/content.js'
import type { EventName, EventOf, LoggedEvent } from './types/events.js'
import type { ChatKind } from './types/jid.js'
import {
  type HealthReport,
  MAINTENANCE_STEPS,
  type MaintenanceChanges,
  type MaintenanceStep,
  type MaintenanceStepName,
  type UpdateMaintenanceOptions,
} from './types/maintenance.js'
import type { Message, MessageRef, RawMessage } from './types/message.js'
import type { Page, PageOptions } from './types/page.js'
import type { QueueLength } from './types/queue.js'
import type {
  CreateSessionOptions,
  HealthCheckResult,
  PairingCode,
  Qr,
  Session,
  SessionDetails,
  SessionStats,
  SessionStatus,
  UpdateSessionOptions,
} from './types/session.js'
import type { TrafficHour, TrafficOptions } from './types/traffic.js'
import type { AddressGuard } from './util/address-guard.js'
import { GuardedEmitter } from './util/guarded-emitter.js'
import { within } from './util/sleep.js'
import { systemClock } from './util/system-clock.js'
import type { WebhookDesk, WebhookNews } from './webhooks/webhooks.js'
import { Webhooks } from './webhooks/webhooks.js'

/** How many sessions take their first steps at once when the process starts. */
const RESUMED_AT_ONCE = 16
/** How long a manager that closes gives its sessions to others; it gives the rest back. */
const HAND_OVER_MS = 30_000
/** How often it is looked what people have set for all processes that share the store. */
const INSTALLATION_LOOK_MS = 5_000

/**
 * Many WhatsApp accounts in one process.
 *
 * ```ts
 * const manager = new MultiSessionManager({ store: createMemoryStore() })
 * manager.on('qr', ({ sessionId, qr }) => show(sessionId, qr))
 * manager.on('message', ({ sessionId, message }) => manager.send(sessionId, { to: message.chatId, text: 'Hello' }))
 * await manager.create({ id: 'sales' })
 * ```
 *
 * Every method may be called at any time; those of one session run one after the other. Rejects with `TrunklineError` only.
 */
export class MultiSessionManager {
  readonly store: Store
  /** Endpoints that events are delivered to. */
  readonly webhooks: Webhooks
  /** The processes that share the store. */
  readonly nodes: Nodes
  readonly #ownsStore: boolean
  readonly #options: ManagerOptions
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #installation: Installation
  readonly #limits: RetentionLimits
  readonly #events: EventHub
  readonly #live: LiveSessions
  readonly #keeper: LeaseKeeper
  readonly #versions: Pick<WebVersions, 'known'>
  readonly #creation: SessionCreation
  readonly #requests: SessionRequests
  readonly #records: SessionRecords
  readonly #views: SessionViews
  readonly #router: SessionRouter
  readonly #areas: AreaParts
  readonly #removal: SessionRemoval
  readonly #expiries: ExpiryWatch | undefined
  readonly #proxyGuard: AddressGuard
  readonly #storeWatch: StoreWatch
  readonly #readers: LogReaders
  readonly #consumers: Consumers
  readonly #webhookDesk: WebhookDesk | undefined
  readonly #cluster: Cluster | undefined
  readonly #maintenance: Maintenance
  readonly #steps: MaintenanceSteps
  readonly #soften: () => void
  readonly #monitoring: Monitoring
  #ready: Promise<void> | undefined
  #restored: Promise<void> | undefined
  #closed: Promise<void> | undefined

  /** @throws CERT_ROOT_CONFLICT when another manager of the process trusts another root · CONFIG_INVALID */
  constructor(options: ManagerOptions = {}) {
    checkManagerOptions(options)
    this.#options = options
    this.#proxyGuard = proxyGuardOf(options)
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? pino({ name: 'trunkline', level: 'warn' })
    this.#limits = retentionLimits(options.retention)
    this.#soften = hardenProcess(options, this.#logger)
    this.#ownsStore = options.store === undefined
    this.store = options.store ?? createMemoryStore({ clock: this.#clock })
    if (this.#ownsStore) this.#logger.warn({}, 'No store was given: nothing survives a restart of this process')
    this.#installation = new Installation({
      store: this.store.installation,
      atStart: { ...DEFAULT_MAINTENANCE, ...options.maintenance },
      clock: this.#clock,
      onChange: () => this.#replan(),
    })
    this.#events = new EventHub(this.#logger)
    this.#storeWatch = new StoreWatch({
      store: this.store,
      logger: this.#logger,
      onChange: (answers) => this.#tellSessions(answers),
    })
    const services = composeServices(options, {
      store: this.store,
      pacer: new AccountPacer({ store: this.store, clock: this.#clock, restrictions: this.#restrictions() }),
      clock: this.#clock,
      logger: this.#logger,
      storeAnswers: () => this.#storeWatch.answers,
      counted: () => this.#flushSoon(),
      expects: (expiresAt) => this.#expiries?.expects(expiresAt),
      emit: (name, event) => this.#events.emit(name, event),
    })
    this.#live = new LiveSessions(services)
    this.#keeper = services.keeper
    this.#versions = services.versions
    this.#requests = new SessionRequests({
      ...services,
      sessions: this.store.sessions,
      live: this.#live,
      run: (sessionId, command) => this.#router.callHere(sessionId, command),
    })
    this.#records = new SessionRecords({ store: this.store, live: this.#live, requests: this.#requests })
    this.#views = new SessionViews({ ...services, records: this.#records, live: this.#live })
    const listen = (heard: Parameters<EventHub['onAny']>[0]) => this.#events.onAny(heard)
    this.#cluster = composeCluster(options, {
      ...services,
      listen,
      router: () => this.#router,
      live: () => this.#live,
      resume: async (sessionId) => this.#resume(await this.store.sessions.get(sessionId)),
      accept: async (sessionId) => this.#resume(await this.store.sessions.get(sessionId), { granted: true }),
      resumeAll: () => this.#resumeAll(),
    })
    this.#router = new SessionRouter({
      ...services,
      live: this.#live,
      requests: this.#requests,
      verifyLease: (sessionId) => services.keeper.verify(sessionId),
      others: this.#cluster?.others,
    })
    const { leases } = this.store
    const { handOver } = this.#cluster ?? {}
    this.nodes = new Nodes({
      leases,
      node: services.node,
      use: () => this.#use(),
      status: async (sessionId) => (await this.get(sessionId)).status,
      desk: handOver && nodeDesk(handOver, services.node),
      tellFree: () => this.#cluster?.standBy.tellFree(),
    })
    const { maxSessions } = options
    this.#creation = new SessionCreation({ ...services, records: this.#records, maxSessions })
    this.#removal = new SessionRemoval(services)
    this.#steps = new MaintenanceSteps({
      ...services,
      store: this.store,
      live: this.#live,
      records: this.#records,
      retention: new Retention({
        ...services,
        removal: this.#removal,
        live: () => this.#live.all,
        limits: this.#limits,
      }),
      keyCollection: new KeyCollection({
        ...services,
        live: () => this.#live.all,
        intervalMs: () => this.#installation.timings.keyCollectionIntervalMs,
      }),
      timings: () => this.#installation.timings,
      isStarted: () => this.#restored !== undefined,
      sessions: {
        stop: (sessionId) => this.stopSession(sessionId),
        delete: (sessionId) => this.delete(sessionId),
        cleanup: (sessionId) => this.cleanup(sessionId),
        resetAttempts: (sessionId) => this.resetAttempts(sessionId),
      },
    })
    const reader = new MessageReader(this.store)
    const { jobs } = this.store
    this.#expiries =
      jobs &&
      new ExpiryWatch({
        ...services,
        jobs,
        expire: async (sessionId, messageId) => {
          await this.#router.call(sessionId, { kind: 'expire-message', messageId })
        },
      })
    const ask = (sessionId: string) => this.#router.call(sessionId, { kind: 'queue-state' })
    const queueReader = jobs && new QueueReader({ ...services, pacer: services.pacer, jobs, reader, ask })
    this.#monitoring = new Monitoring({
      ...services,
      records: this.#records,
      views: this.#views,
      live: this.#live,
      queues: queueReader,
    })
    this.#areas = {
      use: () => this.#use(),
      known: (sessionId) => this.#known(sessionId),
      router: this.#router,
      reader,
      records: this.#records,
      queue: () => queueReader ?? lacksJobs(),
      clock: this.#clock,
      store: this.store.media,
    }
    this.#readers = new LogReaders({ ...services, listen })
    this.#consumers = new Consumers({ ...services, readers: this.#readers })
    const news = new GuardedEmitter<WebhookNews>((error) =>
      this.#logger.error({ err: error }, 'A listener of webhooks failed'),
    )
    this.#webhookDesk = composeWebhooks(options, { ...services, readers: this.#readers, listen, news })
    this.webhooks = new Webhooks({
      clock: this.#clock,
      guard: urlGuardOf(options),
      news,
      limitOf: checkLimit,
      desk: async () => {
        await this.#use()
        if (!this.#webhookDesk) throw lacksWebhooks()
        return this.#webhookDesk
      },
    })
    this.#maintenance = new Maintenance({ clock: this.#clock, logger: this.#logger })
  }

  get uptimeMs(): number {
    return this.#monitoring.uptimeMs
  }

  /** Sets the store up and starts every session that is desired to run. Idempotent. */
  async start(): Promise<void> {
    await this.#use()
    this.#restored ??= this.#restore().catch((error: unknown) => {
      this.#restored = undefined
      throw error
    })
    await this.#restored
  }

  /** Disconnects every session, keeps credentials, writes what is to be written. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // Sessions

  /**
   * Makes a session and starts it, unless `start` is false: its first QR arrives as an event.
   *
   * @throws VALIDATION_FAILED · SESSION_ID_IN_USE · SESSION_LIMIT_REACHED
   */
  async create(given: CreateSessionOptions = {}): Promise<Session> {
    const options = checkCreate(given)
    checkProxy(options.settings, this.#proxyGuard)
    await this.#use()
    const settings = { ...this.#options.defaultSettings, ...options.settings }
    const record = newSessionRecord({ ...options, settings }, this.#clock.now())
    await this.#creation.insert(record)
    const live = this.#live.adopt(record)
    const payload = { session: this.#views.of(record) }
    await live.publisher.publish([{ name: 'session.created', at: record.createdAt, payload }])
    if (options.start !== false) await live.start()
    return this.#views.read(record.id)
  }

  /** @throws SESSION_NOT_FOUND */
  async get(sessionId: string): Promise<Session> {
    checkSessionId(sessionId)
    await this.#use()
    return this.#views.read(sessionId)
  }

  /** By id, ascending, or as `sort` says. */
  async list(options: ListSessionsOptions = {}): Promise<Page<Session>> {
    checkList(options)
    await this.#use()
    return this.#views.page(options)
  }

  /**
   * Changes label, metadata or single settings, whichever node runs the session. Settings take effect with the next connection.
   *
   * @throws SESSION_NOT_FOUND · VALIDATION_FAILED · SESSION_BUSY when others keep changing the session at the same time
   */
  async update(sessionId: string, changes: UpdateSessionOptions): Promise<Session> {
    checkSessionId(sessionId)
    const { settings, ...rest } = checkUpdate(changes)
    checkProxy(settings, this.#proxyGuard)
    await this.#use()
    await this.#records.change(sessionId, (record) => ({
      ...rest,
      ...(settings ? { settings: mergeSettings(record.settings, settings) } : {}),
      updatedAt: new Date(this.#clock.now()).toISOString(),
    }))
    return this.#views.read(sessionId)
  }

  /**
   * Connects. A session that runs already is left alone; one that another node runs is taken over when that node gives it up or is
   * gone.
   */
  async startSession(sessionId: string): Promise<Session> {
    return this.#command(sessionId, { kind: 'start' })
  }

  /** Disconnects and keeps the credentials; the node that runs the session is asked to, if that is another one. */
  async stopSession(sessionId: string): Promise<Session> {
    return this.#end(sessionId, { kind: 'stop' })
  }

  async restartSession(sessionId: string): Promise<Session> {
    return this.#command(sessionId, { kind: 'restart' })
  }

  /** Unlinks the device at WhatsApp, as far as it can be reached, and archives the credentials. */
  async logoutSession(sessionId: string): Promise<Session> {
    return this.#end(sessionId, { kind: 'logout', reason: 'Logged out by a caller' })
  }

  /** Logs out, archives the credentials and removes the session. Its messages stay until `cleanup`, or until retention takes them. */
  async delete(sessionId: string): Promise<void> {
    checkSessionId(sessionId)
    await this.#use()
    await this.#router.callAnywhere(sessionId, { kind: 'delete', reason: 'The session was deleted' })
  }

  /** Deletes the session with its messages, chats, events and archived credentials, for good. Takes deleted sessions too. */
  async cleanup(sessionId: string): Promise<void> {
    checkSessionId(sessionId)
    await this.#use()
    const record = await this.store.sessions.get(sessionId)
    if (!record) throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId } })
    const reason = 'The session was cleaned up'
    if (!record.deletedAt) await this.#router.callAnywhere(sessionId, { kind: 'delete', reason, quietly: true })
    await this.#removal.remove(sessionId)
  }

  /** @throws QR_NOT_AVAILABLE with the status of the session */
  async qr(sessionId: string): Promise<Qr> {
    checkSessionId(sessionId)
    await this.#use()
    return this.#router.call(sessionId, { kind: 'qr' })
  }

  /**
   * A code to type on the phone instead of scanning a QR. Starts a stopped session and waits until WhatsApp takes the request.
   *
   * @throws SESSION_ALREADY_LINKED · PASSKEY_REQUIRED · PAIRING_CODE_FAILED · VALIDATION_FAILED
   */
  async requestPairingCode(sessionId: string, options: { phone: string }): Promise<PairingCode> {
    checkSessionId(sessionId)
    const digits = checkPairing(options)
    await this.#use()
    return this.#router.call(sessionId, { kind: 'pairing-code', phone: digits })
  }

  // Monitoring

  async details(sessionId: string): Promise<SessionDetails> {
    checkSessionId(sessionId)
    await this.#use()
    return this.#monitoring.details(sessionId)
  }

  /** Sums over all sessions, or over the given ones. */
  async stats(options: { ids?: readonly string[] } = {}): Promise<SessionStats> {
    checkIds(options)
    await this.#use()
    return this.#monitoring.stats(options)
  }

  /**
   * Messages sent, received and failed, by hour: of all sessions that there are or were, or of the given ones. Ascending; hours
   * without any are left out, and the newest is some seconds behind. Empty when the store keeps no `traffic`.
   */
  async traffic(options: TrafficOptions = {}): Promise<TrafficHour[]> {
    checkTraffic(options)
    await this.#use()
    return this.#monitoring.traffic(options)
  }

  /**
   * What waits to be sent: of all sessions, or of the given ones, those in which there is something, the longest queues first. Empty
   * when the store keeps no `jobs`.
   */
  async queues(options: { ids?: readonly string[] } = {}): Promise<QueueLength[]> {
    checkIds(options)
    await this.#use()
    return this.#monitoring.queues(options)
  }

  /** How many sessions of this process have each status: from memory, at no cost, for gauges. */
  get statusCounts(): Record<SessionStatus, number> {
    return this.#monitoring.statusCounts
  }

  /** Forgets failed attempts; a session that waits for its next try connects at once. */
  async resetAttempts(sessionId: string): Promise<Session> {
    return this.#command(sessionId, { kind: 'reset-attempts' })
  }

  /** Asks WhatsApp for a sign of life on the session's connection; a deaf one is closed and opened again. */
  async healthCheck(sessionId: string, options: { timeoutMs?: number } = {}): Promise<HealthCheckResult> {
    checkSessionId(sessionId)
    checkHealthCheck(options)
    await this.#use()
    return this.#router.call(sessionId, { kind: 'health-check', ...options })
  }

  /**
   * Stops linked sessions that were inactive for too long and removes those that were never linked. Credentials of linked
   * accounts are never touched.
   */
  async cleanupInactive(options: { ids?: readonly string[] } = {}): Promise<{ stopped: string[]; removed: string[] }> {
    checkIds(options)
    await this.#use()
    return this.#steps.cleanInactive(options)
  }

  /** How all sessions do, or the given ones, as far as it is known: WhatsApp is asked by `healthCheck`, and now and then by itself. */
  async healthReport(options: { ids?: readonly string[] } = {}): Promise<HealthReport> {
    checkIds(options)
    await this.#use()
    return this.#monitoring.healthReport(options)
  }

  /** What this process does by itself to keep its sessions well: when it did it last, and what came of it. */
  async maintenance(): Promise<MaintenanceStep[]> {
    await this.#use()
    return MAINTENANCE_STEPS.map((name) => this.#step(name))
  }

  /** Does one step of the maintenance now, also one that is off; resolves when it is done. */
  async runMaintenance(name: MaintenanceStepName): Promise<MaintenanceStep> {
    checkStep(name)
    await this.#use()
    await this.#maintenance.run(name)
    return this.#step(name)
  }

  /**
   * What people have changed of the maintenance for all processes that share the store; `undefined` when the store keeps no
   * `installation`. What is changed by one process is followed by all of them within five seconds, as long as the store answers.
   */
  async maintenanceChanges(): Promise<MaintenanceChanges | undefined> {
    await this.#use()
    return this.#installation.changes()
  }

  /**
   * Changes the maintenance for all processes that share the store, and for those that start later:
   *
   *     await manager.updateMaintenance({ revision: 0, settings: { healthCheckIntervalMs: 60_000, cleanupIntervalMs: 'off' } })
   *
   * How long data is kept (`retention`) is set at the start alone.
   *
   * @throws VALIDATION_FAILED · SETTINGS_CHANGED_MEANWHILE when `revision` is not that of now · SETTINGS_NOT_KEPT
   */
  async updateMaintenance(update: UpdateMaintenanceOptions): Promise<MaintenanceChanges> {
    checkMaintenance(update)
    await this.#use()
    return this.#installation.update(update)
  }

  #step(name: MaintenanceStepName): MaintenanceStep {
    const settings = maintenanceSettings(this.#installation.timings, this.#limits)[name]
    return { ...(this.#maintenance.step(name) ?? { name, running: false }), settings }
  }

  // Messages and chats

  /**
   * What can be done with one session, by area. Asks nobody whether there is such a session: the calls do.
   *
   * @throws VALIDATION_FAILED when it is no id of a session
   */
  session(sessionId: string): SessionHandle {
    checkSessionId(sessionId)
    return new SessionHandle(sessionId, this.#areas)
  }

  /**
   * Sends a message and answers it as stored: `sent` once WhatsApp's server took it, `pending` when it has not answered in time
   * (its outcome follows as `message-sent`).
   *
   * @throws SESSION_NOT_CONNECTED · RECIPIENT_INVALID · RECIPIENT_NOT_ON_WHATSAPP · MESSAGE_NOT_FOUND (the quoted one) ·
   *   MESSAGE_REFUSED · MESSAGE_FAILED · GROUP_NOT_FOUND · GROUP_FORBIDDEN (it is in no such group) · IDEMPOTENCY_CONFLICT ·
   *   VALIDATION_FAILED
   */
  async send(sessionId: string, message: SendOptions): Promise<Message> {
    return this.session(sessionId).messages.send(message)
  }

  /**
   * Newest first; with `after`, oldest first. `chatId` may be any form of the id. With `raw`, each with WhatsApp's own protobuf
   * where it is kept: bytes that `proto.Message.decode` of Baileys reads.
   */
  async messages(sessionId: string, query?: PageOptions & Omit<MessageQuery, 'limit'>): Promise<Page<RawMessage>> {
    return this.session(sessionId).messages.list(query)
  }

  /**
   * One message; with `raw`, WhatsApp's own protobuf of it too.
   *
   * @throws MESSAGE_NOT_FOUND · MESSAGE_ID_AMBIGUOUS when several chats have a message of this id
   */
  async message(sessionId: string, ref: MessageRef, options?: { raw?: boolean }): Promise<RawMessage> {
    return this.session(sessionId).messages.get(ref, options)
  }

  /** Pinned first, then the newest. */
  async chats(sessionId: string, query?: PageOptions & { kind?: ChatKind; archived?: boolean }): Promise<Page<Chat>> {
    return this.session(sessionId).chats.list(query)
  }

  /** `chatId`: the chat's id, the other address of the same person, or a bare phone number. @throws CHAT_NOT_FOUND */
  async chat(sessionId: string, chatId: string): Promise<Chat> {
    return this.session(sessionId).chats.get(chatId)
  }

  /** How many messages wait to be sent, of all sessions that run here, for gauges. Empty queues cost nothing. */
  async queuedCount(): Promise<number> {
    await this.#use()
    return this.#monitoring.queuedCount()
  }

  // Events

  /** Logged events after a sequence number, oldest first; `gap` when some of them are no longer kept. */
  async events(
    sessionId: string,
    options: { after: number; limit?: number },
  ): Promise<{ events: LoggedEvent[]; gap: boolean }> {
    checkEventQuery(options)
    await this.#known(sessionId)
    return this.store.events.read(sessionId, { after: options.after, limit: checkLimit(options.limit) })
  }

  async lastSeq(sessionId: string): Promise<number> {
    await this.#known(sessionId)
    return this.store.events.lastSeq(sessionId)
  }

  /** A listener that throws, or rejects, is reported to the logger and stops nothing. */
  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => unknown): this {
    this.#events.on(name, listener)
    return this
  }

  once<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => unknown): this {
    this.#events.once(name, listener)
    return this
  }

  off<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => unknown): this {
    this.#events.off(name, listener)
    return this
  }

  /**
   * Every event, in the order of each session's log. The answer takes the listener off. With the scope `cluster` those of other nodes
   * too, as they happen while the nodes can talk to each other; what was missed comes from the log. With `node`, as unless given,
   * those that arise here, as with `on`.
   */
  onAny(
    listener: (name: EventName, event: EventOf<EventName>) => unknown,
    { scope = 'node' }: { scope?: EventScope } = {},
  ): () => void {
    checkScope(scope)
    const cluster = scope === 'cluster' ? this.#cluster : undefined
    return cluster ? cluster.events.onAny(listener) : this.#events.onAny(listener)
  }

  /**
   * Hands every logged event to `handler`, at least once and in the order of each session, also over restarts and crashes: how far
   * a consumer has come is kept under its name. What comes again after a crash has the same session and `seq`.
   *
   * ```ts
   * await manager.consume('orders', { events: ['message'] }, async ({ event }) => saveOrder(event))
   * ```
   *
   * Consumers of one name in several processes on one store share the work: each reads the sessions that run there.
   *
   * @throws VALIDATION_FAILED · CONFIG_INVALID when the store keeps no cursors
   */
  async consume(name: string, options: ConsumeOptions, handler: EventHandler): Promise<Consumer> {
    checkConsume(name, options, handler)
    await this.#use()
    return this.#consumers.start(name, options, handler)
  }

  /** What WhatsApp has told of its limits, with the sessions that run here. */
  #restrictions(): RestrictionKeeper {
    return {
      of: (sessionId) => this.#live.find(sessionId)?.limits.restrictions ?? [],
      change: async (sessionId, after) => this.#live.find(sessionId)?.limits.change(after),
      linkedAt: (sessionId) => this.#live.find(sessionId)?.state.record.device?.linkedAt,
    }
  }

  /** What every call needs first: an open manager over a store that was set up. */
  async #use(): Promise<void> {
    if (this.#closed) throw new TrunklineError('MANAGER_CLOSED')
    this.#ready ??= this.#setUp().catch((error: unknown) => {
      this.#ready = undefined
      throw toStoreError(error)
    })
    await this.#ready
  }

  async #setUp(): Promise<void> {
    await this.store.setup()
    await this.#cluster?.desk.open()
    await this.#installation.look().catch((error: unknown) => {
      this.#logger.error({ err: error }, 'What is set for all processes could not be read; it is looked for again')
    })
    const { storeCheckIntervalMs, requestIntervalMs } = this.#installation.timings
    this.#maintenance.schedule({
      name: 'store',
      intervalMs: storeCheckIntervalMs,
      run: () => this.#storeWatch.check(),
    })
    this.#maintenance.schedule({
      name: 'requests',
      intervalMs: requestIntervalMs,
      run: () => this.#requests.look(),
    })
    if (this.store.installation)
      this.#maintenance.schedule({ name: 'installation', intervalMs: INSTALLATION_LOOK_MS, run: () => this.#follow() })
    for (const task of this.#steps.tasks()) this.#maintenance.schedule(task)
    this.#webhookDesk?.runner.start()
    this.#expiries?.start()
  }

  /** A store that does not answer is told of by the watch over it. */
  async #follow(): Promise<void> {
    if (this.#storeWatch.answers) await this.#installation.look()
  }

  #replan(): void {
    for (const task of this.#steps.tasks()) this.#maintenance.replan(task)
  }

  /** Nothing is looked for while nothing is counted. */
  #flushSoon(): void {
    const { flushIntervalMs: intervalMs } = this.#installation.timings
    this.#maintenance.runOnce({ name: 'flush', intervalMs, run: () => this.#live.flushMetrics() })
  }

  async #restore(): Promise<void> {
    if (this.#cluster) await this.#keeper.join()
    await this.#cluster?.standBy.start()
    await this.#resumeAll()
  }

  async #resumeAll(): Promise<void> {
    const resuming = new Set<Promise<void>>()
    for await (const record of everySession(this.store.sessions, { desired: 'running' })) {
      this.#versions.known(parseWebVersion(record.device?.webVersion))
      const resumed = this.#resume(record).finally(() => resuming.delete(resumed))
      resuming.add(resumed)
      if (resuming.size >= RESUMED_AT_ONCE) await Promise.race(resuming)
    }
    await Promise.all(resuming)
  }

  async #resume(record: SessionRecord | undefined, options?: { granted: boolean }): Promise<void> {
    if (record && isWantedRunning(record))
      await (this.#live.find(record.id) ?? this.#live.adopt(record)).resume(options)
  }

  async #close(): Promise<void> {
    this.#maintenance.stop()
    this.#requests.close()
    this.#creation.close()
    await this.#ready?.catch(() => undefined)
    await this.#cluster?.standBy.close()
    await this.#restored?.catch(() => undefined)
    await this.#expiries?.close()
    await this.#handAllOver()
    const stopping = this.#live.close().map(async (live) => {
      try {
        await live.close()
      } catch (error) {
        this.#logger.error({ err: error, sessionId: live.id }, 'A session could not be stopped cleanly')
      }
    })
    await Promise.all(stopping)
    await this.#keeper.close()
    this.#cluster?.standBy.tellFree()
    await this.#cluster?.desk.close()
    await this.#webhookDesk?.runner.close()
    await this.#readers.close()
    if (this.#ready) await this.#live.flushMetrics()
    await this.#cluster?.events.close()
    this.#soften()
    if (this.#ownsStore) await this.store.close()
    this.#events.clear()
  }

  /** What could not be handed over in time is given back by its end. */
  async #handAllOver(): Promise<void> {
    const { handOver } = this.#cluster ?? {}
    if (!handOver) return
    if (this.#restored) await within(this.#clock, HAND_OVER_MS, handOver.drain())
    handOver.close()
  }

  async #command(sessionId: string, command: SessionCommand): Promise<Session> {
    checkSessionId(sessionId)
    await this.#use()
    await this.#router.call(sessionId, command)
    return this.#views.read(sessionId)
  }

  /** As `#command`, on whichever node the session runs. */
  async #end(sessionId: string, command: EndingCommand): Promise<Session> {
    checkSessionId(sessionId)
    await this.#use()
    await this.#router.callAnywhere(sessionId, command)
    return this.#views.read(sessionId)
  }

  async #known(sessionId: string): Promise<void> {
    checkSessionId(sessionId)
    await this.#use()
    await this.#records.known(sessionId)
  }

  #tellSessions(storeAnswers: boolean): void {
    for (const live of this.#live.all) void live.storeAnswers(storeAnswers)
  }
}
