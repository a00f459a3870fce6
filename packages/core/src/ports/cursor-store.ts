/**
 * How far readers of the event log have come, so that each goes on where it was after a restart, on whatever node. A reader is
 * anything with a name of its own: a consumer in the process, a webhook.
 */
export interface CursorStore {
  /**
   * Says when a reader began, as ISO 8601. The time of the first call for a name is kept, of many who call at once too, and is
   * the answer to all of them.
   */
  begin(reader: string, at: string): Promise<string>

  /** The number of the last event that the reader is done with, of those of the sessions where one was saved. */
  read(reader: string, sessionIds: readonly string[]): Promise<Map<string, number>>

  /**
   * Saves such numbers by session, in few round trips however many they are. They only move forward: one that is smaller than what
   * is kept changes nothing, so that of two nodes the one that has come further is right.
   */
  save(reader: string, numbers: ReadonlyMap<string, number>): Promise<void>

  /** Forgets the reader, and when it began. */
  remove(reader: string): Promise<void>

  /** Forgets how far all readers have come in a session: its log is gone, and the next one begins at 1. */
  removeAll(sessionId: string): Promise<void>
}
