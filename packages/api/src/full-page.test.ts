import { describe, expect, it } from 'vitest'
import { fullPage } from './full-page.js'

/** A list of the numbers below `count`, of which every `nth` exists for the caller; counts how often it is read. */
function listOf(count: number, nth: number) {
  const reads: number[] = []
  return {
    reads,
    exists: (number: number) => number % nth === 0,
    async read({ limit, cursor = '0' }: { limit: number; cursor?: string }) {
      reads.push(limit)
      const end = Math.min(count, Number(cursor) + limit)
      const items = Array.from({ length: end - Number(cursor) }, (_, index) => Number(cursor) + index)
      return { items, ...(end < count ? { nextCursor: String(end) } : {}) }
    },
  }
}

async function pagesOf(limit: number, list: ReturnType<typeof listOf>): Promise<number[][]> {
  const pages: number[][] = []
  let cursor: string | undefined
  do {
    const page = await fullPage({ limit, cursor }, list)
    pages.push(page.items)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return pages
}

describe('a page of what exists for a caller', () => {
  it.each([
    [10, 1, 3],
    [10, 2, 3],
    [100, 7, 4],
    [1_000, 300, 2],
    [5, 9, 2],
    [0, 1, 2],
  ])(
    'is full where there is more, and has each once: %i in all, every %i. exists, %i a page',
    async (count, nth, limit) => {
      const pages = await pagesOf(limit, listOf(count, nth))
      const wanted = Array.from({ length: count }, (_, index) => index).filter((index) => index % nth === 0)
      expect(pages.flat()).toEqual(wanted)
      for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit)
    },
  )

  it('costs one read where everything exists, and few where little does', async () => {
    const all = listOf(1_000, 1)
    await fullPage({ limit: 50 }, all)
    expect(all.reads).toEqual([50])
    const few = listOf(1_000, 100)
    await fullPage({ limit: 5 }, few)
    expect(few.reads.length).toBeLessThan(6)
  })
})
