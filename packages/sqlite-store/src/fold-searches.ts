import { searchForm, sessionSearchText, userSearchText } from '@trunkline/core/store'
import type { Engine, Row } from './engine.js'

/** Messages that are in memory at a time. */
const MESSAGES_AT_ONCE = 1_000

interface SearchedMessage extends Row {
  number: number
  search: string
}

/**
 * Brings "search" of messages and users, which was the text in lower case, into the form in which texts are compared now, and gives
 * sessions one. Not in SQL, whose lower() knows the letters of English only.
 */
export function foldSearches(engine: Engine): void {
  engine.exec(`ALTER TABLE sessions ADD COLUMN search TEXT NOT NULL DEFAULT ''`)
  for (const { id, label } of engine.all<{ id: string; label: string | null }>(
    `SELECT id, json_extract(record, '$.label') AS label FROM sessions`,
  )) {
    engine.run('UPDATE sessions SET search = ? WHERE id = ?', sessionSearchText({ id, label }), id)
  }
  for (const { id, record } of engine.all<{ id: string; record: string }>('SELECT id, record FROM users')) {
    engine.run('UPDATE users SET search = ? WHERE id = ?', userSearchText(JSON.parse(record)), id)
  }
  for (let after = 0, found = MESSAGES_AT_ONCE; found === MESSAGES_AT_ONCE; ) {
    const messages = engine.all<SearchedMessage>(
      'SELECT number, search FROM messages WHERE number > ? AND search IS NOT NULL ORDER BY number LIMIT ?',
      after,
      MESSAGES_AT_ONCE,
    )
    for (const { number, search } of messages) {
      const folded = searchForm(search)
      if (folded !== search) engine.run('UPDATE messages SET search = ? WHERE number = ?', folded, number)
    }
    after = messages.at(-1)?.number ?? after
    found = messages.length
  }
}
