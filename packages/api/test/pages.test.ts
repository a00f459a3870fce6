import { message } from '@trunkline/conformance/fixtures'
import type { MultiSessionManager } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Api } from '../src/index.js'
import { call, createManager, hostApi } from './harness.js'

let manager: MultiSessionManager
let api: Api

beforeEach(async () => {
  manager = await createManager()
  api = hostApi(manager)
})
afterEach(() => manager.close())

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
const MEGABYTE = 1024 * 1024

interface ItemPage {
  items: { id?: string; event?: { seq: number } }[]
  nextCursor?: string
}

/** Every page after the first one, by the cursors that the pages name. */
async function readAll(name: 'listMessages' | 'listChats' | 'listSessions', path: string): Promise<ItemPage[]> {
  const pages: ItemPage[] = []
  for (let cursor = ''; ; ) {
    const target = `${path}${path.includes('?') ? '&' : '?'}limit=200${cursor}`
    const page = (await call(api, name, target, { as: 'admin' })).body as ItemPage
    pages.push(page)
    if (page.nextCursor === undefined) return pages
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`
  }
}

function expectBounded(pages: ItemPage[], count: number): void {
  expect(pages.length).toBeGreaterThan(2)
  for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(5 * MEGABYTE)
  const items = pages.flatMap((page) => page.items)
  expect(items).toHaveLength(count)
  expect(new Set(items.map((item) => item.id ?? item.event?.seq)).size).toBe(count)
}

describe('a page of large items', () => {
  it('of messages ends early, and the next one goes on where it ended', async () => {
    const large = Array.from({ length: 12 }, (_, n) =>
      message({ id: `M${n}`, timestamp: at(n), text: 'x'.repeat(MEGABYTE) }),
    )
    await manager.store.messages.upsert('own', large)
    const pages = await readAll('listMessages', '/sessions/own/messages')
    expectBounded(pages, 12)
    expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(large.map(({ id }) => id).reverse())
    expectBounded(await readAll('listMessages', `/sessions/own/messages?after=${at(0).replace('2026', '2025')}`), 12)
  })

  it('holds one item that is larger than a page', async () => {
    const large = [1, 2, 3].map((n) => message({ id: `M${n}`, timestamp: at(n), text: 'x'.repeat(5 * MEGABYTE) }))
    await manager.store.messages.upsert('own', large)
    const pages = await readAll('listMessages', '/sessions/own/messages')
    expect(pages.map(({ items }) => items.map(({ id }) => id))).toEqual([['M3'], ['M2'], ['M1']])
  })

  it('of chats ends early', async () => {
    const large = Array.from({ length: 9 }, (_, n) =>
      message({ id: `M${n}`, chatId: `1555000000${n}@s.whatsapp.net`, timestamp: at(n), text: 'x'.repeat(MEGABYTE) }),
    )
    await manager.store.messages.upsert('own', large)
    expectBounded(await readAll('listChats', '/sessions/own/chats'), 9)
  })

  it('of events ends early', async () => {
    const large = message({ id: 'M', text: 'x'.repeat(MEGABYTE) })
    for (let n = 0; n < 9; n += 1) {
      await manager.store.events.append('own', [{ name: 'message', at: at(n), payload: { message: large } }])
    }
    const pages: ItemPage[] = []
    for (let after: string | undefined = '1'; after !== undefined; after = pages.at(-1)?.nextCursor) {
      pages.push(
        (await call(api, 'listEvents', `/events?sessionId=own&after=${after}`, { as: 'admin' })).body as ItemPage,
      )
    }
    expectBounded(pages, 9)
  })
})

describe("WhatsApp's own bytes of a message", () => {
  const raw = Uint8Array.from([10, 2, 72, 105])
  beforeEach(() =>
    manager.store.messages.upsert('own', [message({ id: 'M', raw }), message({ id: 'N', timestamp: at(1) })]),
  )

  it.each([
    ['getMessage', '/sessions/own/messages/M?raw=true'],
    ['listMessages', '/sessions/own/messages?raw=true'],
    ['listChatMessages', '/sessions/own/chats/15550000001/messages?raw=true'],
  ] as const)('reach those who may read messages and ask, by %s', async (name, target) => {
    const { body } = await call(api, name, target, { as: 'viewer' })
    const items = name === 'getMessage' ? [body] : (body as { items: unknown[] }).items
    const stored = (await manager.store.messages.find('own', { id: 'M' }))[0]?.chatId
    expect(items).toContainEqual(expect.objectContaining({ id: 'M', chatId: stored, raw: 'CgJIaQ==' }))
    for (const item of items) if ((item as { id: string }).id === 'N') expect(item).not.toHaveProperty('raw')
  })

  it.each([
    ['getMessage', '/sessions/own/messages/M'],
    ['getMessage', '/sessions/own/messages/M?raw=false'],
    ['listMessages', '/sessions/own/messages'],
  ] as const)('stay away from those who do not ask: %s %s', async (name, target) => {
    expect(JSON.stringify((await call(api, name, target, { as: 'viewer' })).body)).not.toContain('CgJIaQ')
  })

  it('are bytes in process', async () => {
    expect(await manager.message('own', { id: 'M' }, { raw: true })).toMatchObject({ id: 'M', raw })
    expect(await manager.message('own', { id: 'M' })).not.toHaveProperty('raw')
    const { items } = await manager.messages('own', { raw: true })
    expect(items.find(({ id }) => id === 'M')?.raw).toEqual(raw)
    expect((await manager.messages('own')).items.some((item) => 'raw' in item)).toBe(false)
    await expect(manager.message('own', { id: 'M' }, { raw: 'yes' } as never)).rejects.toMatchObject({
      details: { errors: [{ field: 'raw' }] },
    })
  })
})
