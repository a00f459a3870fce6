import { type ErrorCode, type Page, TrunklineError } from '@trunkline/core/store'
import { expect } from 'vitest'

/** The promise rejects with a Trunkline error of this code, which is handed back. */
export async function rejection<Code extends ErrorCode>(
  promise: Promise<unknown>,
  code: Code,
): Promise<TrunklineError<Code>> {
  const outcome = await promise.then(
    () => 'it resolved',
    (error: unknown) => error,
  )
  if (!TrunklineError.is(outcome, code)) throw new Error(`Expected ${code}`, { cause: outcome })
  return outcome
}

/** Bytes, compared as such whatever kind of Uint8Array the store hands out. */
export function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('hex')
}

/** The values of `readKeys` by id, as hex text. */
export function hexById(found: Map<string, Uint8Array>): Record<string, string | undefined> {
  return Object.fromEntries([...found].map(([id, value]) => [id, hex(value)]))
}

/** Every item of a list, page by page. No page may be longer than asked for, nor empty while a cursor says there is more. */
export async function allPages<Item>(
  limit: number,
  page: (query: { limit: number; cursor?: string }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = []
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const got = await page({ limit, ...(cursor === undefined ? {} : { cursor }) })
    expect(got.items.length).toBeLessThanOrEqual(limit)
    if (got.nextCursor !== undefined) expect(got.items).toHaveLength(limit)
    items.push(...got.items)
    cursor = got.nextCursor
  }
  return items
}

export function times(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
