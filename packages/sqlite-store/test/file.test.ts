import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { message, session, user } from '@trunkline/conformance/fixtures'
import { type ChatKind, type ErrorCode, TrunklineError } from '@trunkline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Engine, openEngine } from '../src/engine.js'
import { foldSearches } from '../src/fold-searches.js'
import { createSqliteStore } from '../src/index.js'
import { indexSessions } from '../src/index-sessions.js'
import { CORRECT_CHAT_KINDS, MIGRATIONS, migrate, schemaVersion } from '../src/migrations.js'
import { createStoreOn } from '../src/sqlite-store.js'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-sqlite-'))
  path = join(folder, 'file.db')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  const error = await promise.catch((reason: unknown) => reason)
  return TrunklineError.is(error) ? error.code : undefined
}

async function filledStore(): Promise<void> {
  const store = createSqliteStore({ path })
  await store.setup()
  const puts = Array.from({ length: 812 }, (_, id) => ({
    type: 'pre-key',
    id: String(id),
    value: Buffer.alloc(64, id),
  }))
  await store.auth.commit('s', { creds: Buffer.from('creds'), puts }, { epoch: 1 })
  await store.close()
}

describe('the file', () => {
  it('is made with its folder and is for its user only', async () => {
    path = join(folder, 'a', 'b', 'file.db')
    const store = createSqliteStore({ path })
    await store.setup()
    for (const name of ['file.db', 'file.db-wal', 'file.db-lock']) {
      expect([name, (await stat(join(folder, 'a', 'b', name))).mode & 0o777]).toEqual([name, 0o600])
    }
    await store.close()
  })

  it('answers STORE_UNAVAILABLE before setup and after close', async () => {
    const store = createSqliteStore({ path })
    expect(await codeOf(store.auth.readCreds('s'))).toBe('STORE_UNAVAILABLE')
    await store.setup()
    await store.close()
    expect(await codeOf(store.auth.readCreds('s'))).toBe('STORE_UNAVAILABLE')
    expect(await codeOf(store.setup())).toBe('STORE_UNAVAILABLE')
  })

  it('is as durable as before after another program has locked it: a refused write leaves nothing half done', async () => {
    const store = createSqliteStore({ path })
    await store.setup()
    const other = await openEngine(path)
    const lease = () => store.leases.acquire('s', { owner: 'us', ttlMs: 1_000 })
    const before = await lease()
    other.exec('BEGIN IMMEDIATE')
    expect(await codeOf(lease())).toBe('STORE_LOCKED')
    expect(await codeOf(store.leases.release(before!))).toBe('STORE_LOCKED')
    expect(await codeOf(store.messages.upsert('s', [message()]))).toBe('STORE_LOCKED')
    other.exec('ROLLBACK')
    const after = await lease()
    expect(after?.epoch).toBe(before!.epoch + 1)
    expect(other.get('SELECT epoch FROM leases WHERE session_id = ?', 's')).toEqual({ epoch: after?.epoch })
    await store.messages.upsert('s', [message()])
    expect(other.get('SELECT count(*) AS messages FROM messages')).toEqual({ messages: 1 })
    other.close()
    await store.close()
  })

  it('holds everything in itself once it is closed', async () => {
    await filledStore()
    const copy = join(folder, 'copy.db')
    await writeFile(copy, await readFile(path))
    const store = createSqliteStore({ path: copy })
    await store.setup()
    expect(await store.auth.listKeyIds('s', 'pre-key')).toHaveLength(812)
    await store.close()
  })
})

describe('a damaged file', () => {
  it('that is no SQLite file is refused with STORE_CORRUPT and left as it is', async () => {
    await writeFile(path, 'this is not a database'.repeat(100))
    const before = await readFile(path)
    expect(await codeOf(createSqliteStore({ path }).setup())).toBe('STORE_CORRUPT')
    expect(await readFile(path)).toEqual(before)
  })

  it('with damaged pages rejects reads with STORE_CORRUPT and never answers "no credentials"', async () => {
    await filledStore()
    const file = await open(path, 'r+')
    const { size } = await file.stat()
    // The first page holds the schema; the rest is the data.
    await file.write(Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096)
    await file.close()
    const store = createSqliteStore({ path })
    const code = (await codeOf(store.setup())) ?? (await codeOf(store.auth.readCreds('s')))
    expect(code).toBe('STORE_CORRUPT')
    await store.close()
  })
})

