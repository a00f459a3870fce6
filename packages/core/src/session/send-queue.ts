import { TrunklineError } from '../errors/trunkline-error.js'
import type { Admission } from '../pacing/pacer.js'
import type { Connection } from '../ports/connector.js'
import type { Job, JobOutcome, JobStore } from '../ports/job-store.js'
import type { SessionRecord } from '../ports/session-store.js'
import { isPerson } from '../records/jid.js'
import { publicMessage } from '../records/stored.js'
import type { Message, MessageRef, StoredMessage } from '../types/message.js'
import type { WaitingFor } from '../types/queue.js'
import { fullJitter } from '../util/backoff.js'
import { sleep } from '../util/sleep.js'
import type { InboxParts } from './inbox.js'
import type { Outbox } from './outbox.js'
import { encode, expiryOf, jobsOf, laneOf, type QueuedSend, queuedOf, queueJob, queueKind } from './queue-job.js'
import type { QueuedFiles } from './queued-files.js'
import type { Recipients } from './recipients.js'
import { storedMessage } from './stored-message.js'

/** Messages that are worked on at once, each of another chat. */
const AT_ONCE = 16
/** Longer than it takes to hand a message over. Only the owner of the session works on its queue, so nobody waits for it. */
const LEASE_MS = 60_000
/** After a look that failed. */
const RETRY_LOOK_MS = 5_000
/** Bounds of the pause after a message could not be tried to the end, and how often that may be. */
const RETRY_BASE_MS = 1_000
const RETRY_MAX_MS = 60_000
const MAX_FAILURES = 8
/** Jobs that are canceled in one step. */
const CLEARED_AT_ONCE = 200

export interface SendQueueParts extends InboxParts {
  outbox: Outbox
  recipients: Recipients
  jobs: JobStore
  files: QueuedFiles
}

/**
 * The messages of one session that wait to be sent. While it is connected they are taken in their turn, the first of each chat,
 * and handed to the outbox. Nothing runs while nothing waits: whoever queues something wakes it, and a timer waits for what is due
 * later. That a message is sent once is decided by its row, which only one can move from `queued` on.
 */
export class SendQueue {
  readonly #parts: SendQueueParts
  readonly #kind: string
  readonly #working = new Map<string, Promise<void>>()
  #connection: Connection | undefined
  #tenure = new AbortController()
  #looking: Promise<void> | undefined
  #lookAgain = false
  #cancelTimer: (() => void) | undefined
  /** What nothing of the session can go before. */
  #hold: { until: number; waitingFor: WaitingFor } | undefined
  /** What the last message that was put off waits for. */
  #putOff: WaitingFor | undefined
  /** The settings that what waits was judged by; unknown at first, as it may have been put off by another process. */
  #judgedBy: string | undefined
  #isEmpty = false
  /** How often something may have been queued. */
  #wakes = 0
  /** What an earlier connection has claimed is nobody's any more. */
  #reclaims = true

  constructor(parts: SendQueueParts) {
    this.#parts = parts
    this.#kind = queueKind(parts.state.id)
  }

  /** Whether nothing waits, as far as is known. */
  get isEmpty(): boolean {
    return this.#isEmpty
  }

  /** What the queue, or the last of its messages that was put off, waits for. */
  get waitingFor(): WaitingFor | undefined {
    return this.#hold?.waitingFor ?? this.#putOff
  }

