import { encodeCursor, type Page, type Position } from '@trunkline/core'

/** A page of the first `limit` of the rows: one more was asked for, to see whether there is more. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { positionOf, itemOf }: { positionOf: (row: Row) => Position; itemOf: (row: Row) => Item },
): Page<Item> {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  return {
    items: kept.map(itemOf),
    ...(last !== undefined && rows.length > limit ? { nextCursor: encodeCursor(positionOf(last)) } : {}),
  }
}
