import type { Page } from '@trunkline/core'

/** Items that are read in one go while the rest of a page is looked for. */
const READ_AT_ONCE = 200

interface PageReader<Item> {
  /** The first items behind a cursor, with the cursor behind the last of them. */
  read(page: { limit: number; cursor?: string }): Promise<Page<Item>>
  exists(item: Item): boolean
}

/** A page of what exists for a caller: a full one where there is more, whatever stands in between that does not. */
export async function fullPage<Item>(
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  { read, exists }: PageReader<Item>,
): Promise<Page<Item>> {
  const items: Item[] = []
  let next = cursor
  let atOnce = limit
  do {
    const from = next === undefined ? {} : { cursor: next }
    let page = await read({ ...from, limit: atOnce })
    const end = endOf(page.items.map(exists), limit - items.length)
    // Only the store knows the cursor of a place in the middle.
    if (end < page.items.length) page = await read({ ...from, limit: end })
    items.push(...page.items.filter(exists))
    next = page.nextCursor
    atOnce = READ_AT_ONCE
  } while (next !== undefined && items.length < limit)
  return { items, ...(next === undefined ? {} : { nextCursor: next }) }
}

/** How many from the first on there have to be, so that no more than `wanted` of them exist. */
function endOf(exist: readonly boolean[], wanted: number): number {
  let found = 0
  for (const [index, exists] of exist.entries()) {
    if (exists) found += 1
    if (found === wanted) return index + 1
  }
  return exist.length
}
