import { randomUUID } from 'node:crypto'
import { TrunklineError } from '@trunkline/core/store'
import {
  type Collection,
  Long,
  type MongoClient,
  MongoCompatibilityError,
  MongoErrorLabel,
  MongoServerError,
} from 'mongodb'
import type { TrialDocument } from './documents.js'
import { isDuplicateKey } from './errors.js'

export type Topology = 'standalone' | 'replica set' | 'sharded cluster'

export interface Engine {
  client: MongoClient
  /** A collection that nothing else is kept in. */
  trials: Collection<TrialDocument>
  topology: Topology
}

/** One thing that the store stands on; answers whether the server has it, working on documents of these ids. */
type Trial = (engine: Engine, id: string) => Promise<boolean>

const EVERYWHERE: Record<string, Trial> = {
  'atomic updates': countsEveryUpdate,
  'upserts at once that one of them wins': letsOneUpsertWin,
  'unique indexes': refusesASecondOfItsKind,
}

/** What the driver and the store rely on once a server calls itself a replica set or a sharded cluster. */
const IN_CLUSTERS: Record<string, Trial> = {
  'transactions that are rolled back': rollsBack,
  'error labels of transactions that conflict': labelsConflicts,
  'retryable writes': writesARetryOnce,
  'write concerns': refusesAWriteConcern,
}

/**
 * Tries what the store stands on: not everything that speaks MongoDB's protocol keeps its promises, and one that does not loses
 * updates in silence.
 *
 * @throws CONFIG_INVALID naming all that the server lacks
 */
export async function tryEngine(engine: Engine): Promise<void> {
  const trials = Object.entries({ ...EVERYWHERE, ...(engine.topology === 'standalone' ? {} : IN_CLUSTERS) })
  const run = randomUUID()
  const ids = trials.map((_, number) => `${run}|${number}`)
  try {
    const has = await Promise.all(trials.map(([, trial], number) => verdict(() => trial(engine, ids[number] ?? run))))
    const lacking = trials.flatMap(([name], number) => (has[number] ? [] : [name]))
    if (lacking.length === 0) return
    throw new TrunklineError('CONFIG_INVALID', {
      message: `This server calls itself a ${engine.topology} of MongoDB and lacks: ${lacking.join('; ')}`,
      details: { errors: lacking.map((name) => ({ field: 'uri', message: `the server lacks ${name}` })) },
    })
  } finally {
    await engine.trials.deleteMany({ _id: { $in: ids.flatMap((id) => [id, `${id}|2`]) } })
  }
}

/** Whether an ordered bulk write stops at its first error, as MongoDB's does: the store gets along without it. */
export async function stopsAtFirstError(trials: Collection<TrialDocument>): Promise<boolean> {
  const [first, second] = [randomUUID(), randomUUID()]
  try {
    await trials.insertOne({ _id: first, epoch: 2 })
    const updates = [first, second].map((_id) => ({
      updateOne: { filter: { _id, epoch: 1 }, update: { $set: { epoch: 1 } }, upsert: true },
    }))
    await trials.bulkWrite(updates, { ordered: true }).catch(() => undefined)
    return (await trials.findOne({ _id: second })) === null
  } finally {
    await trials.deleteMany({ _id: { $in: [first, second] } })
  }
}

/** Codes of a server that does not know a command or an option: BadValue, FailedToParse, IllegalOperation, CommandNotFound, … */
const UNKNOWN_TO_THE_SERVER = new Set<unknown>([2, 9, 20, 40, 59, 72, 115, 238, 263])

async function verdict(trial: () => Promise<boolean>): Promise<boolean> {
  try {
    return await trial()
  } catch (error) {
    // The driver has found out by itself, such as that the server has no sessions.
    if (error instanceof MongoCompatibilityError) return false
    // A server that is not reachable, or not primary any more, says nothing about what it can do.
    if (error instanceof MongoServerError && UNKNOWN_TO_THE_SERVER.has(error.code)) return false
    throw error
  }
}

const MANY = Array.from({ length: 12 }, (_, number) => number)

async function countsEveryUpdate({ trials }: Engine, _id: string): Promise<boolean> {
  await trials.insertOne({ _id, count: 0 })
  await Promise.all(MANY.map(() => trials.updateOne({ _id }, { $inc: { count: 1 } })))
  return (await trials.findOne({ _id }))?.count === MANY.length
}

async function letsOneUpsertWin({ trials }: Engine, _id: string): Promise<boolean> {
  const attempts = MANY.map((holder) =>
    trials
      .updateOne({ _id, holder: { $exists: false } }, { $set: { holder } }, { upsert: true })
      .then(() => [holder], losesByDuplicateKey),
  )
  const [winner, ...others] = (await Promise.all(attempts)).flat()
  return others.length === 0 && winner !== undefined && (await trials.findOne({ _id }))?.holder === winner
}

async function refusesASecondOfItsKind({ trials }: Engine, only: string): Promise<boolean> {
  await trials.insertOne({ _id: only, only })
  const second = trials.insertOne({ _id: `${only}|2`, only })
  return (await second.then(() => ['inserted'], losesByDuplicateKey)).length === 0
}

function losesByDuplicateKey(error: unknown): never[] {
  if (isDuplicateKey(error)) return []
  throw error
}

async function rollsBack({ client, trials }: Engine, _id: string): Promise<boolean> {
  await client.withSession(async (session) => {
    session.startTransaction()
    await trials.updateOne({ _id }, { $set: { count: 1 } }, { session, upsert: true })
    await session.abortTransaction()
  })
  return (await trials.findOne({ _id })) === null
}

/** By the label the driver knows that a transaction is to be tried again. */
async function labelsConflicts({ client, trials }: Engine, _id: string): Promise<boolean> {
  await trials.insertOne({ _id, count: 0 })
  return client.withSession((first) =>
    client.withSession(async (second) => {
      first.startTransaction()
      second.startTransaction()
      await trials.updateOne({ _id }, { $inc: { count: 1 } }, { session: first })
      const conflict = trials.updateOne({ _id }, { $inc: { count: 1 } }, { session: second, maxTimeMS: 2_000 })
      const labelled = await conflict.then(
        () => false,
        (error) => error instanceof MongoServerError && error.hasErrorLabel(MongoErrorLabel.TransientTransactionError),
      )
      await Promise.all([first.abortTransaction(), second.abortTransaction()])
      return labelled
    }),
  )
}

/** After a broken connection the driver sends a write again under the same number, trusting that it is done once. */
async function writesARetryOnce({ client, trials }: Engine, _id: string): Promise<boolean> {
  if (!client.options.retryWrites) return true
  await trials.insertOne({ _id, count: 0 })
  await client.withSession(async (session) => {
    await trials.findOne({ _id }, { session })
    session.serverSession.txnNumber += 1
    const command = {
      update: trials.collectionName,
      updates: [{ q: { _id }, u: { $inc: { count: 1 } } }],
      txnNumber: Long.fromNumber(session.serverSession.txnNumber),
    }
    for (const _ of ['once', 'again']) await client.db(trials.dbName).command({ ...command }, { session })
  })
  return (await trials.findOne({ _id }))?.count === 1
}

/** No replica set has so many members that vote: whoever acknowledges that has not read the write concern. */
async function refusesAWriteConcern({ trials }: Engine, _id: string): Promise<boolean> {
  const writeConcern = { w: 50, wtimeoutMS: 1_000 }
  const written = trials.updateOne({ _id }, { $set: { count: 1 } }, { upsert: true, writeConcern })
  return written.then(
    () => false,
    (error) => {
      if (error instanceof MongoServerError) return true
      throw error
    },
  )
}