describe('a full disk', () => {
  it('is told as STORE_FULL, loses nothing, and is over when there is room', async () => {
    let engine: Engine | undefined
    const store = createStoreOn(
      async (file) => {
        const opened = await openEngine(file)
        if (file === path) engine = opened
        return opened
      },
      { path },
    )
    await store.setup()
    await store.auth.commit('s', { creds: Buffer.from('before') }, { epoch: 1 })
    const { page_count: pages = 0 } = engine?.get<{ page_count: number }>('PRAGMA page_count') ?? {}
    engine?.exec(`PRAGMA max_page_count = ${pages}`)

    const batch = { creds: Buffer.from('after'), puts: [{ type: 'session', id: '1', value: Buffer.alloc(100_000) }] }
    expect(await codeOf(store.auth.commit('s', batch, { epoch: 1 }))).toBe('STORE_FULL')
    expect(await codeOf(store.messages.upsert('s', [message({ raw: Buffer.alloc(100_000) })]))).toBe('STORE_FULL')
    expect(Buffer.from((await store.auth.readCreds('s')) ?? []).toString()).toBe('before')
    expect(await store.messages.count('s')).toBe(0)

    engine?.exec(`PRAGMA max_page_count = ${pages + 1_000}`)
    await store.auth.commit('s', batch, { epoch: 1 })
    expect(Buffer.from((await store.auth.readCreds('s')) ?? []).toString()).toBe('after')
    await store.close()
  })
})

