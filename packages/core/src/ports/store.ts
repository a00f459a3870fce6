import type { ApiKeyStore } from './api-key-store.js'
import type { AttemptStore } from './attempt-store.js'
import type { AuditStore } from './audit-store.js'
import type { AuthStore } from './auth-store.js'
import type { ChatStore } from './chat-store.js'
import type { CursorStore } from './cursor-store.js'
import type { EventLog } from './event-log.js'
import type { InstallationStore } from './installation-store.js'
import type { JobStore } from './job-store.js'
import type { LeaseStore } from './lease-store.js'
import type { MediaStore } from './media-store.js'
import type { MessageStore } from './message-store.js'
import type { SessionStore } from './session-store.js'
import type { TrafficStore } from './traffic-store.js'
import type { UserStore } from './user-store.js'
import type { WebhookStore } from './webhook-store.js'

/**
 * Everything a manager keeps. Calls reject with STORE_UNAVAILABLE when the engine does not answer; expected outcomes (nothing
 * found, id in use, lease held elsewhere) are return values. Values given to a store are not kept by reference: a caller may
 * change its objects afterwards, and a store may hand out the same object only once.
 */
export interface Store {
  readonly auth: AuthStore
  readonly sessions: SessionStore
  readonly messages: MessageStore
  readonly chats: ChatStore
  readonly leases: LeaseStore
  readonly events: EventLog

  /** For Trunkline's own login. The library itself never asks for it: hosts with a login of their own need none. */
  readonly users?: UserStore
  /** For API keys of Trunkline's own login. */
  readonly apiKeys?: ApiKeyStore
  /** For the record of who did what. */
  readonly audit?: AuditStore
  /** For work that outlives the process. */
  readonly jobs?: JobStore
  /** For the bytes of media. */
  readonly media?: MediaStore
  /** For durable readers of the event log. */
  readonly cursors?: CursorStore
  /** For webhooks, which need `cursors` and `jobs` too. */
  readonly webhooks?: WebhookStore
  /** What may be tried only so often, such as passwords, is counted by each process without it. */
  readonly attempts?: AttemptStore
  /** For charts of messages over time. */
  readonly traffic?: TrafficStore
  /** For what people set while processes run, for all of them. Without it everything is set at the start of each. */
  readonly installation?: InstallationStore

  /** Makes tables, indexes and migrations. Idempotent; called before anything else. */
  setup(): Promise<void>

  /** Whether the engine answers, and what it is and can do, for readiness pages. Rejects when it does not answer. */
  health(): Promise<StoreHealth>

  /** Ends what the store itself opened. Safe to call twice. */
  close(): Promise<void>
}

/** What an engine is and can do. */
export interface StoreHealth {
  /** `memory`, `sqlite`, `mongo`, … */
  kind: string
  /** Whether what was acknowledged survives the process. */
  durable: boolean
  capabilities: Record<string, string | number | boolean>
}
