import { v7 as uuid } from 'uuid'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { EventScope } from '../manager/event-hub.js'
import { checkScope } from '../manager/validation.js'
import type { Clock } from '../ports/clock.js'
import type { CursorStore } from '../ports/cursor-store.js'
import type { Job, JobStore } from '../ports/job-store.js'
import { startTime } from '../readers/start-time.js'
import { LIMITS } from '../types/limits.js'
import type { Page, PageOptions } from '../types/page.js'
import {
  type CreatedWebhook,
  type CreatedWebhookSecret,
  type CreateWebhookOptions,
  type Delivery,
  type DeliveryAttempt,
  type DeliveryQuery,
  type RedeliverOptions,
  type UpdateWebhookOptions,
  WEBHOOK_STATES,
  type Webhook,
  type WebhookAttempt,
  type WebhookState,
} from '../types/webhook.js'
import type { AddressGuard } from '../util/address-guard.js'
import type { GuardedEmitter } from '../util/guarded-emitter.js'
import {
  checkCreateWebhook,
  checkDeliveryQuery,
  checkRedeliver,
  checkUpdateWebhook,
  checkWebhookId,
} from './check-webhook.js'
import { attemptDelivery } from './endpoint.js'
import type { WebhookSender } from './http-sender.js'
import { deliveryOf, JOB_STATE_OF, kindOf, type Parked, parkedJob } from './parked.js'
import type { WebhookRecords } from './webhook-records.js'
import type { WebhookRunner } from './webhook-runner.js'

/** What webhooks are kept and delivered with. */
export interface WebhookDesk {
  records: WebhookRecords
  runner: WebhookRunner
  jobs: JobStore
  cursors: CursorStore
  sender: WebhookSender
}

/** What is told of webhooks in the process. */
export interface WebhookNews {
  disabled: Webhook
  /** As `disabled`, by other nodes too. */
  'disabled-anywhere': Webhook
  attempted: WebhookAttempt
}

export interface WebhooksParts {
  /** Rejects when the manager is closed. @throws CONFIG_INVALID when the store keeps no webhooks */
  desk(): Promise<WebhookDesk>
  guard: AddressGuard
  news: GuardedEmitter<WebhookNews>
  clock: Clock
  /** The limit of a page, or the default. @throws VALIDATION_FAILED */
  limitOf(given: number | undefined): number
}

const PAGE = 200

/**
 * Endpoints that events are delivered to by [Standard Webhooks](https://www.standardwebhooks.com): at least once, signed, tried again
 * for three days. Every method rejects with CONFIG_INVALID when the store keeps no webhooks, cursors or jobs.
 */
export class Webhooks {
  readonly #parts: WebhooksParts

  constructor(parts: WebhooksParts) {
    this.#parts = parts
  }

