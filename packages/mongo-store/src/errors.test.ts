import { BSON, MongoClient, MongoInvalidArgumentError, MongoNetworkError, MongoServerError } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { toStoreError } from './errors.js'

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('what a failure is told as', () => {
  it.each([
    ['a TypeError', new TypeError("Cannot read properties of undefined (reading 'x')")],
    ['a RangeError', new RangeError('Invalid array length')],
    ['a ReferenceError', new ReferenceError('x is not defined')],
    ['an argument that the driver refuses', new MongoInvalidArgumentError('Update document requires atomic operators')],
    ['what cannot be made BSON of', thrownBy(() => BSON.serialize({ at: { _bsontype: 'Unknown' } }))],
    ['a circle', thrownBy(() => BSON.serialize(Object.assign({ self: {} }, { self: circle() })))],
    ['a command that the server does not understand', new MongoServerError({ code: 9, message: 'FailedToParse' })],
    ['a document that is too large', new MongoServerError({ code: 10_334, message: 'BSONObjectTooLarge' })],
  ])('is a mistake of the code, no outage: %s', (_name, cause) => {
    expect(cause).toBeInstanceOf(Error)
    expect(toStoreError(cause)).toMatchObject({ code: 'INTERNAL', cause })
  })

  it.each([
    ['a broken connection', new MongoNetworkError('connection 1 closed'), 'STORE_UNAVAILABLE'],
    ['a server that is shutting down', new MongoServerError({ code: 91, message: 'shutdown' }), 'STORE_UNAVAILABLE'],
    ['an error that nobody knows', new Error('?'), 'STORE_UNAVAILABLE'],
    ['a full disk', new MongoServerError({ code: 14_031, message: 'OutOfDiskSpace' }), 'STORE_FULL'],
    ['a record that is no JSON', new SyntaxError('Unexpected token'), 'STORE_CORRUPT'],
  ])('is told by what it is: %s', (_name, cause, code) => {
    expect(toStoreError(cause)).toMatchObject({ code, cause })
  })

  it('is an outage when somebody has closed the client', async () => {
    const client = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 100 })
    await client.close()
    const error = await client
      .db('x')
      .command({ ping: 1 })
      .catch((reason: unknown) => reason)
    expect(toStoreError(error)).toMatchObject({ code: 'STORE_UNAVAILABLE', cause: error })
  })

  it('names the addresses that were tried to operators, and not to callers, however soon it was given up', async () => {
    const client = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 1 })
    const error = await client
      .db('x')
      .command({ ping: 1 })
      .catch((reason: unknown) => toStoreError(reason))
    await client.close()
    expect(error).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: 'The store does not answer',
      cause: { message: 'No server answers at 127.0.0.1:1' },
    })
  })
})

function circle(): object {
  const one: { self?: object } = {}
  one.self = one
  return one
}
