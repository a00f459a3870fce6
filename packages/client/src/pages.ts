/** One page when it is awaited; every item of all pages, read as they are needed, in `for await`. */
export interface PagePromise<Page, Item> extends Promise<Page>, AsyncIterable<Item> {}

interface AnyPage<Item> {
  items: Item[]
  nextCursor?: string | undefined
}

/** `next`: reads the page after a cursor. */
export function pagePromise<Item>(
  first: Promise<AnyPage<Item>>,
  next: (cursor: string) => Promise<AnyPage<Item>>,
): PagePromise<AnyPage<Item>, Item> {
  async function* items(): AsyncGenerator<Item> {
    let page = await first
    for (;;) {
      yield* page.items
      if (page.nextCursor === undefined) return
      page = await next(page.nextCursor)
    }
  }
  return Object.assign(first, { [Symbol.asyncIterator]: items })
}