describe('migrations', () => {
  it('open a file of before messages had an arrival: those stay in theirs, and new ones come behind them', async () => {
    const before = await openEngine(path)
    migrate(before, MIGRATIONS.slice(0, 2))
    for (const id of ['B', 'A']) {
      const { timestamp, chatId, senderId, ...rest } = message({ id })
      before.run(
        `INSERT INTO messages (session_id, chat_id, id, sender_id, timestamp, type, from_me, status, record)
         VALUES ('s', ?, ?, ?, ?, 'text', 0, 'delivered', ?)`,
        chatId,
        id,
        senderId,
        timestamp,
        JSON.stringify({ timestamp, chatId, senderId, ...rest }),
      )
    }
    const { chatId, senderId, timestamp } = message()
    before.run(
      `INSERT INTO chats (session_id, id, kind, unread_count, archived, pinned, last_at, last_id, last_sender_id)
       VALUES ('s', ?, 'individual', 2, 0, 0, ?, 'B', ?)`,
      chatId,
      timestamp,
      senderId,
    )
    before.close()
    const store = createSqliteStore({ path })
    await store.setup()
    expect((await store.chats.get('s', chatId))?.lastMessage?.id).toBe('B')
    expect(await store.messages.find('s', { id: 'A' })).toStrictEqual([message({ id: 'A' })])
    await store.messages.upsert('s', [message({ id: '0', arrival: 1 })])
    const { items } = await store.messages.page('s', { limit: 9 })
    expect(items.map(({ id }) => id)).toEqual(['0', 'B', 'A'])
    expect((await store.chats.page('s', { limit: 9 })).items[0]?.lastMessage?.id).toBe('0')
    await store.close()
  })

  it('refuse a file of a newer version with STORE_SCHEMA_NEWER and leave it alone', async () => {
    await filledStore()
    const engine = await openEngine(path)
    engine.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`)
    engine.close()
    expect(await codeOf(createSqliteStore({ path }).setup())).toBe('STORE_SCHEMA_NEWER')
    const again = await openEngine(path)
    expect(schemaVersion(again)).toBe(MIGRATIONS.length + 1)
    expect(again.get<{ keys: number }>('SELECT count(*) AS keys FROM auth_keys')?.keys).toBe(812)
    again.close()
  })

  it('show chats with bots and other networks as what they are, also where they were taken for people before', async () => {
    const ids = ['15550000001@s.whatsapp.net', '200015550000001@lid', '13135550002@bot', '100012345@msgr']
    const before = await openEngine(path)
    migrate(before, MIGRATIONS.slice(0, MIGRATIONS.indexOf(CORRECT_CHAT_KINDS)))
    for (const id of ids) {
      before.run(
        `INSERT INTO chats (session_id, kind, id, unread_count, archived, pinned, last_at, last_arrival)
         VALUES ('s', 'individual', ?, 0, 0, 0, '', 0)`,
        id,
      )
    }
    before.close()
    const store = createSqliteStore({ path })
    await store.setup()
    const of = async (kind: ChatKind) => (await store.chats.page('s', { limit: 9, kind })).items.map(({ id }) => id)
    expect((await of('individual')).toSorted()).toEqual(ids.slice(0, 2))
    expect((await of('other')).toSorted()).toEqual(ids.slice(2).toSorted())
    await store.close()
  })

  it('bring what was searched before into the form in which texts are compared now, in every alphabet', async () => {
    const before = await openEngine(path)
    migrate(before, MIGRATIONS.slice(0, MIGRATIONS.indexOf(foldSearches)))
    const ann = user('u', { email: 'Ann@x.y', name: 'Änn' })
    before.run(
      'INSERT INTO users (id, email, search, record) VALUES (?, ?, ?, ?)',
      'u',
      'ann@x.y',
      'Änn',
      JSON.stringify(ann),
    )
    for (const [id, label] of [
      ['s', 'ПОДДЕРЖКА'],
      ['bare', undefined],
    ] as const) {
      before.run(
        `INSERT INTO sessions (id, desired, status, revision, sent, received, failed, chats, record)
         VALUES (?, 'stopped', 'stopped', 1, 0, 0, 0, 0, ?)`,
        id,
        JSON.stringify({ ...session(id, label ? { label } : {}), counters: undefined }),
      )
    }
    const texts = [...Array.from({ length: 1_001 }, () => 'hello'), 'Straße', undefined]
    before.transaction(() => {
      for (const [n, text] of texts.entries()) {
        const { text: _, ...record } = message({ id: `${n}` })
        before.run(
          `INSERT INTO messages (session_id, chat_id, id, sender_id, timestamp, type, from_me, status, search, record)
           VALUES ('s', ?, ?, ?, ?, 'text', 0, 'delivered', ?, ?)`,
          record.chatId,
          record.id,
          record.senderId,
          record.timestamp,
          text?.toLowerCase() ?? null,
          JSON.stringify({ ...record, ...(text ? { text } : {}) }),
        )
      }
    })
    before.close()
    const store = createSqliteStore({ path })
    await store.setup()
    expect((await store.users.list({ limit: 9, search: 'ÄNN' })).items).toStrictEqual([ann])
    for (const [text, ids] of [
      ['поддержка', ['s']],
      ['BARE', ['bare']],
    ] as const) {
      expect((await store.sessions.list({ limit: 9, text })).items.map(({ id }) => id)).toEqual(ids)
    }
    expect((await store.messages.page('s', { limit: 9, text: 'STRASSE' })).items.map(({ id }) => id)).toEqual(['1001'])
    await store.close()
  })

  it('give the sessions of before what lists are sorted by and searched by', async () => {
    const before = await openEngine(path)
    migrate(before, MIGRATIONS.slice(0, MIGRATIONS.indexOf(indexSessions)))
    for (const [id, label, team] of [
      ['a', 'Öl', 'sales'],
      ['b', 'apple', 'stock'],
      ['c', undefined, 'sales'],
    ] as const) {
      const record = session(id, { ...(label ? { label } : {}), metadata: { team } })
      before.run(
        `INSERT INTO sessions (id, desired, status, revision, sent, received, failed, chats, record)
         VALUES (?, 'stopped', 'stopped', 1, 0, 0, 0, 0, ?)`,
        id,
        JSON.stringify({ ...record, createdAt: `2026-01-0${id === 'a' ? 2 : 1}T00:00:00.000Z`, counters: undefined }),
      )
    }
    before.close()
    const store = createSqliteStore({ path })
    await store.setup()
    const list = async (query: object) =>
      (await store.sessions.list({ limit: 9, ...query })).items.map(({ id }) => id).join('')
    expect([await list({ sort: 'label' }), await list({ sort: '-createdAt' })]).toEqual(['cba', 'acb'])
    expect(await list({ metadata: { team: 'sales' } })).toBe('ac')
    await store.sessions.update('a', { metadata: {} })
    expect(await list({ metadata: { team: 'sales' } })).toBe('c')
    await store.close()
  })

  it('carry out the missing steps only, and a step that fails not at all', async () => {
    const engine = await openEngine(path)
    const first = 'CREATE TABLE a (x)'
    migrate(engine, [first])
    migrate(engine, [first, 'INSERT INTO a VALUES (1)'])
    migrate(engine, [first, 'INSERT INTO a VALUES (1)'])
    expect(engine.all('SELECT x FROM a')).toEqual([{ x: 1 }])

    const broken = 'INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (3)'
    expect(() => migrate(engine, [first, '', broken])).toThrow()
    expect([schemaVersion(engine), engine.all('SELECT x FROM a').length]).toEqual([2, 1])
    engine.close()
  })
})
