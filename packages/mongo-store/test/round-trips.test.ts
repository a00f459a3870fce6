import { randomUUID } from 'node:crypto'
import { ALICE, ALICE_LID, at, GROUP, message, noise, session } from '@trunkline/conformance/fixtures'
import type { Store } from '@trunkline/core'
import { type CommandStartedEvent, type Document, MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { createMongoStore } from '../src/index.js'
import { describeServers } from './test-server.js'

/** Told by the driver itself: every command is one round trip. */
describeServers('the round trips of the MongoDB store', (server) => {
  const client = new MongoClient(server.uri, { monitorCommands: true })
  const commands: { name: string; command: Document }[] = []
  client.on('commandStarted', ({ commandName, command, databaseName: database }: CommandStartedEvent) => {
    const ours = database === databaseName || commandName === 'commitTransaction'
    if (ours) commands.push({ name: commandName, command })
  })
  let databaseName = ''
  let store: Store
  beforeEach(async () => {
    databaseName = `trunkline-test-${randomUUID()}`
    store = createMongoStore({ client, databaseName })
    await store.setup()
    commands.length = 0
  })
  afterEach(() => client.db(databaseName).dropDatabase())
  afterAll(() => client.close())

  async function tripsOf(work: () => Promise<unknown>): Promise<string[]> {
    commands.length = 0
    await work()
    return commands.map(({ name, command }) => `${name} ${command[name]}`)
  }

  // Transactions end with a command of their own.
  const committed = server.transactions ? ['commitTransaction 1'] : []
  const preKeys = Array.from({ length: 812 }, (_, id) => ({ type: 'pre-key', id: `${id}`, value: noise(164) }))
  const history = (count: number, chatId: string) =>
    Array.from({ length: count }, (_, n) =>
      message({ id: `M${n}`, chatId, senderId: chatId, timestamp: at(n), source: 'history', raw: noise(50) }),
    )

  it('of a search for a number ask for ranges of indexes alone, where a number begins so', async () => {
    const lid = '700000000001@lid'
    await store.chats.upsertContacts('s', [{ id: '15550000001@s.whatsapp.net' }, { id: lid }])
    await store.chats.mapIdentities('s', [{ pn: '15550000002@s.whatsapp.net', lid }])
    commands.length = 0
    expect((await store.chats.pageContacts('s', { limit: 50, text: '+1 555 0000' })).items).toHaveLength(2)
    const finds = commands.filter(({ name, command }) => name === 'find' && 'filter' in command)
    const ranges = finds.map(({ command: { find, filter } }) => [find, filter.$and?.[0]?.id ?? filter._id])
    expect(ranges.slice(0, 2)).toEqual([
      ['contacts', { $gte: '15550000', $lt: '15550000A' }],
      ['identities', { $gte: 's|15550000', $lt: 's|15550000A' }],
    ])
    // What was found in them is read by its name.
    for (const [, where] of ranges.slice(2)) expect(where).toEqual({ $in: [`s|${lid}`] })
  })

  it('are one for the 812 pre-keys of a link, and one for the credentials', async () => {
    await store.auth.commit('s', {}, { epoch: 1 })
    const trips = await tripsOf(() => store.auth.commit('s', { creds: noise(4_000), puts: preKeys }, { epoch: 1 }))
    // A server that does not keep to the order of a bulk has the fence in a command of its own.
    const { orderedWrites } = (await store.health()).capabilities
    const keys = orderedWrites ? ['update authkeys'] : ['update authkeys', 'update authkeys']
    expect(trips).toEqual([...keys, 'update authstates', ...committed])
    expect(await store.auth.listKeyIds('s', 'pre-key')).toHaveLength(812)
    expect(
      await tripsOf(() =>
        store.auth.readKeys(
          's',
          'pre-key',
          preKeys.map(({ id }) => id),
        ),
      ),
    ).toEqual(['find authkeys'])
  })

  it('are two for a message that is new, and few for one that is told again', async () => {
    expect(await tripsOf(() => store.messages.upsert('s', [message()]))).toEqual(['update messages', 'update chats'])
    const again = await tripsOf(() => store.messages.upsert('s', [message({ status: 'read' })]))
    expect(again).toEqual(['update messages', 'find messages', 'update messages', 'update chats'])
    const change = { kind: 'status' as const, status: 'played' as const }
    const changed = await tripsOf(() => store.messages.change('s', { id: message().id }, change))
    expect(changed).toEqual(['find messages', 'update messages'])
  })

  it('are three for messages that come in and the events that tell of them, however many, and one more ends a transaction', async () => {
    const arrival = (count: number, first: number) => {
      const messages = Array.from({ length: count }, (_, n) => message({ id: `M${first + n}`, arrival: first + n }))
      const told = messages.map((one) => ({
        name: 'message' as const,
        at: at(0),
        payload: { message: one },
        key: `message|${one.id}`,
      }))
      return { messages, events: () => told }
    }
    const trips = ['update messages', 'update chats', 'insert events', ...committed]
    expect(await tripsOf(() => store.messages.record('s', arrival(1, 0), { lastSeq: 0 }))).toEqual(trips)
    expect(await tripsOf(() => store.messages.record('s', arrival(100, 1), { lastSeq: 1 }))).toEqual(trips)
  })

  it('are three for an answer of the server and the event that tells of it', async () => {
    await store.messages.upsert('s', [message({ fromMe: true })])
    const sent = { kind: 'status' as const, status: 'sent' as const, timestamp: message().timestamp }
    const step = {
      changes: [{ ref: { id: message().id, chatId: ALICE }, change: sent }],
      events: () => [{ name: 'message-sent' as const, at: at(0), payload: { message: message() }, key: 'k' }],
    }
    const trips = await tripsOf(() => store.messages.record('s', step, { lastSeq: 0 }))
    expect(trips).toEqual(['find messages', 'update messages', 'insert events', ...committed])
  })

  it('of all that one message makes a session store: what comes in, and what goes out until it was delivered', async () => {
    const status = (status: 'sent' | 'delivered') => ({
      changes: [{ ref: { id: 'OUT', chatId: ALICE }, change: { kind: 'status' as const, status } }],
      events: () => [{ name: 'message-sent' as const, at: at(0), payload: { message: message() } }],
    })
    const told = [{ name: 'message' as const, at: at(0), payload: { message: message() }, key: 'in' }]
    const puts = (...types: string[]) => types.map((type) => ({ type, id: '1', value: noise(900) }))
    const commit = (batch: Parameters<Store['auth']['commit']>[1]) => store.auth.commit('s', batch, { epoch: 1 })
    await commit({})
    const ratchet = await tripsOf(() => commit({ puts: puts('session') }))

    const inbound = await tripsOf(async () => {
      await commit({ puts: puts('session', 'inbox') })
      await store.messages.record('s', { messages: [message()], events: () => told }, { lastSeq: 0 })
    })
    const outbound = await tripsOf(async () => {
      await store.messages.upsert('s', [message({ id: 'OUT', fromMe: true, status: 'pending' })])
      await commit({ puts: puts('session') })
      await store.messages.record('s', status('sent'), { lastSeq: 1 })
      await store.messages.record('s', status('delivered'), { lastSeq: 2 })
    })
    const change = ['find messages', 'update messages', 'insert events', ...committed]
    expect(inbound.slice(ratchet.length)).toEqual(['update messages', 'update chats', 'insert events', ...committed])
    expect(outbound).toEqual(['update messages', 'update chats', ...ratchet, ...change, ...change])
  })

  it('are two, one after the other, for the receipt of many messages', async () => {
    const messages = history(30, ALICE)
    await store.messages.upsert('s', messages)
    const read = { kind: 'status' as const, status: 'read' as const }
    const ref = { id: messages.map(({ id }) => id), chatId: ALICE }
    const trips = await tripsOf(() => store.messages.change('s', ref, read))
    expect(trips).toEqual(['find messages', ...messages.map(() => 'update messages')])
  })

  it('are one for an event whose last number the caller knows; else three, two of them at once, and one more for the first', async () => {
    const event = { name: 'message' as const, at: at(0), payload: { message: message() } }
    const reads = ['find events', 'find events']
    const first = await tripsOf(() => store.events.append('s', [{ ...event, key: '1' }]))
    expect(first).toEqual([...reads, 'find eventnumbers', 'insert events'])
    expect(await tripsOf(() => store.events.append('s', [{ ...event, key: '2' }]))).toEqual([...reads, 'insert events'])
    expect(await tripsOf(() => store.events.append('s', [event]))).toEqual(['find events', 'insert events'])
    const next = { ...event, key: '4' }
    expect(await tripsOf(() => store.events.append('s', [next], { lastSeq: 3 }))).toEqual(['insert events'])
  })

  it('do not grow with the messages of a history, neither the first time nor when it is told again', async () => {
    const messages = history(900, ALICE)
    expect((await tripsOf(() => store.messages.upsert('s', messages))).length).toBeLessThanOrEqual(2)
    const read = messages.map((one) => ({ ...one, status: 'read' as const }))
    expect((await tripsOf(() => store.messages.upsert('s', read))).length).toBeLessThanOrEqual(4)
    const found = await store.messages.page('s', { limit: 1_000 })
    expect(found.items.every(({ status }) => status === 'read')).toBe(true)
  })

  it('are five for a pair that is told again, four of them at once', async () => {
    const pair = { pn: ALICE, lid: ALICE_LID }
    await store.chats.mapIdentities('s', [pair])
    const all = await tripsOf(() => store.chats.mapIdentities('s', [pair]))
    const looks = ['find contacts', 'find chats', 'find messages', 'find messages']
    expect([all[0], ...all.slice(1).sort()]).toEqual(['find identities', ...looks.sort()])
  })

  it('do not grow with the messages of a chat that moves to its LID', async () => {
    await store.messages.upsert('s', [...history(500, ALICE), ...history(100, ALICE_LID), message({ chatId: GROUP })])
    const trips = await tripsOf(() => store.chats.mapIdentities('s', [{ pn: ALICE, lid: ALICE_LID }]))
    expect(trips.length).toBeLessThanOrEqual(20)
    expect(await store.messages.count('s')).toBe(501)
  })

  it('ask for nothing that has no index: each filter begins with the first field of one', async () => {
    await everyQuery(store)
    const asked = commands.flatMap(filtersOf)
    expect(new Set(asked.map(({ collection }) => collection)).size).toBeGreaterThan(8)
    const unindexed = []
    for (const { collection, filter } of asked) {
      const indexes = await client.db(databaseName).collection(collection).indexes()
      const leading = ['_id', ...indexes.map(({ key }) => Object.keys(key)[0] ?? '')]
      const fields = Object.keys(filter)
      if (!fields.some((field) => leading.includes(field))) unindexed.push({ collection, fields })
    }
    expect(unindexed).toEqual([])
  })

  const plans = server.explain ? '' : ' (skipped: this server has no explain)'
  it.skipIf(!server.explain)(`scan no collection, says the server${plans}`, async () => {
    await everyQuery(store)
    for (const { collection, filter } of commands.flatMap(filtersOf)) {
      const plan = await client.db(databaseName).collection(collection).find(filter).explain()
      expect([collection, filter, JSON.stringify(plan.queryPlanner.winningPlan)]).not.toEqual([
        collection,
        filter,
        expect.stringContaining('COLLSCAN'),
      ])
    }
  })
})

/** What happens while sessions run: every query of a port but the ones of an operator. */
async function everyQuery({ auth, sessions, messages, chats, events, leases }: Store): Promise<void> {
  const first = { epoch: 1 }
  const key = { type: 'session', id: '1', value: noise(9) }
  await sessions.insert(session('s'))
  await leases.acquire('s', { owner: 'a', ttlMs: 1_000 })
  await auth.commit('s', { creds: noise(9), puts: [key] }, first)
  await auth.readCreds('s')
  await auth.readKeys('s', 'session', ['1'])
  await auth.listKeyIds('s', 'session')
  await auth.commit('s', { deletes: [key] }, first)
  await messages.upsert('s', [message({ id: 'A' }), message({ id: 'B', fromMe: true, clientMessageId: 'c' })])
  await messages.upsert('s', [message({ id: 'A', status: 'read' })])
  await messages.change('s', { id: 'A' }, { kind: 'delete', at: at(1) })
  await messages.find('s', { id: 'A', chatId: ALICE })
  await messages.findByClientId('s', 'c')
  await messages.listPending('s')
  for (const query of [{}, { chatId: ALICE }, { before: at(1) }, { type: 'text' as const, text: 'hello' }])
    await messages.page('s', { limit: 5, ...query })
  await chats.upsert('s', [{ id: ALICE, name: 'Alice' }])
  await chats.upsertContacts('s', [{ id: ALICE, pushName: 'al' }])
  await chats.mapIdentities('s', [{ pn: ALICE, lid: ALICE_LID }])
  await chats.page('s', { limit: 5 })
  await chats.pageContacts('s', { limit: 5 })
  await chats.resolve('s', [ALICE])
  await chats.phonesOf('s', [ALICE_LID])
  await events.append('s', [{ name: 'message', at: at(0), payload: { message: message() }, key: 'k' }])
  await events.read('s', { after: 0, limit: 5 })
  await events.lastSeq('s')
  for (const port of [messages, chats, events]) await port.removeAll('s')
}

function filtersOf({ name, command }: { name: string; command: Document }): { collection: string; filter: Document }[] {
  const collection = String(command[name])
  const of = (filters: Document[]) => filters.map((filter) => ({ collection, filter }))
  if (name === 'find') return of([command.filter])
  if (name === 'update') return of(command.updates.map(({ q }: Document) => q))
  if (name === 'delete') return of(command.deletes.map(({ q }: Document) => q))
  if (name === 'findAndModify') return of([command.query])
  return []
}
