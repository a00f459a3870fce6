/**
 * Credentials and Signal keys: the port that decides whether accounts survive. Values are opaque bytes; one commit is one
 * batch for one session, fenced by the epoch of the session's lease.
 */
export interface AuthStore {
  /** The credentials as committed last, `undefined` when the session has none. A read error rejects: it never looks like "none". */
  readCreds(sessionId: string): Promise<Uint8Array | undefined>

  /** The keys of one type that exist, by id; the others are absent from the map. Sees the last acknowledged commit. */
  readKeys(sessionId: string, type: string, ids: readonly string[]): Promise<Map<string, Uint8Array>>

  /** Every id of one type, in no order. */
  listKeyIds(sessionId: string, type: string): Promise<string[]>

  /**
   * Writes the batch: all or nothing, and durable when the promise resolves. An engine without multi-document atomicity
   * writes in the order inbox → identity-key → session → creds and the other keys → deletes, which Baileys survives at any cut.
   *
   * An empty batch writes nothing and still raises the epoch: that is how a new owner shuts the former one out.
   *
   * @throws LEASE_LOST when a batch of a newer epoch was committed to this session before; nothing is written then.
   */
  commit(sessionId: string, batch: AuthBatch, options: { epoch: number }): Promise<void>

  /**
   * Moves credentials and keys out of use; they can be restored until they are purged. Without credentials nothing happens
   * and `undefined` comes back.
   *
   * @throws LEASE_LOST as `commit` does.
   */
  archive(sessionId: string, options: { epoch: number; reason: string; at: string }): Promise<AuthArchive | undefined>

  /** The archives of a session, newest first. */
  listArchives(sessionId: string): Promise<AuthArchive[]>

  /**
   * Puts archived credentials and keys back in use, in the place of whatever keys are there, and takes them off the list of
   * archives.
   *
   * @throws ARCHIVE_NOT_FOUND · SESSION_ALREADY_LINKED when the session has credentials in use · LEASE_LOST
   */
  restore(sessionId: string, archiveId: string, options: { epoch: number }): Promise<void>

  /**
   * Removes everything of the session, archives included, for good. Only the number of the epoch is remembered, so that a
   * former owner cannot bring it back.
   */
  purge(sessionId: string): Promise<void>

  /** Removes archives made before `before` (ISO 8601) for good, one after the other; answers how many. */
  purgeArchives(options: { before: string }): Promise<number>
}

/** What one commit writes and deletes. */
export interface AuthBatch {
  creds?: Uint8Array
  /** Later entries of the same type and id win. */
  puts?: readonly AuthKey[]
  /** Deletes of ids that do not exist are fine. An id is never both put and deleted in one batch. */
  deletes?: readonly AuthKeyRef[]
}

/** Which key. */
export interface AuthKeyRef {
  /** The key type as Baileys names it (`pre-key`, `session`, …), or one of ours; any string is kept. */
  type: string
  /** Any string: ids contain dots, colons, slashes, plus and equal signs. */
  id: string
}

/** A key with its value, opaque bytes. */
export interface AuthKey extends AuthKeyRef {
  value: Uint8Array
}

/** Credentials that are out of use. `at` is ISO 8601. */
export interface AuthArchive {
  id: string
  at: string
  reason: string
}
