import type { Page } from '@trunkline/core'

/** Small enough to be made and sent without anybody noticing; hundreds of ordinary messages fit. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024

/** A page that ends early, with its cursor, when its items are large. `read` gives the first items of the same page. */
export async function boundedPage<Item>(
  read: (limit?: number) => Promise<Page<Item>>,
  limit?: number,
): Promise<Page<Item>> {
  const page = await read(limit)
  const count = countWithin(page.items)
  return count === page.items.length ? page : read(count)
}

/** How many of the first items fit into a page; one at least, or nobody would get past it. */
export function countWithin(items: readonly unknown[]): number {
  let bytes = 0
  for (const [index, item] of items.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(item))
    if (bytes > MAX_PAGE_BYTES) return Math.max(1, index)
  }
  return items.length
}
