import type { ErrorCode } from '../errors/codes.js'
import { toStoreError } from '../errors/store-error.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { NewEvent } from '../ports/event-log.js'
import type { SessionChanges, SessionIncrement, SessionRecord } from '../ports/session-store.js'
import type { DesiredState, SessionCounters, SessionStatus, StatusReason } from '../types/session.js'
import { adviceFor } from './advice.js'
import type { SessionPublisher } from './publisher.js'
import { applyChanges, halvesOf, isEmpty, isUnchangedBy, withSpecOf } from './record-halves.js'
import type { Ownership, SessionServices } from './services.js'
import { isRunning, nextStatus, type StatusEvent } from './session-machine.js'

const MAX_ERRORS = 20
const MAX_ATTEMPTS_LOGGED = 20

export interface StatusCause {
  code: ErrorCode
  message: string
  retryAt?: string
}

/** What of an ownership matters for writing. */
type Authority = Pick<Ownership, 'epoch' | 'lost' | 'refused'>

type Heed = (before: SessionRecord, after: SessionRecord) => void

/**
 * The record of one session: what callers see changes at once, then it is stored, then announced. A store that fails holds
 * nothing up: what is not stored yet goes with the next change. Only the owner of the session writes; without the ownership
 * changes wait for it, and are dropped when another node has had the session meanwhile.
 */
export class SessionState {
  record: SessionRecord
  readonly #services: SessionServices
  readonly #publisher: SessionPublisher
  readonly #heed: Heed
  #unsaved: SessionChanges = {}
  #authority: Authority | undefined
  /** Whether the session was had here before, and by nobody else since: then its status is no leftover of another process. */
  #hasOwned = false

  /** `heed` hears what somebody has changed of what is wanted. */
  constructor(record: SessionRecord, services: SessionServices, publisher: SessionPublisher, heed: Heed = () => {}) {
    this.record = record
    this.#services = services
    this.#publisher = publisher
    this.#heed = heed
  }

  get id(): string {
    return this.record.id
  }

  get status(): SessionStatus {
    return this.record.status
  }

  get isOwned(): boolean {
    return this.#authority?.lost.aborted === false
  }

  /**
   * Whether nobody is known to know better: it is owned here, or the lease ran out while the store was silent, or the store does
   * not know the last of it yet.
   */
  get isTruth(): boolean {
    return this.#authority !== undefined || !isEmpty(this.#unsaved)
  }

