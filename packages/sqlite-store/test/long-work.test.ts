import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ALICE, ALICE_LID, at, message, noise } from '@trunkline/conformance/fixtures'
import type { Store } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSqliteStore } from '../src/index.js'

// SQLite works in the thread of the process: whatever is long has to let everything else go on in between.

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-sqlite-'))
  store = createSqliteStore({ path: join(folder, 'file.db') })
  await store.setup()
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

const MANY = 5_000
const history = (chatId: string) =>
  Array.from({ length: MANY }, (_, n) =>
    message({ id: `M${n}`, chatId, senderId: chatId, timestamp: at(n), source: 'history', raw: noise(200) }),
  )

/** How often others had their turn while the work went on. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0
  let done = false
  const finished = work.finally(() => {
    done = true
  })
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve))
    turns += 1
  }
  await finished
  return turns
}

describe('others have their turn', () => {
  it('while a long history is stored', async () => {
    expect(await turnsDuring(store.messages.upsert('s', history(ALICE)))).toBeGreaterThanOrEqual(MANY / 1_000)
    expect(await store.messages.count('s')).toBe(MANY)
    expect(await store.chats.get('s', ALICE)).toMatchObject({ lastMessage: { id: `M${MANY - 1}` } })
  })

  it('while a long chat moves to its LID, which says once that it has moved', async () => {
    await store.messages.upsert('s', [...history(ALICE), message({ id: 'M7', chatId: ALICE_LID, timestamp: at(7) })])
    let merged: unknown
    const moving = store.chats.mapIdentities('s', [{ pn: ALICE, lid: ALICE_LID }]).then((moved) => {
      merged = moved
    })
    expect(await turnsDuring(moving)).toBeGreaterThanOrEqual(MANY / 1_000)
    expect(merged).toEqual([{ chatId: ALICE_LID, mergedFrom: ALICE }])
    expect(await store.messages.count('s')).toBe(MANY)
    expect((await store.messages.page('s', { limit: 1, chatId: ALICE })).items).toEqual([])
  })

  it('while many messages are removed', async () => {
    await store.messages.upsert('s', history(ALICE))
    expect(await turnsDuring(store.messages.removeAll('s'))).toBeGreaterThanOrEqual(MANY / 1_000)
    expect(await store.messages.count('s')).toBe(0)
  })
})
