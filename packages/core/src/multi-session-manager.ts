import { pino } from 'pino'
import { checkedStore } from './compose/checked-store.js'
import { composeServices, hardenProcess } from './compose/compose-services.js'
import { TrunklineError } from './errors/trunkline-error.js'
import { EventHub } from './manager/event-hub.js'
import { KeyCollection } from './manager/key-collection.js'
import { judgeInactive, Maintenance, type MaintenanceTask } from './manager/maintenance.js'
import { MessageReader } from './manager/message-reader.js'
import { newSessionRecord } from './manager/new-session-record.js'
import { DEFAULT_MAINTENANCE, type MaintenanceTimings, type ManagerOptions } from './manager/options.js'
import { checkProxy, proxyGuardOf } from './manager/proxy-guard.js'
import { Retention, retentionLimits } from './manager/retention.js'
import { SessionRegistry } from './manager/session-registry.js'
import { SessionRemoval } from './manager/session-removal.js'
import { mergeSettings } from './manager/session-settings.js'
import { collectStats } from './manager/session-stats.js'
import { toDetails } from './manager/session-view.js'
import { StoreWatch } from './manager/store-watch.js'
import {
  checkChatId,
  checkChatQuery,
  checkCreate,
  checkEventQuery,
  checkHealthCheck,
  checkIds,
  checkLimit,
  checkList,
  checkMessageQuery,
  checkMessageRef,
  checkPairing,
  checkSend,
  checkSessionId,
  checkUpdate,
} from './manager/validation.js'
import { createMemoryStore } from './memory/memory-store.js'
import type { Clock } from './ports/clock.js'
import type { Logger } from './ports/logger.js'
import type { MessageQuery } from './ports/message-store.js'
import type { SessionRecord } from './ports/session-store.js'
import type { Store } from './ports/store.js'
import { isProblematic } from './session/health.js'
import type { Chat } from './types/chat.js'
import type { EventName, EventOf, LoggedEvent } from './types/events.js'
import type { ChatKind } from './types/jid.js'
import type { Message, MessageRef, SendOptions } from './types/message.js'
import type { Page, PageOptions } from './types/page.js'
import type {
  CreateSessionOptions,
  HealthCheckResult,
  PairingCode,
  Qr,
  Session,
  SessionDetails,
  SessionStats,
  UpdateSessionOptions,
} from './types/session.js'
import type { AddressGuard } from './util/address-guard.js'
import { systemClock } from './util/system-clock.js'

/** How often it is looked whose keys are due. */
const KEY_LOOK_MS = 15 * 60_000

