import { randomUUID } from 'node:crypto'
import { type Collection, type Document, MongoClient, MongoServerError, type RunCommandOptions } from 'mongodb'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { collectionsOf, makeCollections } from '../src/collections.js'
import type { TrialDocument } from '../src/documents.js'
import { type Engine, tryEngine } from '../src/engine-trial.js'
import { describeServers } from './test-server.js'

describeServers('the trial of a server', (server) => {
  const client = new MongoClient(server.uri)
  let engine: Engine
  beforeEach(async () => {
    const database = client.db(`trunkline-test-${randomUUID()}`)
    const collections = collectionsOf(database)
    await makeCollections(database, collections)
    engine = { client, trials: collections.trials, topology: server.transactions ? 'replica set' : 'standalone' }
  })
  afterEach(async () => {
    await client.db(engine.trials.dbName).dropDatabase()
  })
  afterAll(() => client.close())

  /** The engine with one method of its collection replaced, as if the server did that. */
  function lying<Name extends 'updateOne' | 'insertOne'>(
    name: Name,
    lie: (trials: Collection<TrialDocument>, ...parameters: Parameters<Collection<TrialDocument>[Name]>) => unknown,
  ): Engine {
    const trials = new Proxy(engine.trials, {
      get: (target, asked) =>
        asked === name
          ? (...parameters: Parameters<Collection<TrialDocument>[Name]>) => lie(target, ...parameters)
          : Reflect.get(target, asked),
    })
    return { ...engine, trials }
  }

  it('is passed by this one, by many nodes at once, and leaves nothing behind', async () => {
    await Promise.all(Array.from({ length: 4 }, () => tryEngine(engine)))
    expect(await engine.trials.countDocuments()).toBe(0)
  })

  it('refuses one that loses updates, by the name of what it lacks', async () => {
    const forgetful = lying('updateOne', async (trials, filter, update, options) => {
      if (!('$inc' in update) || options?.session) return trials.updateOne(filter, update, options)
      const found = await trials.findOne(filter)
      return trials.updateOne(filter, { $set: { count: (found?.count ?? 0) + 1 } }, options)
    })
    const refused = tryEngine(forgetful)
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID', retryable: false })
    await expect(refused).rejects.toThrow(/lacks: atomic updates$/)
    await expect(refused).rejects.toMatchObject({ details: { errors: [{ field: 'uri' }] } })
    expect(await engine.trials.countDocuments()).toBe(0)
  })

  it('refuses one that lets two of the upserts win that come at once', async () => {
    const generous = lying('updateOne', (trials, filter, update, options) =>
      '_id' in filter && 'holder' in filter
        ? trials.updateOne({ _id: filter._id as string }, update, options)
        : trials.updateOne(filter, update, options),
    )
    await expect(tryEngine(generous)).rejects.toThrow(/lacks: upserts at once/)
  })

  it('refuses one that takes the unique index for a hint', async () => {
    const careless = lying('insertOne', (trials, document) =>
      trials.insertOne({ ...document, ...(document._id?.endsWith('|2') ? { only: randomUUID() } : {}) }),
    )
    await expect(tryEngine(careless)).rejects.toThrow(/lacks: unique indexes$/)
  })

  const single = server.transactions ? ' (skipped: this one is a replica set)' : ''
  it.skipIf(server.transactions)(`refuses a standalone that calls itself a replica set${single}`, async () => {
    const refused = tryEngine({ ...engine, topology: 'replica set' })
    await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(refused).rejects.toThrow(/transactions that are rolled back; error labels .*; retryable writes; write/)
  })

  const lies: [string, Parameters<typeof lying<'updateOne'>>[1]][] = [
    [
      'transactions that are rolled back',
      (trials, filter, update, { session: _, ...options } = {}) => trials.updateOne(filter, update, options),
    ],
    [
      'error labels of transactions that conflict',
      (trials, ...parameters) =>
        trials.updateOne(...parameters).catch(({ code, message }: MongoServerError) => {
          throw new MongoServerError({ code, message })
        }),
    ],
    [
      'write concerns',
      (trials, filter, update, { writeConcern: _, ...options } = {}) => trials.updateOne(filter, update, options),
    ],
  ]
  const alone = server.transactions ? '' : ' (skipped: this one is a standalone)'
  it.skipIf(!server.transactions).each(lies)(`refuses a replica set without %s${alone}`, async (name, lie) => {
    await expect(tryEngine(lying('updateOne', lie))).rejects.toThrow(name)
  })

  it.skipIf(!server.transactions)(`refuses a replica set without retryable writes${alone}`, async () => {
    const database = client.db(engine.trials.dbName)
    const forgetful = {
      options: client.options,
      withSession: client.withSession.bind(client),
      db: () => ({
        command: ({ txnNumber: _, ...command }: Document, options: RunCommandOptions) =>
          database.command(command, options),
      }),
    } as unknown as MongoClient
    await expect(tryEngine({ ...engine, client: forgetful })).rejects.toThrow(/lacks: retryable writes$/)
  })
})
