import { MongoClient } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { createMongoStore } from './index.js'

const uri = 'mongodb://127.0.0.1:1/x'
const client = new MongoClient(uri)
type Loose = (options?: unknown) => unknown

/** As hosts without types call it. */
const create = createMongoStore as unknown as Loose

describe('options of the MongoDB store that are wrong', () => {
  it.each<[unknown, string]>([
    [undefined, 'options'],
    [null, 'options'],
    ['mongodb://127.0.0.1', 'options'],
    [{}, 'uri'],
    [{ uri: undefined }, 'uri'],
    [{ uri: '' }, 'uri'],
    [{ uri: 42 }, 'uri'],
    [{ uri: 'http://127.0.0.1' }, 'uri'],
    [{ uri: 'mongodb://' }, 'uri'],
    [{ uri: 'mongodb://a:hidden:c@127.0.0.1/x' }, 'uri'],
    [{ uri, databaseName: 42 }, 'databaseName'],
    [{ uri, databaseName: '' }, 'databaseName'],
    [{ uri, client }, 'client'],
    [{ uri, clock: {} }, 'clock'],
    [{ uri, database: 'x' }, 'database'],
    [{ client }, 'databaseName'],
    [{ client: {}, databaseName: 'x' }, 'client'],
    [{ client: 'mongodb://127.0.0.1', databaseName: 'x' }, 'client'],
  ])('are refused by name: %j', (options, field) => {
    expect(() => create(options)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(field),
        details: { errors: expect.arrayContaining([expect.objectContaining({ field })]) },
      }),
    )
    expect(() => create(options)).not.toThrow(/hidden/)
  })

  it('are none where one of the two ways is left undefined', async () => {
    for (const options of [
      { uri, client: undefined },
      { uri: undefined, client, databaseName: 'x' },
    ])
      expect(create(options)).toHaveProperty('sessions')
    await client.close()
  })
})