  /** How many messages wait. Once it was none, nobody is asked until something may have been queued. */
  async count(): Promise<number> {
    if (this.#isEmpty) return 0
    const wakes = this.#wakes
    const { jobs } = this.#parts
    const counts = (['waiting', 'claimed'] as const).map((state) => jobs.count({ kind: this.#kind, state }))
    const total = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
    if (total === 0 && wakes === this.#wakes) this.#isEmpty = true
    return total
  }

  /** From now on what waits is sent. */
  begin(connection: Connection): void {
    this.#connection = connection
    this.#tenure = new AbortController()
    this.#reclaims = true
    this.wake()
  }

  /** The connection is gone; resolves when nobody works on a message any more. */
  async end(): Promise<void> {
    this.#connection = undefined
    this.#tenure.abort()
    this.#cancelTimer?.()
    await this.#looking
    await Promise.all(this.#working.values())
    await this.#parts.files.settled()
  }

  /** Something may be due. */
  wake(): void {
    this.#isEmpty = false
    this.#wakes += 1
    this.#lookAgain = this.#looking !== undefined
    if (!this.#connection) return
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
      if (this.#lookAgain) this.wake()
    })
  }

  /** Somebody has changed what is wanted of the session: what held messages back may not do so any more. */
  heed(before: SessionRecord, after: SessionRecord): void {
    if (pacingOf(before) !== pacingOf(after) || before.queuePaused !== after.queuePaused) this.wake()
  }

  /** @throws MESSAGE_NOT_FOUND · MESSAGE_NOT_CHANGEABLE when it is not queued any more */
  async cancel(ref: MessageRef): Promise<Message> {
    const target = await storedMessage(ref, this.#parts)
    const isCanceled = target.status === 'canceled' || (target.status === 'queued' && (await this.#retire(target)))
    if (isCanceled) return publicMessage(await storedMessage(ref, this.#parts))
    const details = { messageId: target.id, reason: 'not-queued' }
    throw new TrunklineError('MESSAGE_NOT_CHANGEABLE', { details, message: 'The message is not queued any more' })
  }

  /** The time of a message has passed. It is told unless somebody was earlier. */
  async expire(messageId: string): Promise<void> {
    const { jobs, state } = this.#parts
    for (const ref of jobsOf({ sessionId: state.id, id: messageId })) {
      const job = await jobs.get(ref)
      if (job?.state === 'waiting' || job?.state === 'claimed') await this.#drop(job, 'expired')
    }
  }

  /** Cancels all that waits, and what nobody has handed to WhatsApp yet; answers how many that were. */
  async clear(): Promise<number> {
    let canceled = 0
    for (;;) {
      const waiting = await this.#clear('waiting')
      const found = waiting + (await this.#clear('claimed'))
      // What was put off meanwhile is found by the next look.
      if (found === 0) return canceled
      canceled += found
    }
  }

  async #clear(state: 'waiting' | 'claimed'): Promise<number> {
    const { jobs } = this.#parts
    let canceled = 0
    let cursor: string | undefined
    do {
      const query = { kind: this.#kind, state, limit: CLEARED_AT_ONCE }
      const page = await jobs.list({ ...query, ...(cursor ? { cursor } : {}) })
      for (const job of page.items) if (await this.#drop(job, 'canceled')) canceled += 1
      cursor = page.nextCursor
    } while (cursor)
    return canceled
  }

  /** Ends a job together with its message, unless that is not queued any more: then the job finds nothing to do. */
  async #drop(job: Job, status: 'canceled' | 'expired'): Promise<boolean> {
    const { outbox, jobs, state, files } = this.#parts
    const queued = queuedOf(job)
    const isOurs = await outbox.leaveQueue(await this.#addressed(queued.message), { kind: 'status', status })
    const at = state.timestamp()
    if (job.state === 'claimed') await jobs.settle(job, { state: 'canceled', at })
    else await jobs.cancel(job, { at })
    if (status === 'canceled') await this.#forgetExpiry(queued)
    if (isOurs) files.drop(queued.message)
    return isOurs
  }

  async #forgetExpiry({ message, expiresAt }: QueuedSend): Promise<void> {
    const { jobs, state } = this.#parts
    if (expiresAt !== undefined) await jobs.cancel(expiryOf(message), { at: state.timestamp() })
  }

  async #retire(message: StoredMessage): Promise<boolean> {
    const { outbox, jobs, state, files } = this.#parts
    const canonical = await this.#addressed(message)
    const isCanceled = await outbox.leaveQueue(canonical, { kind: 'status', status: 'canceled' })
    // Its row is what counts: a job that stays finds nothing to do.
    if (!isCanceled) return false
    for (const job of [...jobsOf(message), expiryOf(message)]) await jobs.cancel(job, { at: state.timestamp() })
    files.drop(canonical)
    return true
  }

  async #look(): Promise<void> {
    const { services, state, jobs } = this.#parts
    this.#lookAgain = false
    this.#cancelTimer?.()
    const now = services.clock.now()
    // Whoever resumes it wakes it.
    if (state.record.queuePaused) return
    const isJudged = this.#judgedBy === pacingOf(state.record)
    if (isJudged && this.#hold && now < this.#hold.until) return this.#wakeAt(this.#hold.until)
    this.#hold = undefined
    const limit = AT_ONCE - this.#working.size
    // Whoever ends its work looks again: fewer looks find as much.
    if (limit < AT_ONCE / 2) return
    try {
      if (!isJudged) await this.#judgeAgain(now)
      const claimed = await jobs.claim({
        kind: this.#kind,
        owner: services.node,
        limit,
        leaseMs: LEASE_MS,
        now: new Date(this.#reclaims ? now + LEASE_MS : now).toISOString(),
      })
      if (claimed.length < limit) this.#reclaims = false
      for (const job of claimed) this.#begin(job)
      if (claimed.length === 0) await this.#sleepUntilDue()
    } catch (error) {
      services.logger.warn({ err: error, sessionId: state.id }, 'The queue could not be read; looking again')
      this.#wakeAt(now + RETRY_LOOK_MS)
    }
  }

  /** What was put off by other settings has its turn now, and is put off again where that is still right. */
  async #judgeAgain(now: number): Promise<void> {
    const { jobs, state } = this.#parts
    const pacing = pacingOf(state.record)
    await jobs.hasten({ kind: this.#kind, dueAt: new Date(now).toISOString() })
    this.#judgedBy = pacing
    this.#putOff = undefined
  }

  async #sleepUntilDue(): Promise<void> {
    const next = await this.#parts.jobs.nextAt(this.#kind)
    if (this.#lookAgain) return
    if (next === undefined) {
      this.#isEmpty = true
      this.#putOff = undefined
    } else this.#wakeAt(Date.parse(next))
  }

  #wakeAt(time: number): void {
    const { clock } = this.#parts.services
    this.#cancelTimer?.()
    if (this.#connection) this.#cancelTimer = clock.setTimeout(() => this.wake(), Math.max(1, time - clock.now()))
  }

  #begin(job: Job): void {
    const connection = this.#connection
    if (!connection || this.#working.has(job.key)) return
    const { logger } = this.#parts.services
    const working = this.#work(job, connection)
      .catch((error: unknown) => logger.warn({ err: error, key: job.key }, 'What came of a job could not be stored'))
      .finally(() => {
        this.#working.delete(job.key)
        this.wake()
      })
    this.#working.set(job.key, working)
  }

  async #work(job: Job, connection: Connection): Promise<void> {
    const { jobs, files } = this.#parts
    const { message } = queuedOf(job)
    const work = async () => {
      const outcome = await this.#outcomeOf(job, connection)
      await jobs.settle(job, outcome)
      if (outcome.state === 'dead') files.drop(message)
    }
    await (message.media ? files.during(work) : work())
  }

  async #outcomeOf(job: Job, connection: Connection): Promise<JobOutcome> {
    const { state, jobs, outbox, services } = this.#parts
    const at = state.timestamp()
    const queued = queuedOf(job)
    // It was claimed as one that nobody works on any more, and is not due.
    if (job.dueAt > at) return { state: 'waiting', dueAt: job.dueAt }
    if (queued.expiresAt !== undefined && queued.expiresAt <= at) {
      await outbox.leaveQueue(await this.#addressed(queued.message), { kind: 'status', status: 'expired' })
      return { state: 'dead', at }
    }
    const lane = laneOf(job)
    if (lane !== undefined) {
      await jobs.enqueue([queueJob(queued, { lane, now: services.clock.now() })])
      return { state: 'done', at }
    }
    try {
      return await this.#send(queued, { job, connection })
    } catch (error) {
      return this.#afterFailure(error, { job, queued })
    }
  }

  async #send(given: QueuedSend, { job, connection }: { job: Job; connection: Connection }): Promise<JobOutcome> {
    const { recipients, outbox, services, files } = this.#parts
    const { signal } = this.#tenure
    const to = await recipients.find(given.message.chatId, connection)
    const queued = await files.bring(given, { connection, signal })
    const message = await this.#addressed(queued.message)
    const admission = await this.#admit({ ...queued, message })
    // A file that is uploaded is not uploaded again.
    if (admission.kind === 'wait')
      return { ...this.#wait(admission, job), ...(given.file ? { payload: encode(queued) } : {}) }
    const { typingMs = 0 } = admission
    if (typingMs > 0) {
      await connection.sendPresence(message.chatId, 'composing').catch(() => undefined)
      await sleep(services.clock, typingMs, signal)
    }
    if (signal.aborted) return { state: 'waiting', dueAt: job.dueAt }
    await files.keepFor(message)
    await outbox.sendQueued({ ...queued, message }, { to, connection })
    await this.#forgetExpiry(queued)
    return { state: 'done', at: this.#parts.state.timestamp() }
  }

  async #admit({ message, priority, typing }: QueuedSend): Promise<Admission> {
    const { services, state } = this.#parts
    if (!services.pacer) return { kind: 'go' }
    const { chatId, type, text = '' } = message
    return services.pacer.admit({
      sessionId: state.id,
      settings: state.record.settings,
      chatId,
      type,
      textLength: text.length,
      priority,
      ...(typing === undefined ? {} : { typing }),
      isNewConversation: () => this.#isNewConversation(chatId),
    })
  }

  #wait({ at, holds, waitingFor }: Extract<Admission, { kind: 'wait' }>, job: Job): JobOutcome {
    if (holds === 'chat') {
      this.#putOff = waitingFor
      return { state: 'waiting', dueAt: new Date(at).toISOString() }
    }
    // The message keeps its place before the others.
    if (!this.#hold || at < this.#hold.until) this.#hold = { until: at, waitingFor }
    return { state: 'waiting', dueAt: job.dueAt }
  }

  /** Nothing was handed over yet: it is tried again, unless it never will be. */
  async #afterFailure(error: unknown, { job, queued }: { job: Job; queued: QueuedSend }): Promise<JobOutcome> {
    const { outbox, services, state } = this.#parts
    const code = TrunklineError.is(error) ? error.code : 'INTERNAL'
    const failures = (queued.failures ?? 0) + 1
    if (this.#tenure.signal.aborted) return { state: 'waiting', dueAt: job.dueAt }
    if (NEVER_WELL.has(code) || failures >= MAX_FAILURES) {
      const message = TrunklineError.is(error) ? error.message : 'The message could not be sent'
      await outbox.failQueued(await this.#addressed(queued.message), { code, message })
      await this.#forgetExpiry(queued)
      return { state: 'dead', at: state.timestamp(), lastError: code }
    }
    services.logger.warn({ err: error, sessionId: state.id, messageId: job.key }, 'A queued message is tried again')
    const pauseMs = fullJitter(failures, { baseMs: RETRY_BASE_MS, maxMs: RETRY_MAX_MS, random: services.random })
    const dueAt = new Date(services.clock.now() + pauseMs).toISOString()
    return { state: 'waiting', dueAt, lastError: code, payload: encode({ ...queued, failures }) }
  }

  /** Under the addresses that count by now: its chat may have moved to a LID since it was queued. */
  async #addressed(message: StoredMessage): Promise<StoredMessage> {
    const { chatId, senderId } = message
    const [chat = chatId, sender = senderId] = await this.#parts.identities.canonical([chatId, senderId])
    return { ...message, chatId: chat, senderId: sender }
  }

  /** Nobody of the two has written to the other, as far as it is stored; and the person not within a day. */
  async #isNewConversation(chatId: string): Promise<boolean> {
    if (!isPerson(chatId)) return false
    const { services, state } = this.#parts
    const { items } = await services.store.messages.page(state.id, { chatId, limit: LOOKED_BACK })
    const dayAgo = new Date(services.clock.now() - DAY_MS).toISOString()
    return !items.some(({ fromMe, status, timestamp }) => (fromMe ? WRITTEN.has(status) : timestamp > dayAgo))
  }
}

function pacingOf({ settings }: SessionRecord): string {
  return JSON.stringify(settings.pacing ?? {})
}

/** What is no better the next time. */
const NEVER_WELL: ReadonlySet<string> = new Set(['RECIPIENT_NOT_ON_WHATSAPP', 'MEDIA_NOT_AVAILABLE'])
const DAY_MS = 24 * 60 * 60_000
const LOOKED_BACK = 20
/** What the person got, or may have got. */
const WRITTEN: ReadonlySet<Message['status']> = new Set(['pending', 'sent', 'delivered', 'read', 'played', 'unknown'])
