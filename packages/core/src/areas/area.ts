import type { MessageReader } from '../manager/message-reader.js'
import type { SessionRouter } from '../manager/session-router.js'
import type { MediaStore } from '../ports/media-store.js'

/** What the areas of a session work with. */
export interface AreaParts {
  /** Rejects when the manager is closed. */
  use(): Promise<void>
  /** As `use`, for a session that has to be there. @throws SESSION_NOT_FOUND */
  known(sessionId: string): Promise<void>
  router: SessionRouter
  reader: MessageReader
  /** Where files are kept, if anywhere. */
  store: MediaStore | undefined
}
