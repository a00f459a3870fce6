import { v7 as uuid } from 'uuid'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { Clock } from '../ports/clock.js'
import type { WebhookStore } from '../ports/webhook-store.js'
import type { WebhookRecord, WebhookSecretRecord } from '../records/webhook.js'
import type { Page } from '../types/page.js'
import type { CreateWebhookOptions, UpdateWebhookOptions, Webhook } from '../types/webhook.js'
import type { Receiver } from './endpoint.js'
import { newSecret } from './signature.js'

/** Seals what lies in the store and must not be read there. */
export interface TextSealer {
  seal(place: string, text: string): string
  /** @throws ENCRYPTION_KEY_WRONG */
  open(place: string, stored: string): string
}

/** Others may change a webhook at the same time, so often in a row at most. */
const MAX_TRIES = 20

const PAGE = 200

/** Webhooks as they are kept: changed by revision, their secrets and headers sealed. */
export class WebhookRecords {
  readonly #store: WebhookStore
  readonly #sealer: TextSealer
  readonly #clock: Clock

  constructor({ store, sealer, clock }: { store: WebhookStore; sealer: TextSealer; clock: Clock }) {
    this.#store = store
    this.#sealer = sealer
    this.#clock = clock
  }

  /** A record that is not stored yet, and its secret. */
  compose(options: CreateWebhookOptions): { record: WebhookRecord; secret: string } {
    const [id, at, secret] = [uuid(), this.#now(), newSecret()]
    const {
      url,
      events = '*',
      sessionIds = '*',
      metadata,
      headers,
      ordered = false,
      enabled = true,
      description,
    } = options
    const record: WebhookRecord = {
      id,
      url,
      events,
      sessionIds,
      ...(metadata ? { metadata } : {}),
      ...(headers ? { headers: this.#sealHeaders(id, headers) } : {}),
      ordered,
      enabled,
      ...(description ? { description } : {}),
      secrets: [this.#sealSecret(id, secret)],
      state: enabled ? 'ok' : 'disabled',
      createdAt: at,
      updatedAt: at,
      revision: 1,
    }
    return { record, secret }
  }

  async insert(record: WebhookRecord): Promise<void> {
    await this.#store.insert(record)
  }

  /** @throws WEBHOOK_NOT_FOUND */
  async get(webhookId: string): Promise<WebhookRecord> {
    const record = await this.#store.get(webhookId)
    if (!record) throw new TrunklineError('WEBHOOK_NOT_FOUND', { details: { webhookId } })
    return record
  }

  page(query: { limit: number; cursor?: string }): Promise<Page<WebhookRecord>> {
    return this.#store.list(query)
  }

  async all(): Promise<WebhookRecord[]> {
    const records: WebhookRecord[] = []
    let cursor: string | undefined
    do {
      const page = await this.#store.list({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
      records.push(...page.items)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    return records
  }

  /**
   * Changes what is stored at this moment, again when somebody else was faster. `undefined` from `change`: nothing is to be changed.
   *
   * @throws WEBHOOK_NOT_FOUND · WEBHOOK_BUSY when others keep changing it
   */
  async change(
    webhookId: string,
    change: (record: WebhookRecord) => WebhookRecord | undefined,
  ): Promise<WebhookRecord> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const before = await this.get(webhookId)
      const changed = change(before)
      if (!changed) return before
      const after = { ...changed, revision: before.revision + 1 }
      if (await this.#store.replace(after)) return after
    }
    throw new TrunklineError('WEBHOOK_BUSY', { details: { webhookId } })
  }

  update(webhookId: string, changes: UpdateWebhookOptions): Promise<WebhookRecord> {
    return this.change(webhookId, (record) => this.#updated(record, changes))
  }

  async addSecret(webhookId: string, maxCount: number): Promise<{ record: WebhookRecord; id: string; secret: string }> {
    const secret = newSecret()
    const sealed = this.#sealSecret(webhookId, secret)
    const record = await this.change(webhookId, (before) => {
      if (before.secrets.length >= maxCount)
        throw new TrunklineError('WEBHOOK_LIMIT_REACHED', { details: { limit: maxCount } })
      return { ...before, secrets: [...before.secrets, sealed], updatedAt: this.#now() }
    })
    return { record, id: sealed.id, secret }
  }

  /** @throws WEBHOOK_SECRET_NOT_FOUND, also for the last one: a webhook always signs */
  removeSecret(webhookId: string, secretId: string): Promise<WebhookRecord> {
    return this.change(webhookId, (before) => {
      const secrets = before.secrets.filter(({ id }) => id !== secretId)
      if (secrets.length === before.secrets.length || secrets.length === 0)
        throw new TrunklineError('WEBHOOK_SECRET_NOT_FOUND', { details: { webhookId } })
      return { ...before, secrets, updatedAt: this.#now() }
    })
  }

  /** @throws WEBHOOK_NOT_FOUND */
  async remove(webhookId: string): Promise<void> {
    if (!(await this.#store.remove(webhookId)))
      throw new TrunklineError('WEBHOOK_NOT_FOUND', { details: { webhookId } })
  }

  /** What is needed to send, opened. @throws ENCRYPTION_KEY_WRONG */
  receiverOf({ id, url, headers, secrets }: WebhookRecord): Receiver {
    return {
      url,
      headers: headers === undefined ? {} : JSON.parse(this.#sealer.open(`${id} headers`, headers)),
      secrets: secrets.map(({ id: secretId, value }) => this.#sealer.open(`${id} ${secretId}`, value)),
    }
  }

  view(record: WebhookRecord): Webhook {
    const { headers: _headers, revision: _revision, secrets, events, sessionIds, ...shown } = record
    return {
      ...shown,
      events: events === '*' ? '*' : [...events],
      sessionIds: sessionIds === '*' ? '*' : [...sessionIds],
      headerNames: Object.keys(this.#headersOf(record)),
      secrets: secrets.map(({ id, createdAt }) => ({ id, createdAt })),
    }
  }

  #headersOf({ id, headers }: WebhookRecord): Record<string, string> {
    return headers === undefined ? {} : JSON.parse(this.#sealer.open(`${id} headers`, headers))
  }

  #updated(record: WebhookRecord, changes: UpdateWebhookOptions): WebhookRecord {
    const { metadata, headers, description, enabled = record.enabled, ...plain } = changes
    const { metadata: oldMetadata, headers: oldHeaders, description: oldDescription, ...kept } = record
    const { state, stateReason, failingSince, ...rest } = kept
    const newHeaders = headers ? this.#sealHeaders(record.id, headers) : headers
    const isSwitched = changes.enabled !== undefined && (changes.enabled !== record.enabled || state === 'disabled')
    const health = {
      state,
      ...(stateReason === undefined ? {} : { stateReason }),
      ...(failingSince === undefined ? {} : { failingSince }),
    }
    return {
      ...rest,
      ...plain,
      ...present('metadata', metadata === undefined ? oldMetadata : metadata),
      ...present('headers', newHeaders === undefined ? oldHeaders : newHeaders),
      ...present('description', description === undefined ? oldDescription : description),
      enabled,
      ...(isSwitched ? { state: enabled ? ('ok' as const) : ('disabled' as const) } : health),
      updatedAt: this.#now(),
    }
  }

  #sealHeaders(id: string, headers: Record<string, string>): string {
    return this.#sealer.seal(`${id} headers`, JSON.stringify(headers))
  }

  #sealSecret(id: string, secret: string): WebhookSecretRecord {
    const secretId = uuid()
    return { id: secretId, value: this.#sealer.seal(`${id} ${secretId}`, secret), createdAt: this.#now() }
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString()
  }
}

/** The field, unless there is nothing in it. */
function present<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): Partial<Record<Name, Value>> {
  return value === null || value === undefined ? {} : ({ [name]: value } as Record<Name, Value>)
}
