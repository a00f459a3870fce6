import { TrunklineError } from '@trunkline/core/store'
import type { Engine } from './engine.js'
import { foldSearches } from './fold-searches.js'
import { indexSessions } from './index-sessions.js'
import { searchContacts } from './search-contacts.js'

/** Statements, or, where SQL is not enough, what carries them out. */
type Migration = string | ((engine: Engine) => void)

/** Chats with bots and with people of other networks were taken for chats with people. */
export const CORRECT_CHAT_KINDS = `
  UPDATE chats SET kind = 'other'
  WHERE kind = 'individual'
    AND substr(id, instr(id, '@') + 1) NOT IN ('s.whatsapp.net', 'lid', 'c.us', 'hosted', 'hosted.lid')`

/**
 * The schema, step by step; the number of steps done is kept in the file (`PRAGMA user_version`).
 *
 * The upgrade rule: a step that was released is never changed, only new ones are added. `setup` carries out the missing ones,
 * each in a transaction of its own, so that a crash leaves the file at one version or the next. An older Trunkline refuses a
 * file of a newer one with STORE_SCHEMA_NEWER and leaves it alone: to be able to go back, copy the file before upgrading.
 */
export const MIGRATIONS: readonly Migration[] = [
  `
  CREATE TABLE auth_fences (
    session_id TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE auth_creds (
    session_id TEXT PRIMARY KEY,
    value BLOB NOT NULL
  );
  CREATE TABLE auth_keys (
    session_id TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (session_id, type, id)
  ) WITHOUT ROWID;
  CREATE TABLE auth_archives (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    session_id TEXT NOT NULL,
    at TEXT NOT NULL,
    reason TEXT NOT NULL,
    creds BLOB NOT NULL
  );
  CREATE INDEX auth_archives_by_session ON auth_archives (session_id);
  CREATE TABLE auth_archived_keys (
    archive_number INTEGER NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (archive_number, type, id)
  ) WITHOUT ROWID;

  -- Counters, revision and last activity are columns because they are added to and compared in place; the rest is JSON.
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    desired TEXT NOT NULL,
    deleted_at TEXT,
    revision INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    received INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    chats INTEGER NOT NULL,
    last_activity_at TEXT,
    record TEXT NOT NULL
  );

  -- "record" is the whole message as JSON; the other columns are what it is found by. "search" is its text in lower case.
  CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    id TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    type TEXT NOT NULL,
    from_me INTEGER NOT NULL,
    status TEXT NOT NULL,
    client_message_id TEXT,
    search TEXT,
    record TEXT NOT NULL,
    raw BLOB
  );
  CREATE UNIQUE INDEX messages_by_id ON messages (session_id, id, chat_id, sender_id);
  CREATE INDEX messages_by_time ON messages (session_id, timestamp, id, chat_id, sender_id);
  CREATE INDEX messages_by_chat ON messages (session_id, chat_id, timestamp, id, sender_id);
  CREATE INDEX messages_by_client_id ON messages (session_id, client_message_id) WHERE client_message_id IS NOT NULL;
  CREATE INDEX messages_pending ON messages (session_id, timestamp, id) WHERE from_me = 1 AND status = 'pending';
  -- Only senders that are still known by their phone number: those are the ones that may have to move to a LID.
  CREATE INDEX messages_by_phone ON messages (session_id, sender_id) WHERE sender_id LIKE '%@s.whatsapp.net';

  CREATE TABLE chats (
    session_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT,
    unread_count INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    muted_until TEXT,
    last_at TEXT NOT NULL,
    last_id TEXT,
    last_sender_id TEXT,
    PRIMARY KEY (session_id, id)
  ) WITHOUT ROWID;
  CREATE INDEX chats_by_place ON chats (session_id, pinned, last_at, id);
  CREATE INDEX chats_by_last_sender ON chats (session_id, last_sender_id);
  CREATE TABLE contacts (
    session_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    push_name TEXT,
    PRIMARY KEY (session_id, id)
  ) WITHOUT ROWID;
  CREATE TABLE lids_of_phones (
    session_id TEXT NOT NULL,
    phone TEXT NOT NULL,
    lid TEXT NOT NULL,
    PRIMARY KEY (session_id, phone)
  ) WITHOUT ROWID;
  CREATE TABLE phones_of_lids (
    session_id TEXT NOT NULL,
    lid TEXT NOT NULL,
    phone TEXT NOT NULL,
    PRIMARY KEY (session_id, lid)
  ) WITHOUT ROWID;

  -- "email" is in lower case, as it is compared.
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL
  );
  CREATE TABLE refresh_families (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    expires_at TEXT NOT NULL
  );
  CREATE INDEX refresh_families_by_user ON refresh_families (user_id);
  CREATE INDEX refresh_families_by_expiry ON refresh_families (expires_at);

  CREATE TABLE leases (
    session_id TEXT PRIMARY KEY,
    owner TEXT,
    epoch INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE event_numbers (
    session_id TEXT PRIMARY KEY,
    last_seq INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE events (
    session_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    key TEXT,
    record TEXT NOT NULL,
    PRIMARY KEY (session_id, seq)
  );
  CREATE UNIQUE INDEX events_by_key ON events (session_id, key) WHERE key IS NOT NULL;
  `,
  // Only the process that has the file open asks when a lease expires, and remembers it by itself.
  'ALTER TABLE leases DROP COLUMN expires_at_ms',
  // Messages of one time have an order of their own ("arrival", as ORDER is a word of SQL); those of before have none, and
  // stay by their ids. Chats remember that of their last message.
  `
  ALTER TABLE messages ADD COLUMN arrival INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE messages ADD COLUMN content_hash TEXT;
  DROP INDEX messages_by_time;
  DROP INDEX messages_by_chat;
  DROP INDEX messages_pending;
  CREATE INDEX messages_by_time ON messages (session_id, timestamp, arrival, id, chat_id, sender_id);
  CREATE INDEX messages_by_chat ON messages (session_id, chat_id, timestamp, arrival, id, sender_id);
  CREATE INDEX messages_pending ON messages (session_id, timestamp, arrival, id)
    WHERE from_me = 1 AND status = 'pending';
  ALTER TABLE chats ADD COLUMN last_arrival INTEGER NOT NULL DEFAULT 0;
  DROP INDEX chats_by_place;
  CREATE INDEX chats_by_position ON chats (session_id, pinned, last_at, last_arrival, id);
  `,
  // The epoch that reported last on each session, kept when the session is removed.
  `CREATE TABLE session_fences (
    session_id TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL
  ) WITHOUT ROWID`,
  // "available_at" is when somebody may take the job, nothing once it has ended; "record" is the rest of it as JSON. The bytes of
  // media are in files of a folder beside this one.
  `
  CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    lane TEXT,
    session_id TEXT,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    available_at TEXT,
    ended_at TEXT,
    record TEXT NOT NULL,
    UNIQUE (kind, key)
  );
  CREATE INDEX jobs_available ON jobs (kind, available_at, number) WHERE available_at IS NOT NULL;
  CREATE INDEX jobs_open_by_lane ON jobs (kind, lane, number) WHERE available_at IS NOT NULL;
  CREATE INDEX jobs_by_session ON jobs (session_id, number);
  CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
  CREATE TABLE media (
    session_id TEXT NOT NULL,
    media_id TEXT NOT NULL,
    file TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    stored_at TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (session_id, media_id)
  );
  CREATE INDEX media_by_age ON media (stored_at);
  `,
  // Where numbers were found that are dialled another way.
  `
  CREATE TABLE dialled_numbers (
    session_id TEXT NOT NULL,
    dialled TEXT NOT NULL,
    jid TEXT NOT NULL,
    PRIMARY KEY (session_id, dialled)
  ) WITHOUT ROWID;
  `,
  'ALTER TABLE chats ADD COLUMN disappears_after INTEGER',
  // "search" is the name and the e-mail in lower case. Users of before have no changes counted yet.
  `
  ALTER TABLE users ADD COLUMN search TEXT NOT NULL DEFAULT '';
  UPDATE users SET
    search = lower(json_extract(record, '$.name') || char(10) || email),
    record = json_set(record, '$.tokenEpoch', 0, '$.revision', 1);
  `,
  // The last number of a log is that of its newest event. Only where that was removed it stands here.
  `DELETE FROM event_numbers
   WHERE last_seq <= (SELECT max(seq) FROM events WHERE events.session_id = event_numbers.session_id)`,
  // What sessions are counted by, so that counting reads no record; "reason" is the code of it.
  `
  ALTER TABLE sessions ADD COLUMN status TEXT NOT NULL DEFAULT '';
  ALTER TABLE sessions ADD COLUMN reason TEXT;
  UPDATE sessions SET status = json_extract(record, '$.status'), reason = json_extract(record, '$.statusReason.code');
  CREATE INDEX sessions_tally ON sessions (deleted_at, status, reason, desired, id, sent, received, failed, chats);
  `,
  // What nodes ask of each other.
  `
  CREATE INDEX sessions_requests ON sessions (json_extract(record, '$.request.node'), id)
    WHERE json_extract(record, '$.request.node') IS NOT NULL;
  `,
  // "record" is the key, or the entry, as JSON; the other columns are what it is found by.
  `
  CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    last_used_at TEXT,
    record TEXT NOT NULL
  );
  CREATE INDEX api_keys_by_user ON api_keys (user_id, id);
  CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    user_id TEXT,
    key_id TEXT,
    session_id TEXT,
    target_id TEXT,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    record TEXT NOT NULL
  );
  CREATE INDEX audit_by_time ON audit (at, id);
  CREATE INDEX audit_by_user ON audit (user_id, at, id) WHERE user_id IS NOT NULL;
  CREATE INDEX audit_by_key ON audit (key_id, at, id) WHERE key_id IS NOT NULL;
  CREATE INDEX audit_by_session ON audit (session_id, at, id) WHERE session_id IS NOT NULL;
  CREATE INDEX audit_by_target ON audit (target_id, at, id) WHERE target_id IS NOT NULL;
  CREATE INDEX audit_by_action ON audit (action, at, id);
  CREATE INDEX audit_by_outcome ON audit (outcome, at, id);
  `,
  foldSearches,
  // "seq" is the last event that a reader of the log is done with; "record" is the webhook as JSON.
  `
  CREATE TABLE readers (
    name TEXT PRIMARY KEY,
    began_at TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE cursors (
    reader TEXT NOT NULL,
    session_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (reader, session_id)
  ) WITHOUT ROWID;
  CREATE INDEX cursors_by_session ON cursors (session_id);
  CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    record TEXT NOT NULL
  );
  `,
  indexSessions,
  CORRECT_CHAT_KINDS,
  // "labels" are ids as JSON, nothing where there is none. Of what carries one there is an index, so that one that ends is found on it.
  `
  CREATE TABLE labels (
    session_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    color INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    PRIMARY KEY (session_id, id)
  ) WITHOUT ROWID;
  ALTER TABLE chats ADD COLUMN labels TEXT;
  CREATE INDEX chats_labeled ON chats (session_id) WHERE labels IS NOT NULL;
  CREATE INDEX messages_labeled ON messages (session_id) WHERE json_extract(record, '$.labels') IS NOT NULL;
  `,
  // Messages by hour and session.
  `
  CREATE TABLE traffic (
    hour TEXT NOT NULL,
    session_id TEXT NOT NULL,
    sent INTEGER NOT NULL,
    received INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (hour, session_id)
  ) WITHOUT ROWID;
  CREATE INDEX traffic_by_session ON traffic (session_id);
  `,
  searchContacts,
  // What people have set for all processes: one row, "record" as JSON.
  `
  CREATE TABLE installation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    record TEXT NOT NULL
  );
  `,
]

/**
 * Brings the file to the newest version.
 *
 * @throws STORE_SCHEMA_NEWER when it is beyond that already
 */
export function migrate(engine: Engine, migrations: readonly Migration[] = MIGRATIONS): void {
  const version = schemaVersion(engine)
  if (version > migrations.length) {
    throw new TrunklineError('STORE_SCHEMA_NEWER', {
      message: `The file has schema ${version}, this version of Trunkline knows schemas up to ${migrations.length}`,
    })
  }
  for (const [step, migration] of migrations.entries()) {
    if (step < version) continue
    engine.transaction(() => {
      if (typeof migration === 'string') engine.exec(migration)
      else migration(engine)
      engine.exec(`PRAGMA user_version = ${step + 1}`)
    })
  }
}

export function schemaVersion(engine: Engine): number {
  return engine.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0
}
