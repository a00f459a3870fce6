import type { WebhookRecord } from '../records/webhook.js'
import type { Page } from '../types/page.js'

/** The endpoints that events are delivered to. */
export interface WebhookStore {
  /** `false`, and nothing written, when the id is in use. */
  insert(webhook: WebhookRecord): Promise<boolean>

  get(webhookId: string): Promise<WebhookRecord | undefined>

  /** By id, ascending. */
  list(query: { limit: number; cursor?: string }): Promise<Page<WebhookRecord>>

  /**
   * Puts a webhook in the place of itself of the revision before, so that nobody's change is lost.
   *
   * @returns `false`, and nothing written, when what is kept has another revision, or is gone
   */
  replace(webhook: WebhookRecord): Promise<boolean>

  /** Whether it was there. */
  remove(webhookId: string): Promise<boolean>
}
