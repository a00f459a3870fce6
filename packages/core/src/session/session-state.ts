import type { ErrorCode } from '../errors/codes.js'
import { toStoreError } from '../errors/store-error.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { NewEvent } from '../ports/event-log.js'
import type { SessionChanges, SessionIncrement, SessionRecord } from '../ports/session-store.js'
import type { SessionCounters, SessionStatus, StatusReason } from '../types/session.js'
import { adviceFor } from './advice.js'
import type { SessionPublisher } from './publisher.js'
import type { SessionServices } from './services.js'
import { nextStatus, type StatusEvent } from './session-machine.js'

const MAX_ERRORS = 20
const MAX_ATTEMPTS_LOGGED = 20

export interface StatusCause {
  code: ErrorCode
  message: string
  retryAt?: string
}

/**
 * The record of one session: what callers see changes at once, then it is stored, then announced. A store that fails holds
 * nothing up: what is not stored yet goes with the next change.
 */
export class SessionState {
  record: SessionRecord
  readonly #services: SessionServices
  readonly #publisher: SessionPublisher
  #unsaved: SessionChanges = {}

  constructor(record: SessionRecord, services: SessionServices, publisher: SessionPublisher) {
    this.record = record
    this.#services = services
    this.#publisher = publisher
  }

  get id(): string {
    return this.record.id
  }

  get status(): SessionStatus {
    return this.record.status
  }

  /** Now, as ISO 8601. */
  timestamp(): string {
    return new Date(this.#services.clock.now()).toISOString()
  }

  /**
   * Moves the status by an event and tells why. An event that cannot happen in the current status changes nothing; the
   * answer says whether it could. The promise settles when the change is stored and announced.
   */
  transition(event: StatusEvent, options: { cause?: StatusCause; changes?: SessionChanges } = {}): Promise<boolean> {
    const { id, status: previousStatus } = this.record
    const status = nextStatus(previousStatus, event)
    if (!status) {
      this.#services.logger.warn({ sessionId: id, status: previousStatus, event }, 'A status event was refused')
      return Promise.resolve(false)
    }
    const { cause } = options
    const reason: StatusReason | undefined = cause && { ...cause, action: adviceFor(status, cause.code) }
    const changed = status !== previousStatus
    this.#set({
      ...options.changes,
      status,
      statusReason: reason ?? null,
      ...(changed ? { statusSince: this.timestamp() } : {}),
      ...(cause && cause.code !== 'RESTART_REQUIRED' ? { errors: this.#errorsWith(cause) } : {}),
    })
    if (changed)
      this.#services.logger.info(
        { sessionId: id, status, previousStatus, code: cause?.code },
        'The session changed its status',
      )
    if (!changed && !cause) return this.#save([]).then(() => true)
    const { account } = this.record
    const at = this.timestamp()
    const payload = { status, previousStatus, ...(account ? { account } : {}), ...(reason ? { reason } : {}) }
    const events: NewEvent[] = [{ name: 'session.status', at, payload }]
    if (changed && (status === 'connected' || previousStatus === 'connected'))
      events.push({ name: 'connected', at, payload })
    return this.#save(events).then(() => true)
  }

  /** Changes other fields of the record. Settles when stored, or when the store failed. */
  async patch(changes: SessionChanges): Promise<void> {
    this.#set(changes)
    await this.#save([])
  }

  /**
   * As `patch`, for a caller who has asked for the change.
   *
   * @throws STORE_UNAVAILABLE and the other codes of stores: it is not stored then, and will be with the next change
   */
  async change(changes: SessionChanges): Promise<void> {
    this.#set(changes)
    const failure = await this.#save([])
    if (failure) throw failure
  }

  /** Counters of this session were added to its stored record. */
  counted({ counters, lastActivityAt }: SessionIncrement): void {
    const sum = { ...this.record.counters }
    for (const [name, amount] of Object.entries(counters)) sum[name as keyof SessionCounters] += amount ?? 0
    this.record = { ...this.record, counters: sum, ...(lastActivityAt ? { lastActivityAt } : {}) }
  }

  /** What an attempt to connect came to, as the newest line of the bounded log. */
  attemptsLogWith(entry: Omit<SessionRecord['attemptsLog'][number], 'at'>): SessionRecord['attemptsLog'] {
    return [...this.record.attemptsLog, { at: this.timestamp(), ...entry }].slice(-MAX_ATTEMPTS_LOGGED)
  }

  #errorsWith({ code, message }: StatusCause): SessionRecord['errors'] {
    return [...this.record.errors, { at: this.timestamp(), code, message }].slice(-MAX_ERRORS)
  }

  #set(changes: SessionChanges): void {
    const updated = { ...changes, updatedAt: this.timestamp() }
    this.record = applyChanges(this.record, updated)
    this.#unsaved = { ...this.#unsaved, ...updated }
  }

  /** Stores what is not stored yet and announces; answers why it could not be stored. */
  #save(events: NewEvent[]): Promise<TrunklineError | undefined> {
    return this.#publisher.inOrder(async () => {
      const changes = this.#unsaved
      let failure: TrunklineError | undefined
      this.#unsaved = {}
      try {
        if (Object.keys(changes).length > 0) {
          const stored = await this.#services.store.sessions.update(this.id, changes)
          if (!stored) throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId: this.id } })
          this.record = { ...this.record, revision: stored.revision }
        }
      } catch (error) {
        this.#unsaved = { ...changes, ...this.#unsaved }
        failure = toStoreError(error)
        this.#services.logger.error(
          { err: error, sessionId: this.id },
          'The session could not be stored; it will be with its next change',
        )
      }
      try {
        await this.#publisher.publishNow(events)
      } catch (error) {
        this.#services.logger.error(
          { err: error, sessionId: this.id },
          'An event could not be logged; it is announced all the same',
        )
        for (const event of events) await this.#publisher.announceNow(event)
      }
      return failure
    })
  }
}

/** The record with changes applied; `null` removes a field, `undefined` leaves it, as in the store. */
function applyChanges(record: SessionRecord, changes: SessionChanges): SessionRecord {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const entries = Object.entries({ ...record, ...given }).filter(([, value]) => value !== null)
  return Object.fromEntries(entries) as unknown as SessionRecord
}