/** What `list` can be narrowed to; the words are those of the routes. */
export type SessionFilter = 'active' | 'connected' | 'problematic'

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
  readonly #ownsStore: boolean
  readonly #options: ManagerOptions
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #timings: MaintenanceTimings
  readonly #events: EventHub
  readonly #registry: SessionRegistry
  readonly #reader: MessageReader
  readonly #removal: SessionRemoval
  readonly #retention: Retention
  readonly #keyCollection: KeyCollection
  readonly #proxyGuard: AddressGuard
  readonly #storeWatch: StoreWatch
  readonly #maintenance: Maintenance
  readonly #soften: () => void
  readonly #startedAt: number
  #ready: Promise<void> | undefined
  #restored: Promise<void> | undefined
  #closed: Promise<void> | undefined

  /** @throws CERT_ROOT_CONFLICT when another manager of the process trusts another root · CONFIG_INVALID */
  constructor(options: ManagerOptions = {}) {
    this.#options = options
    this.#proxyGuard = proxyGuardOf(options)
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? pino({ name: 'trunkline', level: 'warn' })
    this.#timings = { ...DEFAULT_MAINTENANCE, ...options.maintenance }
    this.#startedAt = this.#clock.monotonic()
    this.#soften = hardenProcess(options, this.#logger)
    this.#ownsStore = options.store === undefined
    this.store = checkedStore(options.store ?? createMemoryStore({ clock: this.#clock }))
    if (this.#ownsStore) this.#logger.warn({}, 'No store was given: nothing survives a restart of this process')
    this.#events = new EventHub(this.#logger)
    this.#storeWatch = new StoreWatch({
      store: this.store,
      logger: this.#logger,
      onChange: (answers) => this.#tellSessions(answers),
    })
    const services = composeServices(options, {
      store: this.store,
      clock: this.#clock,
      logger: this.#logger,
      storeAnswers: () => this.#storeWatch.answers,
      counted: () => this.#flushSoon(),
      emit: (name, event) => this.#events.emit(name, event),
    })
    this.#registry = new SessionRegistry(services)
    this.#removal = new SessionRemoval(services)
    this.#retention = new Retention({
      ...services,
      removal: this.#removal,
      live: () => this.#registry.live,
      limits: retentionLimits(options.retention),
    })
    this.#keyCollection = new KeyCollection({
      ...services,
      live: () => this.#registry.live,
      intervalMs: this.#timings.keyCollectionIntervalMs,
    })
    this.#reader = new MessageReader(this.store)
    this.#maintenance = new Maintenance({ clock: this.#clock, logger: this.#logger })
  }

  get uptimeMs(): number {
    return this.#clock.monotonic() - this.#startedAt
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
    await this.#checkLimit()
    const settings = { ...this.#options.defaultSettings, ...options.settings }
    const record = newSessionRecord({ ...options, settings }, this.#clock.now())
    if (!(await this.store.sessions.insert(record))) {
      const existing = await this.store.sessions.get(record.id)
      const hint = existing?.deletedAt
        ? 'The session was deleted and its messages are kept: clean it up to use its id again'
        : undefined
      throw new TrunklineError('SESSION_ID_IN_USE', { details: { sessionId: record.id, ...(hint ? { hint } : {}) } })
    }
    const live = this.#registry.adopt(record)
    const payload = { session: this.#registry.view(record) }
    await live.publisher.publish([{ name: 'session.created', at: record.createdAt, payload }])
    if (options.start !== false) await live.start()
    return this.#registry.session(record.id)
  }

  /** @throws SESSION_NOT_FOUND */
  async get(sessionId: string): Promise<Session> {
    checkSessionId(sessionId)
    await this.#use()
    return this.#registry.session(sessionId)
  }

  /** By id, ascending. */
  async list(options: PageOptions & { ids?: readonly string[]; filter?: SessionFilter } = {}): Promise<Page<Session>> {
    checkList(options)
    await this.#use()
    const { cursor, ids, filter } = options
    const query = { limit: checkLimit(options.limit), ...(cursor ? { cursor } : {}), ...(ids ? { ids } : {}) }
    return this.#registry.page(query, filter && this.#accepts(filter))
  }

  /** Changes label, metadata or single settings. Settings take effect with the next connection. */
  async update(sessionId: string, changes: UpdateSessionOptions): Promise<Session> {
    checkSessionId(sessionId)
    const { settings, ...rest } = checkUpdate(changes)
    checkProxy(settings, this.#proxyGuard)
    await this.#use()
    const live = await this.#registry.load(sessionId)
    await live.state.change({
      ...rest,
      ...(settings ? { settings: mergeSettings(live.state.record.settings, settings) } : {}),
    })
    return this.#registry.session(sessionId)
  }

  /** Connects. A session that runs already is left alone. */
  async startSession(sessionId: string): Promise<Session> {
    return this.#command(sessionId, (live) => live.start())
  }

  /** Disconnects and keeps the credentials. */
  async stopSession(sessionId: string): Promise<Session> {
    return this.#command(sessionId, (live) => live.stop({ desired: 'stopped' }))
  }

  async restartSession(sessionId: string): Promise<Session> {
    return this.#command(sessionId, (live) => live.restart())
  }

  /** Unlinks the device at WhatsApp, as far as it can be reached, and archives the credentials. */
  async logoutSession(sessionId: string): Promise<Session> {
    return this.#command(sessionId, (live) => live.logout('Logged out by a caller'))
  }

  /** Logs out, archives the credentials and removes the session. Its messages stay until `cleanup`, or until retention takes them. */
  async delete(sessionId: string): Promise<void> {
    checkSessionId(sessionId)
    await this.#use()
    const live = await this.#registry.load(sessionId)
    await live.delete('The session was deleted')
    this.#registry.forget(sessionId)
    const at = live.state.timestamp()
    await live.publisher.publish([{ name: 'session.deleted', at, payload: { reason: 'deleted' } }])
  }

  /** Deletes the session with its messages, chats, events and archived credentials, for good. Takes deleted sessions too. */
  async cleanup(sessionId: string): Promise<void> {
    checkSessionId(sessionId)
    await this.#use()
    const record = await this.store.sessions.get(sessionId)
    if (!record) throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId } })
    if (!record.deletedAt) await this.delete(sessionId)
    await this.#removal.remove(sessionId)
  }

  /** @throws QR_NOT_AVAILABLE with the status of the session */
  async qr(sessionId: string): Promise<Qr> {
    checkSessionId(sessionId)
    await this.#use()
    const live = await this.#registry.load(sessionId)
    if (!live.qr) throw new TrunklineError('QR_NOT_AVAILABLE', { details: { sessionId, status: live.status } })
    return live.qr
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
    return (await this.#registry.load(sessionId)).requestPairingCode(digits)
  }

  // Monitoring

  async details(sessionId: string): Promise<SessionDetails> {
    checkSessionId(sessionId)
    await this.#use()
    const record = await this.#registry.record(sessionId)
    return toDetails(record, this.#registry.view(record), this.#memoryShare())
  }

  /** Sums over all sessions, or over the given ones. */
  async stats(options: { ids?: readonly string[] } = {}): Promise<SessionStats> {
    checkIds(options)
    await this.#use()
    const { rss, heapUsed } = process.memoryUsage()
    return collectStats(this.#registry.records(options), {
      view: (record) => this.#registry.view(record),
      now: this.#clock.now(),
      memory: { rss, heapUsed, perSession: this.#memoryShare() },
      uptimeSeconds: Math.floor(this.uptimeMs / 1000),
    })
  }

  /** Forgets failed attempts; a session that waits for its next try connects at once. */
  async resetAttempts(sessionId: string): Promise<Session> {
    return this.#command(sessionId, (live) => live.resetAttempts())
  }

  /** Asks WhatsApp for a sign of life on the session's connection; a deaf one is closed and opened again. */
  async healthCheck(sessionId: string, options: { timeoutMs?: number } = {}): Promise<HealthCheckResult> {
    checkSessionId(sessionId)
    checkHealthCheck(options)
    await this.#use()
    return (await this.#registry.load(sessionId)).healthCheck(options)
  }

  /**
   * Stops linked sessions that were inactive for too long and removes those that were never linked. Credentials of linked
   * accounts are never touched.
   */
  async cleanupInactive(options: { ids?: readonly string[] } = {}): Promise<{ stopped: string[]; removed: string[] }> {
    checkIds(options)
    await this.#use()
    const stopped: string[] = []
    const removed: string[] = []
    const { inactiveAfterMs } = this.#timings
    for await (const record of this.#registry.records(options)) {
      const verdict = judgeInactive(record, { now: this.#clock.now(), inactiveAfterMs })
      if (verdict === 'keep') continue
      if (verdict === 'stop') {
        await this.stopSession(record.id)
        stopped.push(record.id)
      } else if (await this.#removeUnlinked(record.id)) removed.push(record.id)
    }
    return { stopped, removed }
  }

  // Messages and chats

  /**
   * Sends a message and answers it as stored: `sent` once WhatsApp's server took it, `pending` when it has not answered in time
   * (its outcome follows as `message-sent`).
   *
   * @throws SESSION_NOT_CONNECTED · RECIPIENT_INVALID · RECIPIENT_NOT_ON_WHATSAPP · MESSAGE_NOT_FOUND (the quoted one) ·
   *   MESSAGE_REFUSED · MESSAGE_FAILED · IDEMPOTENCY_CONFLICT · VALIDATION_FAILED
   */
  async send(sessionId: string, message: SendOptions): Promise<Message> {
    checkSessionId(sessionId)
    checkSend(message)
    await this.#use()
    return (await this.#registry.load(sessionId)).send(message)
  }

  /** Newest first; with `after`, oldest first. `chatId` may be any form of the id. */
  async messages(sessionId: string, query: PageOptions & Omit<MessageQuery, 'limit'> = {}): Promise<Page<Message>> {
    checkMessageQuery(query)
    await this.#known(sessionId)
    return this.#reader.page(sessionId, query)
  }

  /** @throws MESSAGE_NOT_FOUND · MESSAGE_ID_AMBIGUOUS when several chats have a message of this id */
  async message(sessionId: string, ref: MessageRef): Promise<Message> {
    checkMessageRef(ref)
    await this.#known(sessionId)
    return this.#reader.message(sessionId, ref)
  }

  /** Pinned first, then the newest. */
  async chats(
    sessionId: string,
    query: PageOptions & { kind?: ChatKind; archived?: boolean } = {},
  ): Promise<Page<Chat>> {
    checkChatQuery(query)
    await this.#known(sessionId)
    return this.#reader.chats(sessionId, query)
  }

  /** `chatId`: the chat's id, the other address of the same person, or a bare phone number. @throws CHAT_NOT_FOUND */
  async chat(sessionId: string, chatId: string): Promise<Chat> {
    checkChatId(chatId)
    await this.#known(sessionId)
    return this.#reader.chat(sessionId, chatId)
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

  /** Every event, in the order of each session's log. The answer takes the listener off. */
  onAny(listener: (name: EventName, event: EventOf<EventName>) => unknown): () => void {
    return this.#events.onAny(listener)
  }

  /** What every call needs first: an open manager over a store that was set up. */
  async #use(): Promise<void> {
    if (this.#closed) throw new TrunklineError('MANAGER_CLOSED')
    this.#ready ??= this.#setUp().catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    await this.#ready
  }

  async #setUp(): Promise<void> {
    await this.store.setup()
    const { storeCheckIntervalMs, healthCheckIntervalMs, cleanupIntervalMs, retentionIntervalMs } = this.#timings
    const tasks: MaintenanceTask[] = [
      { name: 'store', intervalMs: storeCheckIntervalMs, run: () => this.#storeWatch.check() },
      { name: 'health', intervalMs: healthCheckIntervalMs, run: () => this.#checkAll() },
      { name: 'cleanup', intervalMs: cleanupIntervalMs, run: () => this.cleanupInactive() },
      { name: 'retention', intervalMs: retentionIntervalMs, run: (signal) => this.#retention.run(signal) },
    ]
    if (Number.isFinite(this.#timings.keyCollectionIntervalMs)) {
      tasks.push({ name: 'keys', intervalMs: KEY_LOOK_MS, run: (signal) => this.#keyCollection.run(signal) })
    }
    for (const task of tasks) this.#maintenance.schedule(task)
  }

  /** Nothing is looked for while nothing is counted. */
  #flushSoon(): void {
    const { flushIntervalMs: intervalMs } = this.#timings
    this.#maintenance.runOnce({ name: 'flush', intervalMs, run: () => this.#registry.flushMetrics() })
  }

  async #restore(): Promise<void> {
    for await (const record of this.#registry.records({ desired: 'running' })) {
      // These wait for a person: a restart of the process is none.
      if (record.status === 'failed' || record.status === 'banned' || record.status === 'logged_out') continue
      const live = await this.#registry.load(record.id)
      await live.start()
    }
  }

  async #close(): Promise<void> {
    this.#maintenance.stop()
    await this.#ready?.catch(() => undefined)
    await this.#restored?.catch(() => undefined)
    const stopping = this.#registry.close().map(async (live) => {
      try {
        await live.close()
      } catch (error) {
        this.#logger.error({ err: error, sessionId: live.id }, 'A session could not be stopped cleanly')
      }
    })
    await Promise.all(stopping)
    if (this.#ready) await this.#registry.flushMetrics()
    this.#soften()
    if (this.#ownsStore) await this.store.close()
    this.#events.clear()
  }

  async #command(
    sessionId: string,
    work: (live: Awaited<ReturnType<SessionRegistry['load']>>) => Promise<void>,
  ): Promise<Session> {
    checkSessionId(sessionId)
    await this.#use()
    await work(await this.#registry.load(sessionId))
    return this.#registry.session(sessionId)
  }

  async #known(sessionId: string): Promise<void> {
    checkSessionId(sessionId)
    await this.#use()
    await this.#registry.record(sessionId)
  }

  #tellSessions(storeAnswers: boolean): void {
    for (const live of this.#registry.live) void live.storeAnswers(storeAnswers)
  }

  /** Whether it was removed: another process may have linked it, and nobody knows for sure what credentials are good for. */
  async #removeUnlinked(sessionId: string): Promise<boolean> {
    const stored = await this.store.sessions.get(sessionId)
    if (!stored || stored.account) return false
    const creds = await this.store.auth.readCreds(sessionId)
    // A deletion archives them; they can be restored until the archive is too old.
    await (creds ? this.delete(sessionId) : this.cleanup(sessionId))
    return true
  }

  async #checkAll(): Promise<void> {
    for (const live of this.#registry.live) if (live.status === 'connected') await live.healthCheck()
  }

  async #checkLimit(): Promise<void> {
    const { maxSessions } = this.#options
    if (maxSessions === undefined) return
    let total = 0
    for await (const _record of this.#registry.records()) total += 1
    if (total >= maxSessions) throw new TrunklineError('SESSION_LIMIT_REACHED', { details: { limit: maxSessions } })
  }

  #accepts(filter: SessionFilter): (record: SessionRecord) => boolean {
    if (filter === 'active') return ({ desired }) => desired === 'running'
    if (filter === 'connected') return ({ status }) => status === 'connected'
    return (record) => isProblematic(record, this.#clock.now())
  }

  #memoryShare(): number {
    const running = this.#registry.live.filter((live) => live.state.record.desired === 'running').length
    return Math.round(process.memoryUsage().heapUsed / Math.max(1, running))
  }
}
