import { type Collection, type Document, MongoBulkWriteError, MongoError, MongoErrorLabel } from 'mongodb'

/** Each attempt waits until the driver has found the server again, so these are seconds; then it is an outage. */
const MAX_ATTEMPTS = 10

/** The methods of a collection that send their command before they resolve; cursors are read again by the driver. */
const COMMANDS: ReadonlySet<unknown> = new Set<keyof Collection>([
  'bulkWrite',
  'countDocuments',
  'deleteMany',
  'deleteOne',
  'distinct',
  'findOne',
  'findOneAndDelete',
  'findOneAndUpdate',
  'insertMany',
  'insertOne',
  'replaceOne',
  'updateMany',
  'updateOne',
])

/**
 * The collection, which sends again what never left the driver. When one connection breaks, the driver turns away whatever waits
 * for a connection to that server, and tries again itself only where the server has retryable writes, and not within a
 * transaction: without this, one broken connection fails the commits of all sessions.
 */
export function sendingAgain<Shape extends Document>(collection: Collection<Shape>): Collection<Shape> {
  return new Proxy(collection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const method = value.bind(target) as (...parameters: unknown[]) => unknown
      if (!COMMANDS.has(name)) return method
      return (...parameters: unknown[]) => sendAgain(async () => method(...parameters))
    },
  })
}

async function sendAgain<Result>(send: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send()
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !wasNeverSent(error)) throw error
    }
  }
}

/** Whether nothing of the call reached the server. A bulk may be several commands, and the first ones may have been carried out. */
function wasNeverSent(error: unknown): boolean {
  if (!(error instanceof MongoError) || !error.hasErrorLabel(MongoErrorLabel.PoolRequestedRetry)) return false
  if (!(error instanceof MongoBulkWriteError)) return true
  const { insertedCount, matchedCount, deletedCount, upsertedCount } = error.result
  return insertedCount + matchedCount + deletedCount + upsertedCount === 0
}
