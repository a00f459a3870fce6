import type { MessageReader } from '../manager/message-reader.js'
import type { QueueReader } from '../manager/queue-reader.js'
import type { SessionRecords } from '../manager/session-records.js'
import type { SessionRouter } from '../manager/session-router.js'
import type { Clock } from '../ports/clock.js'
import type { MediaStore } from '../ports/media-store.js'

/** What the areas of a session work with. */
export interface AreaParts {
  /** Rejects when the manager is closed. */
  use(): Promise<void>
  /** As `use`, for a session that has to be there. @throws SESSION_NOT_FOUND */
  known(sessionId: string): Promise<void>
  router: SessionRouter
  reader: MessageReader
  records: Pick<SessionRecords, 'read' | 'change'>
  /** @throws CONFIG_INVALID when the store keeps no jobs */
  queue(): QueueReader
  clock: Pick<Clock, 'now'>
  /** Where files are kept, if anywhere. */
  store: MediaStore | undefined
}
