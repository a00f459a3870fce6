import { type MediaRef, type MediaStore, measured, type StoredMedia } from '@trunkline/core/store'
import { ROWS_AT_ONCE } from './batches.js'
import type { Connection } from './connection.js'
import type { Row } from './engine.js'
import { MediaFiles } from './media-files.js'

interface MediaRow extends Row {
  session_id: string
  media_id: string
  file: string
  bytes: number
  stored_at: string
  record: string
}

const COLUMNS = 'session_id, media_id, file, bytes, stored_at, record'

/**
 * Files in a folder beside the store's own file. The row is the truth: a file without one is the rest of something that was cut
 * short, and removed by `sweep`, which the store calls when it is opened.
 */
export function createMediaStore(connection: Connection, folder: string): MediaStore & { sweep(): Promise<void> } {
  const files = new MediaFiles(folder)

  return {
    async put({ sessionId, mediaId }, source, { maxBytes, signal, sha256, storedAt, ...about }) {
      const { chunks, result } = measured(source, { maxBytes, signal, sha256 })
      let stored: StoredMedia | undefined
      let former: string | undefined
      await files.write(chunks, async (file) => {
        const media = { sessionId, mediaId, ...result(), ...about, storedAt }
        former = await connection.write(() => insert(media, file))
        stored = media
      })
      if (former !== undefined) await files.remove(former)
      return stored as StoredMedia
    },

    async read(ref, { offset = 0, length = Number.POSITIVE_INFINITY } = {}) {
      const row = find(ref)
      return row && { media: mediaOf(row), chunks: files.read(row.file, { offset, length }) }
    },

    async stat(ref) {
      const row = find(ref)
      return row && mediaOf(row)
    },

    async remove(ref) {
      const row = find(ref)
      if (row) await removeRows([row])
      return row !== undefined
    },

    async removeAll(sessionId) {
      for (;;) {
        const rows = connection.engine.all<MediaRow>(
          `SELECT ${COLUMNS} FROM media WHERE session_id = ? LIMIT ?`,
          sessionId,
          ROWS_AT_ONCE,
        )
        if (rows.length === 0) return
        await removeRows(rows)
      }
    },

    async prune({ before = '', maxBytes = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY }) {
      let bytes = connection.engine.get<{ sum: number }>('SELECT coalesce(sum(bytes), 0) AS sum FROM media')?.sum ?? 0
      let pruned = 0
      for (;;) {
        const oldest = connection.engine.all<MediaRow>(
          `SELECT ${COLUMNS} FROM media ORDER BY stored_at LIMIT ?`,
          Math.min(limit - pruned, ROWS_AT_ONCE),
        )
        const due = []
        for (const row of oldest) {
          if (row.stored_at >= before && bytes <= maxBytes) break
          bytes -= row.bytes
          due.push(row)
        }
        if (due.length === 0) return pruned
        await removeRows(due)
        pruned += due.length
      }
    },

    async sweep() {
      const { engine } = connection
      await files.sweep((name) => engine.get('SELECT 1 AS found FROM media WHERE file = ?', name) !== undefined)
    },
  }

  function find({ sessionId, mediaId }: MediaRef): MediaRow | undefined {
    return connection.engine.get<MediaRow>(
      `SELECT ${COLUMNS} FROM media WHERE session_id = ? AND media_id = ?`,
      sessionId,
      mediaId,
    )
  }

  /** Answers the file that this one takes the place of. */
  function insert({ sessionId, mediaId, bytes, storedAt, ...record }: StoredMedia, file: string): string | undefined {
    const former = find({ sessionId, mediaId })?.file
    connection.engine.run(
      `INSERT OR REPLACE INTO media (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`,
      sessionId,
      mediaId,
      file,
      bytes,
      storedAt,
      JSON.stringify(record),
    )
    return former
  }

  /** The rows first: without its file one must not be found any more. */
  async function removeRows(rows: readonly MediaRow[]): Promise<void> {
    await connection.write(
      () => {
        for (const { file } of rows) connection.engine.run('DELETE FROM media WHERE file = ?', file)
      },
      { rows: rows.length },
    )
    for (const { file } of rows) await files.remove(file)
  }
}

function mediaOf({
  session_id: sessionId,
  media_id: mediaId,
  bytes,
  stored_at: storedAt,
  record,
}: MediaRow): StoredMedia {
  return { sessionId, mediaId, bytes, ...JSON.parse(record), storedAt }
}
