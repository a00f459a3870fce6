import { MongoClient, MongoNetworkError } from 'mongodb'

/**
 * A client whose server carries out `writes` more single writes, in the middle of a bulk too, and is then gone. Everything
 * else is the driver itself.
 */
export function createFailingClient(uri: string): { client: MongoClient; arm(writes: number): void } {
  const client = new MongoClient(uri)
  let left = Number.POSITIVE_INFINITY
  const gone = () => new MongoNetworkError('connection closed')

  const wrapped = <Target extends object>(
    target: Target,
    wrap: (name: string, method: Method) => Method | undefined,
  ): Target =>
    new Proxy(target, {
      get(object, name) {
        const value: unknown = Reflect.get(object, name, object)
        if (typeof value !== 'function' || typeof name !== 'string') return value
        const method = value.bind(object) as Method
        return wrap(name, method) ?? method
      },
    })

  const collectionMethod = (name: string, method: Method): Method | undefined => {
    if (READS.has(name)) {
      return (...parameters) => {
        if (left > 0) return method(...parameters)
        if (!ANSWERS_BY_CURSOR.has(name)) return Promise.reject(gone())
        return failedCursor(gone())
      }
    }
    if (!WRITES.has(name)) return undefined
    return async (...parameters) => {
      const [first, ...rest] = parameters
      const many = name === 'bulkWrite' || name === 'insertMany' ? (first as unknown[]) : undefined
      const wanted = many?.length ?? 1
      const allowed = Math.min(left, wanted)
      left -= allowed
      if (allowed === wanted) return method(...parameters)
      if (many && allowed > 0) await method(many.slice(0, allowed), ...rest)
      left = 0
      throw gone()
    }
  }
  const databaseMethod = (name: string, method: Method): Method | undefined => {
    if (name === 'collection') return (...parameters) => wrapped(method(...parameters) as object, collectionMethod)
    if (name !== 'admin') return undefined
    return () =>
      wrapped(
        method() as object,
        (_, command) =>
          (...parameters) =>
            left > 0 ? command(...parameters) : Promise.reject(gone()),
      )
  }
  return {
    client: wrapped(client, (name, method) =>
      name === 'db' ? (...parameters) => wrapped(method(...parameters) as object, databaseMethod) : undefined,
    ),
    arm(writes) {
      left = writes
    },
  }
}

type Method = (...parameters: unknown[]) => unknown

const READS = new Set(['aggregate', 'find', 'findOne', 'countDocuments', 'distinct'])
const ANSWERS_BY_CURSOR = new Set(['aggregate', 'find'])
const WRITES = new Set([
  'bulkWrite',
  'deleteMany',
  'deleteOne',
  'findOneAndDelete',
  'findOneAndUpdate',
  'insertMany',
  'insertOne',
  'replaceOne',
  'updateOne',
])

function failedCursor(error: Error): object {
  const cursor: object = new Proxy(
    {},
    { get: (_, name) => (name === 'toArray' || name === 'next' ? () => Promise.reject(error) : () => cursor) },
  )
  return cursor
}
