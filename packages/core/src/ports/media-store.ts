/** The bytes of media, which are too many for messages. Everything of a session goes with it. */
export interface MediaStore {
  /**
   * Stores what the source gives under this id, in the place of what was there. All or nothing: nobody ever sees half of it, and
   * whatever ends it early (the source fails, `signal` aborts, it is too large, the engine fails) leaves what was there as it
   * was, and nothing else behind. Never holds more than a few chunks in memory.
   *
   * The source is read to its end, or told to return.
   *
   * @throws PAYLOAD_TOO_LARGE when there are more than `maxBytes` · OPERATION_ABORTED by the signal, or because the source
   *   failed, with the reason as its cause · STORE_FULL
   */
  put(ref: MediaRef, source: AsyncIterable<Uint8Array>, options: PutMediaOptions): Promise<StoredMedia>

  /**
   * What is stored, and its bytes or a range of them, chunk by chunk. Nothing is opened before the first chunk is asked for, nor
   * stays open when the reader stops. Who reads what is removed or replaced meanwhile gets all of it, or the iteration rejects
   * with OPERATION_ABORTED.
   *
   * @returns `undefined` when nothing is stored under this id
   */
  read(
    ref: MediaRef,
    range?: MediaRange,
  ): Promise<{ media: StoredMedia; chunks: AsyncIterable<Uint8Array> } | undefined>

  stat(ref: MediaRef): Promise<StoredMedia | undefined>

  /** Whether there was something. */
  remove(ref: MediaRef): Promise<boolean>

  /** Everything of the session. */
  removeAll(sessionId: string): Promise<void>

  /**
   * Removes what was stored before `before` (ISO 8601), then the oldest until all that is left has no more than `maxBytes`; no
   * more than `limit` in one call, all of them unless given. Answers how many.
   */
  prune(options: { before?: string; maxBytes?: number; limit?: number }): Promise<number>
}

/** Which media. */
export interface MediaRef {
  sessionId: string
  /** The caller's own name, unique in the session. */
  mediaId: string
}

/** What is known of a stream before it is read. */
export interface PutMediaOptions {
  /** More than this is refused. */
  maxBytes: number
  mimeType?: string
  fileName?: string
  /** SHA-256 in hex, of a source that ends only when it has come to it: whoever stores it need not hash it once more. */
  sha256?: string
  /** ISO 8601. */
  storedAt: string
  signal?: AbortSignal
}

/** A part of the bytes; what lies beyond the end is left out. */
export interface MediaRange {
  /** How many bytes are left out at the beginning; 0 unless given. */
  offset?: number
  /** How many bytes at most; all that follow unless given. */
  length?: number
}

/** What is known of stored media. */
export interface StoredMedia extends MediaRef {
  bytes: number
  /** Of the bytes, in hex. */
  sha256: string
  mimeType?: string
  fileName?: string
  storedAt: string
}
