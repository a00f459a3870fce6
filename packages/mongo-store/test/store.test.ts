import { randomUUID } from 'node:crypto'
import { at, message, session, user } from '@trunkline/conformance/fixtures'
import { type ChatKind, TrunklineError } from '@trunkline/core'
import { Collection, MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { collectionsOf } from '../src/collections.js'
import { createMongoStore } from '../src/index.js'
import { describeServers } from './test-server.js'

describeServers('the MongoDB store', (server) => {
  const client = new MongoClient(server.uri)
  let databaseName: string
  beforeEach(() => {
    databaseName = `trunkline-test-${randomUUID()}`
  })
  afterEach(() => client.db(databaseName).dropDatabase())
  afterAll(() => client.close())

  it('leaves a client that it was given open', async () => {
    const store = createMongoStore({ client, databaseName })
    await store.setup()
    await store.close()
    expect((await client.db(databaseName).command({ ping: 1 })).ok).toBe(1)
    const error = await store.sessions.get('s').catch((reason: unknown) => reason)
    expect(TrunklineError.is(error, 'STORE_UNAVAILABLE')).toBe(true)
  })

  it('uses the database that the URI names, and closes the client that it made', async () => {
    const uri = new URL(server.uri)
    uri.pathname = `/${databaseName}`
    const store = createMongoStore({ uri: uri.href })
    await store.setup()
    await store.auth.commit('s', { creds: Buffer.from('creds') }, { epoch: 1 })
    await store.close()
    expect(await client.db(databaseName).collection('authstates').countDocuments()).toBe(1)
  })

  it('keeps its documents under the names that its readers know', async () => {
    const store = createMongoStore({ client, databaseName })
    await store.setup()
    const names = (await client.db(databaseName).listCollections().toArray()).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['authkeys', 'sessions', 'messages', 'chats', 'users']))
    await store.close()
  })

  it('sets up an empty database from several nodes at once', async () => {
    const stores = Array.from({ length: 5 }, () => createMongoStore({ client, databaseName }))
    await Promise.all(stores.map((store) => store.setup()))
    await stores[0]?.messages.upsert('s', [message()])
    expect(await stores[4]?.messages.count('s')).toBe(1)
  })

  it('opens a database of before messages had an arrival: those stay in theirs, and new ones come behind them', async () => {
    const database = client.db(databaseName)
    const { timestamp, chatId, senderId } = message()
    const old = Array.from({ length: 1_002 }, (_, n) => message({ id: `A ${10_000 + n}` }))
    await database.collection<{ _id: string; version: number }>('schema').insertOne({ _id: 'schema', version: 1 })
    await database.collection<{ _id: string; place: string }>('messages').insertMany(
      old.map((one) => ({
        _id: `s|${chatId}|${one.id}|${senderId}`,
        ...one,
        place: `${timestamp} ${one.id} ${chatId} ${senderId}`,
        search: 'hello',
        revision: 1,
      })),
    )
    await database.collection('messages').createIndex({ sessionId: 1, place: 1 })
    const last = `${timestamp} A 11001 ${senderId}`
    const chat = { sessionId: 's', id: chatId, kind: 'individual', unreadCount: 2, archived: false, pinned: false }
    await database.collection<{ _id: string; id: string; place: string }>('chats').insertMany([
      { _id: `s|${chatId}`, ...chat, place: last },
      { _id: 's|2@lid', ...chat, id: '2@lid', place: '' },
    ])
    const stores = [createMongoStore({ client, databaseName }), createMongoStore({ client, databaseName })] as const
    await Promise.all(stores.map((store) => store.setup()))
    const [store] = stores
    expect((await store.chats.get('s', chatId))?.lastMessage?.id).toBe('A 11001')
    expect(await store.messages.find('s', { id: 'A 10000' })).toStrictEqual([message({ id: 'A 10000' })])
    await store.messages.upsert('s', [message({ id: '0', arrival: 1 })])
    const { items } = await store.messages.page('s', { limit: 2_000 })
    expect(items.map(({ id }) => id)).toEqual(['0', ...old.map(({ id }) => id).reverse()])
    const listed = (await store.chats.page('s', { limit: 9 })).items
    expect(listed.map(({ id, lastMessage }) => [id, lastMessage?.id])).toEqual([
      [chatId, '0'],
      ['2@lid', undefined],
    ])
    expect((await store.health()).capabilities.schema).toBe(7)
    const indexes = await database.collection('messages').indexes()
    expect(indexes.filter(({ key }) => 'place' in key)).toEqual([])
  })

  it('brings what was searched before into the form in which texts are compared now, by two nodes at once', async () => {
    const database = client.db(databaseName)
    const writer = createMongoStore({ client, databaseName })
    await writer.setup()
    await writer.sessions.insert(session('s', { label: 'ПОДДЕРЖКА' }))
    await writer.sessions.insert(session('bare'))
    await writer.messages.upsert('s', [
      message({ id: 'A', text: 'Straße' }),
      ...Array.from({ length: 1_001 }, (_, n) => message({ id: `${n}`, text: 'ς' })),
    ])
    await writer.users.insert(user('u', { name: 'İrem' }))
    await database.collection('sessions').updateMany({}, { $unset: { search: '' } })
    await database.collection('users').updateMany({}, { $set: { search: 'İrem'.toLowerCase() } })
    await database.collection('messages').updateMany({}, { $set: { search: 'ς' } })
    await database.collection('messages').updateMany({ id: 'A' }, { $set: { search: 'straße' } })
    await database.collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 3 } })

    const stores = [createMongoStore({ client, databaseName }), createMongoStore({ client, databaseName })] as const
    await Promise.all(stores.map((store) => store.setup()))
    const [store] = stores
    expect((await store.users.list({ limit: 9, search: 'irem' })).items.map(({ id }) => id)).toEqual(['u'])
    const found = async (text: string) => (await store.sessions.list({ limit: 9, text })).items.map(({ id }) => id)
    expect([await found('поддержка'), await found('BARE')]).toEqual([['s'], ['bare']])
    expect((await store.messages.page('s', { limit: 9, text: 'STRASSE' })).items.map(({ id }) => id)).toEqual(['A'])
    expect((await store.messages.page('s', { limit: 2_000, text: 'Σ' })).items).toHaveLength(1_001)
    expect((await store.health()).capabilities.schema).toBe(7)
  })

  it('shows chats with bots and other networks as what they are, also where they were taken for people before', async () => {
    const database = client.db(databaseName)
    const writer = createMongoStore({ client, databaseName })
    await writer.setup()
    const ids = ['15550000001@s.whatsapp.net', '200015550000001@lid', '13135550002@bot', '100012345@msgr']
    await writer.messages.upsert(
      's',
      ids.map((chatId) => message({ id: chatId, chatId })),
    )
    await database.collection('chats').updateMany({}, { $set: { kind: 'individual' } })
    await database.collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 5 } })
    const store = createMongoStore({ client, databaseName })
    await store.setup()
    const of = async (kind: ChatKind) => (await store.chats.page('s', { limit: 9, kind })).items.map(({ id }) => id)
    expect((await of('individual')).toSorted()).toEqual(ids.slice(0, 2))
    expect((await of('other')).toSorted()).toEqual(ids.slice(2).toSorted())
  })

  it('has an index for each order of sessions and for each thing that they are searched by, and sorts those of before', async () => {
    const database = client.db(databaseName)
    const writer = createMongoStore({ client, databaseName })
    await writer.setup()
    for (const [id, label] of [
      ['a', 'Öl'],
      ['b', 'apple'],
      ['c', undefined],
    ] as const)
      await writer.sessions.insert(session(id, label ? { label } : {}))
    await database.collection('sessions').updateMany({}, { $unset: { labelKey: '' } })
    await database.collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 4 } })
    const store = createMongoStore({ client, databaseName })
    await store.setup()
    expect((await store.sessions.list({ limit: 9, sort: 'label' })).items.map(({ id }) => id)).toEqual(['c', 'b', 'a'])
    expect(await store.sessions.get('a')).not.toHaveProperty('labelKey')
    const keys = (await database.collection('sessions').indexes()).map(({ key }) => Object.keys(key).join(' '))
    expect(keys).toEqual(
      expect.arrayContaining([
        'createdAt _id',
        'labelKey _id',
        'status _id',
        'lastActivityAt _id',
        'metadata',
        'search',
      ]),
    )
  })

  it('refuses a database of a newer version with STORE_SCHEMA_NEWER and leaves it alone', async () => {
    const schema = client.db(databaseName).collection<{ _id: string; version: number }>('schema')
    await schema.insertOne({ _id: 'schema', version: 99 })
    const store = createMongoStore({ client, databaseName })
    const error = await store.setup().catch((reason: unknown) => reason)
    expect(TrunklineError.is(error, 'STORE_SCHEMA_NEWER')).toBe(true)
    expect((await schema.findOne({ _id: 'schema' }))?.version).toBe(99)
    expect(await client.db(databaseName).listCollections().toArray()).toHaveLength(1)
  })

  it('gives no number of an event twice when the whole log is removed while one is appended', async () => {
    const store = createMongoStore({ client, databaseName })
    await store.setup()
    const event = { name: 'message', at: at(0), payload: { message: message() } } as const
    await store.events.append('s', [event, event, event])
    const findOne = Collection.prototype.findOne
    const spy = vi.spyOn(Collection.prototype, 'findOne').mockImplementationOnce(async function (
      this: Collection,
      ...asked
    ) {
      await store.events.prune({ before: at(1) })
      return findOne.apply(this, asked)
    })
    const [appended] = await store.events.append('s', [event])
    spy.mockRestore()
    expect(appended?.event.seq).toBe(4)
  })

  const fence = server.transactions ? '' : ' (skipped: a commit is in several steps where there are no transactions)'
  const fenceCase = `lets no commit pass a fence that a new owner has raised, however far the commit has come${fence}`
  it.skipIf(!server.transactions)(fenceCase, async () => {
    const [before, after] = [createMongoStore({ client, databaseName }), createMongoStore({ client, databaseName })]
    await before.setup()
    await after.setup()
    const put = (text: string) => ({ puts: [{ type: 'session', id: 'a', value: Buffer.from(text) }] })
    await before.auth.commit('s', { creds: Buffer.from('creds'), ...put('first') }, { epoch: 1 })
    const ended: string[] = []
    let raised: Promise<unknown> | undefined
    const bulkWrite = Collection.prototype.bulkWrite
    const spy = vi.spyOn(Collection.prototype, 'bulkWrite').mockImplementation(async function (
      this: Collection,
      ...parameters: Parameters<Collection['bulkWrite']>
    ) {
      // The last moment before the old owner writes its key: after its fence, where that is a command of its own.
      if (!raised && JSON.stringify(parameters[0]).includes('s|session|a')) {
        raised = after.auth.commit('s', {}, { epoch: 2 }).then(() => ended.push('raised'))
        await Promise.race([raised, new Promise((resolve) => setTimeout(resolve, 200))])
      }
      return bulkWrite.apply(this, parameters)
    })
    try {
      await before.auth.commit('s', put('second'), { epoch: 1 }).then(
        () => ended.push('written'),
        (error) => ended.push(error.code),
      )
      await raised
    } finally {
      spy.mockRestore()
    }
    const found = await after.auth.readKeys('s', 'session', ['a'])
    const outcome = [...ended, Buffer.from(found.get('a') ?? []).toString()]
    expect([
      ['written', 'raised', 'second'],
      ['raised', 'LEASE_LOST', 'first'],
    ]).toContainEqual(outcome)
  })

  it('has made every collection when it is set up, so that no transaction has to', async () => {
    const store = createMongoStore({ client, databaseName })
    await store.setup()
    const made = await client.db(databaseName).listCollections().toArray()
    const used = Object.values(collectionsOf(client.db(databaseName)))
    expect(made.map(({ name }) => name).sort()).toEqual(used.map(({ collectionName }) => collectionName).sort())
    const commits = Array.from({ length: 20 }, (_, n) => store.auth.commit(`s${n}`, {}, { epoch: 1 }))
    await expect(Promise.all(commits)).resolves.toHaveLength(20)
  })

  it('says nothing of ownership before the server was tried', async () => {
    const store = createMongoStore({ client, databaseName })
    expect((await store.health()).capabilities).toMatchObject({ safeOwnership: false })
  })

  it('says in health what the deployment can do', async () => {
    const store = createMongoStore({ client, databaseName })
    await store.setup()
    const { kind, capabilities } = await store.health()
    expect(kind).toBe('mongo')
    expect(capabilities).toMatchObject({ transactions: server.transactions, safeOwnership: server.transactions })
    expect(capabilities.version).toMatch(/^\d+\.\d+/)
  })

  const plans = server.explain ? '' : ' (skipped: this server has no explain)'
  it.skipIf(!server.explain)(`reads a page by its index, without a scan and without sorting${plans}`, async () => {
    const store = createMongoStore({ client, databaseName })
    await store.setup()
    const messages = client.db(databaseName).collection('messages')
    for (const filter of [{}, { chatId: 'c' }]) {
      const found = messages.find({ sessionId: 's', place: { $lt: '2026' }, ...filter }).sort({ place: -1 })
      const plan = JSON.stringify((await found.limit(50).explain()).queryPlanner.winningPlan)
      expect(plan).toContain('IXSCAN')
      expect(plan).not.toMatch(/COLLSCAN|"SORT"/)
    }
  })
})

describe('a MongoDB that does not answer', () => {
  it('is told as STORE_UNAVAILABLE, soon', async () => {
    const store = createMongoStore({ uri: 'mongodb://127.0.0.1:1/none?serverSelectionTimeoutMS=200' })
    for (const call of [() => store.setup(), () => store.auth.readCreds('s'), () => store.health()]) {
      const error = await call().catch((reason: unknown) => reason)
      expect(TrunklineError.is(error, 'STORE_UNAVAILABLE')).toBe(true)
    }
    await store.close()
    await store.close()
  })
})
