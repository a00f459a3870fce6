import type { Page } from '../types/page.js'
import { encodeCursor, type Position } from './cursor.js'

/** A page of the first `limit` of what was found: one more was asked for, to see whether there is more. */
export function pageOf<Found>(
  found: readonly Found[],
  limit: number,
  positionOf: (one: Found) => Position,
): Page<Found> {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return {
    items,
    ...(last !== undefined && found.length > limit ? { nextCursor: encodeCursor(positionOf(last)) } : {}),
  }
}