  /** Now, as ISO 8601. */
  timestamp(): string {
    return new Date(this.#services.clock.now()).toISOString()
  }

  /** The session is owned from now on; `stored` was read under its epoch. */
  own(stored: SessionRecord, authority: Authority): void {
    this.#authority = authority
    if (this.#hasOwned && stored.node === this.record.node) {
      const { counters, lastActivityAt } = this.record
      const counted = { ...stored, counters, ...(lastActivityAt ? { lastActivityAt } : {}) }
      this.record = applyChanges(counted, this.#unsaved)
    } else {
      this.#unsaved = {}
      this.record = asLeft(stored)
    }
    this.#hasOwned = true
  }

  /** What of a record another node or process has left matters, while nobody here knows better. */
  refresh(stored: SessionRecord): void {
    if (!this.isTruth) this.record = asLeft(stored)
  }

  /** The session was given back. */
  release(): void {
    this.#authority = undefined
  }

  /** Another node has the session: whatever was not stored is no longer true. */
  lose(): void {
    this.#authority = undefined
    this.#unsaved = {}
    this.#hasOwned = false
    this.record = asLeft(this.record)
  }

  /** Somebody has changed what is wanted of the session. */
  wanted(stored: SessionRecord): void {
    const before = this.record
    if (stored.revision < before.revision) return
    this.record = applyChanges(withSpecOf(before, stored), halvesOf(this.#unsaved).spec)
    this.#heed(before, this.record)
  }

  /** The change that makes it so, when it is not. */
  desiring(desired: DesiredState): Pick<SessionChanges, 'desired'> {
    return this.record.desired === desired ? {} : { desired }
  }

  /**
   * Moves the status by an event and tells why. An event that cannot happen in the current status changes nothing; the
   * answer says whether it could. The promise settles when the change is stored and announced. All that is written of it
   * bears one time: `at`, or now.
   */
  transition(
    event: StatusEvent,
    options: { at?: string; cause?: StatusCause; changes?: SessionChanges } = {},
  ): Promise<boolean> {
    const { id, status: previousStatus } = this.record
    const status = nextStatus(previousStatus, event)
    if (!status) {
      this.#services.logger.warn({ sessionId: id, status: previousStatus, event }, 'A status event was refused')
      return Promise.resolve(false)
    }
    const { cause, at = this.timestamp() } = options
    const reason: StatusReason | undefined = cause && { ...cause, action: adviceFor(status, cause.code) }
    const changed = status !== previousStatus
    this.#set({
      ...options.changes,
      status,
      statusReason: reason ?? null,
      ...(changed ? { statusSince: at } : {}),
      ...(cause && cause.code !== 'RESTART_REQUIRED' ? { errors: this.#errorsWith(at, cause) } : {}),
    })
    if (changed)
      this.#services.logger.info(
        { sessionId: id, status, previousStatus, code: cause?.code, reason: cause?.message },
        'The session changed its status',
      )
    if (!changed && !cause) return this.#save([]).then(() => true)
    const { account } = this.record
    const payload = { status, previousStatus, ...(account ? { account } : {}), ...(reason ? { reason } : {}) }
    const events: NewEvent[] = [{ name: 'session.status', at, payload }]
    if (changed && (status === 'connected' || previousStatus === 'connected'))
      events.push({ name: 'connected', at, payload })
    return this.#save(events).then(() => true)
  }

  /**
   * Changes other fields of the record; what they say already is not written again. Settles when stored, or when the store failed.
   */
  async patch(changes: SessionChanges): Promise<void> {
    if (!isUnchangedBy(this.record, changes)) this.#set(changes)
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
  attemptsLogWith(entry: SessionRecord['attemptsLog'][number]): SessionRecord['attemptsLog'] {
    return [...this.record.attemptsLog, entry].slice(-MAX_ATTEMPTS_LOGGED)
  }

  #errorsWith(at: string, { code, message }: StatusCause): SessionRecord['errors'] {
    return [...this.record.errors, { at, code, message }].slice(-MAX_ERRORS)
  }

  #set(changes: SessionChanges): void {
    const updated = { ...changes, updatedAt: this.timestamp() }
    this.record = applyChanges(this.record, updated)
    this.#unsaved = { ...this.#unsaved, ...updated }
  }

  /** Stores what is not stored yet and announces; answers why it could not be stored. */
  #save(events: NewEvent[]): Promise<TrunklineError | undefined> {
    return this.#publisher.inOrder(async () => {
      const failure = await this.#store()
      await this.#announce(events)
      return failure
    })
  }

  async #store(): Promise<TrunklineError | undefined> {
    const changes = this.#unsaved
    const authority = this.#authority
    if (isEmpty(changes)) return undefined
    if (!authority || authority.lost.aborted)
      return new TrunklineError('LEASE_LOST', { details: { sessionId: this.id } })
    this.#unsaved = {}
    try {
      this.wanted(await this.#write(changes, authority))
      this.record = { ...this.record, node: this.#services.node }
      return undefined
    } catch (error) {
      if (TrunklineError.is(error, 'LEASE_LOST')) {
        this.#services.logger.warn(
          { sessionId: this.id },
          'Another node has the session; what happened here is not kept',
        )
        authority.refused()
        this.lose()
        return error
      }
      this.#unsaved = { ...changes, ...this.#unsaved }
      this.#services.logger.error(
        { err: error, sessionId: this.id },
        'The session could not be stored; it will be with its next change',
      )
      return toStoreError(error)
    }
  }

  /** The report first: it is fenced, and where it is refused nothing else is written either. */
  async #write(changes: SessionChanges, { epoch }: Authority): Promise<SessionRecord> {
    const { sessions } = this.#services.store
    const { report, spec } = halvesOf(changes)
    let stored = await sessions.report(this.id, { ...report, node: this.#services.node }, { epoch })
    if (!isEmpty(spec)) stored = await sessions.update(this.id, spec)
    if (!stored) throw new TrunklineError('SESSION_NOT_FOUND', { details: { sessionId: this.id } })
    return stored
  }

  /** The log is the owner's; what another node, or nobody, may write down is told to the listeners of this process alone. */
  async #announce(events: NewEvent[]): Promise<void> {
    try {
      if (this.isOwned) return void (await this.#publisher.publishNow(events))
    } catch (error) {
      this.#services.logger.error(
        { err: error, sessionId: this.id },
        'An event could not be logged; it is announced all the same',
      )
    }
    for (const event of events) await this.#publisher.announceNow(event)
  }
}

/** A process that is gone leaves its last status behind; here the session has not started. */
export function asLeft(record: SessionRecord): SessionRecord {
  return isRunning(record.status) ? { ...record, status: 'stopped' } : record
}
