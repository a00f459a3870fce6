import { labelKey } from '@trunkline/core/store'
import type { Engine } from './engine.js'

/** Gives lists of sessions an index for each order, and for each thing that they are searched by. */
export function indexSessions(engine: Engine): void {
  engine.exec(`
    ALTER TABLE sessions ADD COLUMN created_at TEXT NOT NULL DEFAULT '';
    ALTER TABLE sessions ADD COLUMN label_key TEXT NOT NULL DEFAULT '';
    -- Sessions without any activity stand in its index like the others.
    ALTER TABLE sessions ADD COLUMN activity TEXT GENERATED ALWAYS AS (coalesce(last_activity_at, '')) VIRTUAL;
    CREATE TABLE session_metadata (
      name TEXT NOT NULL,
      value TEXT NOT NULL,
      session_id TEXT NOT NULL,
      PRIMARY KEY (name, value, session_id)
    ) WITHOUT ROWID;
    CREATE INDEX session_metadata_by_session ON session_metadata (session_id);
  `)
  for (const { id, record } of engine.all<{ id: string; record: string }>('SELECT id, record FROM sessions')) {
    const { createdAt, label, metadata } = JSON.parse(record)
    engine.run('UPDATE sessions SET created_at = ?, label_key = ? WHERE id = ?', createdAt, labelKey(label), id)
    for (const [name, value] of Object.entries<string>(metadata))
      engine.run('INSERT INTO session_metadata (session_id, name, value) VALUES (?, ?, ?)', id, name, value)
  }
  engine.exec(`
    CREATE INDEX sessions_by_id ON sessions (deleted_at, id);
    CREATE INDEX sessions_by_created_at ON sessions (deleted_at, created_at, id);
    CREATE INDEX sessions_by_label ON sessions (deleted_at, label_key, id);
    CREATE INDEX sessions_by_status ON sessions (deleted_at, status, id);
    CREATE INDEX sessions_by_activity ON sessions (deleted_at, activity, id);
    CREATE INDEX sessions_by_search ON sessions (deleted_at, search, id);
  `)
}
