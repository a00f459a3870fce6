/**
 * SQLite works in the thread of the whole process, so long work goes on in batches of this many rows: some milliseconds each,
 * with everything else in between.
 */
export const ROWS_AT_ONCE = 500

/** The items in batches. */
export function* batchesOf<Item>(items: readonly Item[], size = ROWS_AT_ONCE): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}
