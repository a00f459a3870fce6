import type { SessionQuery, SessionRecord, SessionStore } from '../ports/session-store.js'
import type { Page } from '../types/page.js'

const PAGE = 200

/** Every record that a query matches, as the store has it. */
export async function* everySession(
  sessions: Pick<SessionStore, 'list'>,
  query: Omit<SessionQuery, 'limit' | 'cursor'> = {},
): AsyncGenerator<SessionRecord> {
  for await (const records of everyPage(sessions, query)) yield* records
}

/** The same, page by page. */
export async function* everyPage(
  sessions: Pick<SessionStore, 'list'>,
  query: Omit<SessionQuery, 'limit' | 'cursor'> = {},
): AsyncGenerator<SessionRecord[]> {
  let cursor: string | undefined
  do {
    const asked = { ...query, limit: PAGE, ...(cursor ? { cursor } : {}) }
    const page: Page<SessionRecord> = await sessions.list(asked)
    yield page.items
    cursor = page.nextCursor
  } while (cursor)
}
