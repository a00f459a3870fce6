import { apiKeyStoreSuite } from './api-key-suite.js'
import { attemptStoreSuite } from './attempt-suite.js'
import { auditStoreSuite } from './audit-suite.js'
import { authStoreSuite } from './auth-suite.js'
import { chatStoreSuite } from './chat-suite.js'
import { cursorStoreSuite } from './cursor-suite.js'
import { eventLogSuite } from './event-suite.js'
import { installationStoreSuite } from './installation-suite.js'
import { jobStoreSuite } from './job-suite.js'
import { leaseStoreSuite } from './lease-suite.js'
import { storeLifeSuite } from './life-suite.js'
import { mediaStoreSuite } from './media-suite.js'
import { messageStoreSuite } from './message-suite.js'
import { referenceSuite } from './reference-suite.js'
import { sessionStoreSuite } from './session-suite.js'
import type { StoreUnderTest } from './suite.js'
import { trafficStoreSuite } from './traffic-suite.js'
import { userStoreSuite } from './user-suite.js'
import { webhookStoreSuite } from './webhook-suite.js'

/**
 * Every promise of every storage port, as vitest tests; optional ones that the store has not are named in `lacks`. Call it inside
 * a test file:
 *
 *     storeSuite({
 *       name: 'mine',
 *       backend: () => mkdtemp(join(tmpdir(), 'mine-')),
 *       open: async (folder, { clock }) => createMyStore({ folder, clock }),
 *       destroy: (folder) => rm(folder, { recursive: true }),
 *     })
 */
export function storeSuite<Backend>(subject: StoreUnderTest<Backend>): void {
  storeLifeSuite(subject)
  authStoreSuite(subject)
  sessionStoreSuite(subject)
  messageStoreSuite(subject)
  chatStoreSuite(subject)
  userStoreSuite(subject)
  apiKeyStoreSuite(subject)
  auditStoreSuite(subject)
  leaseStoreSuite(subject)
  eventLogSuite(subject)
  jobStoreSuite(subject)
  mediaStoreSuite(subject)
  cursorStoreSuite(subject)
  webhookStoreSuite(subject)
  trafficStoreSuite(subject)
  attemptStoreSuite(subject)
  installationStoreSuite(subject)
  referenceSuite(subject)
}