  /** The answer has the secret, which is not shown again. @throws VALIDATION_FAILED · WEBHOOK_LIMIT_REACHED */
  async create(options: CreateWebhookOptions): Promise<CreatedWebhook> {
    checkCreateWebhook(options, this.#parts.guard)
    const { records, runner, cursors } = await this.#parts.desk()
    const { maxCount } = LIMITS.webhooks
    if ((await records.all()).length >= maxCount)
      throw new TrunklineError('WEBHOOK_LIMIT_REACHED', { details: { limit: maxCount } })
    const { record, secret } = records.compose(options)
    // Before anybody can begin to read for it.
    await cursors.begin(kindOf(record.id), startTime(options.from, this.#parts.clock.now()))
    await records.insert(record)
    await runner.apply(record)
    return { ...records.view(record), secret }
  }

  /** In the order in which they were made. */
  async list(options: PageOptions = {}): Promise<Page<Webhook>> {
    const limit = this.#parts.limitOf(options.limit)
    checkDeliveryQuery(options.cursor === undefined ? {} : { cursor: options.cursor })
    const { records } = await this.#parts.desk()
    const { items, ...rest } = await records.page({ ...options, limit })
    return { items: items.map((record) => records.view(record)), ...rest }
  }

  /** @throws WEBHOOK_NOT_FOUND */
  async get(webhookId: string): Promise<Webhook> {
    checkWebhookId(webhookId)
    const { records } = await this.#parts.desk()
    return records.view(await records.get(webhookId))
  }

  /**
   * Changes what is given. Events that were not delivered yet are delivered as it says from now on.
   *
   * @throws VALIDATION_FAILED · WEBHOOK_NOT_FOUND · WEBHOOK_BUSY
   */
  async update(webhookId: string, changes: UpdateWebhookOptions): Promise<Webhook> {
    checkWebhookId(webhookId)
    checkUpdateWebhook(changes, this.#parts.guard)
    const { records, runner } = await this.#parts.desk()
    const record = await records.update(webhookId, changes)
    await runner.apply(record)
    return records.view(record)
  }

  /**
   * Calls back when a webhook was switched off by what its receiver did; `stateReason` says why. With the scope `node`, as unless
   * given, in the process that noticed it; with `cluster` in every process on the store, some seconds later in the others. The answer
   * takes the listener off.
   */
  onDisabled(listener: (webhook: Webhook) => unknown, { scope = 'node' }: { scope?: EventScope } = {}): () => void {
    checkScope(scope)
    const name = scope === 'cluster' ? 'disabled-anywhere' : 'disabled'
    this.#parts.news.on(name, listener)
    return () => this.#parts.news.off(name, listener)
  }

  /** Calls back after each request to a webhook that was made in this process. The answer takes the listener off. */
  onAttempt(listener: (attempt: WebhookAttempt) => unknown): () => void {
    this.#parts.news.on('attempted', listener)
    return () => this.#parts.news.off('attempted', listener)
  }

  /** With its deliveries: those that wait are canceled. @throws WEBHOOK_NOT_FOUND */
  async remove(webhookId: string): Promise<void> {
    checkWebhookId(webhookId)
    const { records, runner, jobs, cursors } = await this.#parts.desk()
    await records.remove(webhookId)
    await runner.forget(webhookId)
    const at = this.#now()
    for await (const job of allJobs(jobs, { kind: kindOf(webhookId), state: 'waiting' })) await jobs.cancel(job, { at })
    await cursors.remove(kindOf(webhookId))
  }

  /**
   * A second secret: messages are signed by both until the older one is removed, so that a receiver can change over.
   *
   * @throws WEBHOOK_NOT_FOUND · WEBHOOK_LIMIT_REACHED when there are two already
   */
  async addSecret(webhookId: string): Promise<CreatedWebhookSecret> {
    checkWebhookId(webhookId)
    const { records, runner } = await this.#parts.desk()
    const { record, id, secret } = await records.addSecret(webhookId, LIMITS.webhooks.maxSecrets)
    await runner.apply(record)
    const createdAt = record.secrets.find((one) => one.id === id)?.createdAt ?? record.updatedAt
    return { id, secret, createdAt }
  }

  /** @throws WEBHOOK_NOT_FOUND · WEBHOOK_SECRET_NOT_FOUND, also for the last one: a webhook always signs */
  async removeSecret(webhookId: string, secretId: string): Promise<void> {
    checkWebhookId(webhookId)
    checkWebhookId(secretId, 'secretId')
    const { records, runner } = await this.#parts.desk()
    await runner.apply(await records.removeSecret(webhookId, secretId))
  }

  /** Sends a message of the type `webhook.test` once, also when the webhook is off, and answers what came of it. @throws WEBHOOK_NOT_FOUND */
  async test(webhookId: string): Promise<DeliveryAttempt> {
    checkWebhookId(webhookId)
    const { records, sender } = await this.#parts.desk()
    const receiver = records.receiverOf(await records.get(webhookId))
    const body = JSON.stringify({ type: 'webhook.test', timestamp: this.#now(), data: { webhookId } })
    const message = { id: `msg_test_${uuid()}`, body }
    const { clock } = this.#parts
    const { attempt } = await attemptDelivery(receiver, message, {
      sender,
      clock,
      signal: new AbortController().signal,
    })
    return attempt
  }

  /** How many webhooks are in each state, for gauges. */
  async stateCounts(): Promise<Record<WebhookState, number>> {
    const { records } = await this.#parts.desk()
    const counts = Object.fromEntries(WEBHOOK_STATES.map((state) => [state, 0])) as Record<WebhookState, number>
    for (const { state } of await records.all()) counts[state] += 1
    return counts
  }

  /** How many events wait to be delivered again, to whichever webhook, for gauges. */
  async waitingCount(): Promise<number> {
    const { records, jobs } = await this.#parts.desk()
    const counts = (await records.all()).map(({ id }) => jobs.count({ kind: kindOf(id), state: 'waiting' }))
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  }

  /**
   * What is on its way and what became of the others, oldest first. What was delivered at the first attempt is there a second later.
   *
   * @throws WEBHOOK_NOT_FOUND
   */
  async deliveries(webhookId: string, options: PageOptions & DeliveryQuery = {}): Promise<Page<Delivery>> {
    checkWebhookId(webhookId)
    const { limit: given, ...query } = options
    checkDeliveryQuery(query)
    const limit = this.#parts.limitOf(given)
    const { records, jobs } = await this.#parts.desk()
    await records.get(webhookId)
    const { state, ...rest } = query
    const filter = { kind: kindOf(webhookId), ...rest, ...(state ? { state: JOB_STATE_OF[state] } : {}) }
    const { items, ...page } = await jobs.list({ ...filter, limit })
    return { items: items.map((job) => deliveryOf(webhookId, job)), ...page }
  }

  /**
   * Delivers an event again, at once and with the same `webhook-id`, as a delivery of its own.
   *
   * @throws WEBHOOK_NOT_FOUND · DELIVERY_NOT_FOUND
   */
  async redeliver(webhookId: string, deliveryId: string): Promise<Delivery> {
    checkWebhookId(webhookId)
    checkWebhookId(deliveryId, 'deliveryId')
    const { records, runner, jobs } = await this.#parts.desk()
    await records.get(webhookId)
    const job = await jobs.get({ kind: kindOf(webhookId), key: deliveryId })
    if (!job) throw new TrunklineError('DELIVERY_NOT_FOUND', { details: { webhookId, deliveryId } })
    const again = this.#again(webhookId, job)
    const [stored] = await jobs.enqueue([again])
    runner.wake(webhookId)
    return deliveryOf(webhookId, stored?.job ?? { ...again, state: 'waiting', attempts: 0 })
  }

  /**
   * Delivers again, once and each with its own `webhook-id`, the events of a range of time that could not be delivered, or with
   * `state: 'delivered'` those that were and are still kept; answers how many.
   *
   * @throws WEBHOOK_NOT_FOUND
   */
  async redeliverMany(webhookId: string, options: RedeliverOptions): Promise<{ count: number }> {
    checkWebhookId(webhookId)
    checkRedeliver(options)
    const { records, runner, jobs } = await this.#parts.desk()
    await records.get(webhookId)
    const { state = 'dead' } = options
    const [from, to] = [Date.parse(options.from), Date.parse(options.to)]
    const repeated = new Set<string>()
    // What is delivered again comes by once more at the end of the list, with the same id.
    for await (const job of allJobs(jobs, { kind: kindOf(webhookId), state: JOB_STATE_OF[state] })) {
      const { messageId, event } = job.payload as Parked
      const at = Date.parse(event.event.at)
      if (at < from || at >= to || repeated.has(messageId)) continue
      await jobs.enqueue([this.#again(webhookId, job)])
      repeated.add(messageId)
    }
    runner.wake(webhookId)
    return { count: repeated.size }
  }

  #again(webhookId: string, { payload }: Job) {
    const { messageId, event } = payload as Parked
    const now = this.#parts.clock.now()
    const key = `${messageId}.${uuid()}`
    // Nobody waits for what is old already.
    return parkedJob(webhookId, { key, parked: { messageId, event, attempts: [] }, ordered: false, dueAt: now, now })
  }

  #now(): string {
    return new Date(this.#parts.clock.now()).toISOString()
  }
}

/** Page by page; what ends meanwhile is passed over or comes once. */
async function* allJobs(jobs: JobStore, filter: Parameters<JobStore['count']>[0]): AsyncGenerator<Job> {
  let cursor: string | undefined
  do {
    const page: Page<Job> = await jobs.list({ ...filter, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
    yield* page.items
    cursor = page.nextCursor
  } while (cursor !== undefined)
}
