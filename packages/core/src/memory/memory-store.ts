import { having, refuseOptions } from '../manager/check-config.js'
import { fields, optional, wholeNumber } from '../manager/checks.js'
import type { Clock } from '../ports/clock.js'
import type { Store } from '../ports/store.js'
import { createApiKeyStore } from './api-key-store.js'
import { createAttemptStore } from './attempt-store.js'
import { createAuditStore } from './audit-store.js'
import { createAuthStore } from './auth-store.js'
import { createChatStore } from './chat-store.js'
import { createCursorStore } from './cursor-store.js'
import { createEventLog } from './event-log.js'
import { createInstallationStore } from './installation-store.js'
import { createJobStore } from './job-store.js'
import { createLeaseStore } from './lease-store.js'
import { createMailboxes } from './mailbox.js'
import { createMediaStore } from './media-store.js'
import { createMessageStore } from './message-store.js'
import { createSessionStore } from './session-store.js'
import { createTrafficStore } from './traffic-store.js'
import { createUserStore } from './user-store.js'
import { createWebhookStore } from './webhook-store.js'

/** What a memory store is made with. */
export interface MemoryStoreOptions {
  /** Decides when leases expire. */
  clock?: Clock
  /** How many events are kept for each session; 1,000 unless given. */
  eventsPerSession?: number
}

const memoryStoreOptions = fields<MemoryStoreOptions>({
  clock: optional(having<Clock>('now')),
  eventsPerSession: optional(wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER })),
})

/**
 * The reference store: every port in the shortest code that is right. Nothing survives the process, so it is for tests and
 * for trying things out. `close` keeps the data, so that the same object can be handed to a second manager.
 *
 * @throws CONFIG_INVALID naming each option that is wrong
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): Required<Store> {
  refuseOptions('the memory store', memoryStoreOptions(options, ''))
  const mailboxes = createMailboxes()
  const events = createEventLog(options.eventsPerSession ?? 1_000)
  return {
    auth: createAuthStore(),
    sessions: createSessionStore(),
    messages: createMessageStore(mailboxes, events),
    chats: createChatStore(mailboxes),
    users: createUserStore(),
    apiKeys: createApiKeyStore(),
    audit: createAuditStore(),
    jobs: createJobStore(),
    media: createMediaStore(),
    cursors: createCursorStore(),
    webhooks: createWebhookStore(),
    traffic: createTrafficStore(),
    attempts: createAttemptStore(options.clock ?? Date),
    installation: createInstallationStore(),
    leases: createLeaseStore(options.clock ?? Date),
    events,
    setup: async () => {},
    health: async () => ({ kind: 'memory', durable: false, capabilities: {} }),
    close: async () => {},
  }
}
