import type { AuthStore } from './auth-store.js'
import type { ChatStore } from './chat-store.js'
import type { EventLog } from './event-log.js'
import type { LeaseStore } from './lease-store.js'
import type { MessageStore } from './message-store.js'
import type { SessionStore } from './session-store.js'
import type { UserStore } from './user-store.js'

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
  readonly users: UserStore
  readonly leases: LeaseStore
  readonly events: EventLog

  /** Makes tables, indexes and migrations. Idempotent; called before anything else. */
  setup(): Promise<void>

  /** Whether the engine answers, and what it is and can do, for readiness pages. Rejects when it does not answer. */
  health(): Promise<StoreHealth>

  /** Ends what the store itself opened. Safe to call twice. */
  close(): Promise<void>
}

export interface StoreHealth {
  /** `memory`, `sqlite`, `mongo`, … */
  kind: string
  /** Whether what was acknowledged survives the process. */
  durable: boolean
  capabilities: Record<string, string | number | boolean>
}
