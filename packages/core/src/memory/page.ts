import { encodeCursor, type Position } from '../records/cursor.js'
import type { Page } from '../types/page.js'

/** The first `limit` items as a page of copies. */
export function pageOf<Item>(items: readonly Item[], limit: number, positionOf: (item: Item) => Position): Page<Item> {
  const page = structuredClone(items.slice(0, limit))
  const last = page.at(-1)
  return { items: page, ...(last && items.length > limit ? { nextCursor: encodeCursor(positionOf(last)) } : {}) }
}
