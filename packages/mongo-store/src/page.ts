import { encodeCursor, type Page, type Position } from '@trunkline/core'

/** A page of the first `limit` of the documents: one more was asked for, to see whether there is more. */
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
