import type { CursorStore } from '../ports/cursor-store.js'

export function createCursorStore(): CursorStore {
  const beginnings = new Map<string, string>()
  /** By reader, then session. */
  const cursors = new Map<string, Map<string, number>>()

  return {
    async begin(reader, at) {
      const began = beginnings.get(reader) ?? at
      beginnings.set(reader, began)
      return began
    },

    async read(reader, sessionIds) {
      const known = cursors.get(reader)
      return new Map(
        sessionIds.flatMap((sessionId) => {
          const seq = known?.get(sessionId)
          return seq === undefined ? [] : [[sessionId, seq] as const]
        }),
      )
    },

    async save(reader, numbers) {
      const known = cursors.get(reader) ?? new Map<string, number>()
      cursors.set(reader, known)
      for (const [sessionId, seq] of numbers) known.set(sessionId, Math.max(seq, known.get(sessionId) ?? seq))
    },

    async remove(reader) {
      beginnings.delete(reader)
      cursors.delete(reader)
    },

    async removeAll(sessionId) {
      for (const known of cursors.values()) known.delete(sessionId)
    },
  }
}
