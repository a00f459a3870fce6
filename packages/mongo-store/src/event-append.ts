import { randomUUID } from 'node:crypto'
import type { AppendedEvent, EventLog, LoggedEvent, NewEvent } from '@trunkline/core/store'
import type { ClientSession } from 'mongodb'
import type { Connection } from './connection.js'
import type { EventDocument } from './documents.js'
import { retryOnDuplicate } from './retry.js'

export type AppendEvents = EventLog['append']

/** An event by its key where there is one, else by its place. */
interface Named {
  name: string
  event: NewEvent
}

interface Attempt {
  sessionId: string
  events: readonly Named[]
  /** The last number, which is asked for unless given. */
  last: number | undefined
  session?: ClientSession
}

/** Appends without a transaction: what is stored stays so, and the rest is tried again. */
export function createAppendEvents(connection: Connection): AppendEvents {
  return async (sessionId, events, { lastSeq: expected } = {}) => {
    const { named, firsts } = nameAll(events)
    // What is in here is stored.
    const done = new Map<string, AppendedEvent>()
    let last = expected
    await retryOnDuplicate(
      () => appendSome(connection, { sessionId, events: firsts.filter(({ name }) => !done.has(name)), last }, done),
      async () => {
        last = undefined
      },
    )
    return answersOf(named, done)
  }
}

/** Appends in a transaction, which a duplicate key ends: the caller begins it again, without `lastSeq`. */
export async function appendOnce(
  connection: Connection,
  sessionId: string,
  events: readonly NewEvent[],
  { lastSeq: last, session }: { lastSeq: number | undefined; session: ClientSession },
): Promise<AppendedEvent[]> {
  if (events.length === 0) return []
  const { named, firsts } = nameAll(events)
  const done = new Map<string, AppendedEvent>()
  await appendSome(connection, { sessionId, events: firsts, last, session }, done)
  return answersOf(named, done)
}

function nameAll(events: readonly NewEvent[]): { named: Named[]; firsts: Named[] } {
  const named = events.map((event, number) => ({
    name: event.key === undefined ? `#${number}` : `=${event.key}`,
    event,
  }))
  const seen = new Set<string>()
  return { named, firsts: named.filter(({ name }) => !seen.has(name) && seen.add(name)) }
}

function answersOf(named: readonly Named[], done: ReadonlyMap<string, AppendedEvent>): AppendedEvent[] {
  const answered = new Set<string>()
  return named.flatMap(({ name }) => {
    const appended = done.get(name)
    if (!appended) return []
    const repeated = appended.repeated || answered.has(name)
    answered.add(name)
    return [{ ...appended, repeated }]
  })
}

/**
 * Appends after the last number. The id of an event is its number, and its key is unique in its log: of two who append at once,
 * after a number that is not the last, and for a key that is there already, the insert runs into a duplicate key, and the rest
 * is done again by what the log then holds. No number is given twice, and none is left out.
 */
async function appendSome(
  connection: Connection,
  { sessionId, events: left, last: expected, session }: Attempt,
  done: Map<string, AppendedEvent>,
): Promise<void> {
  const { events } = connection.collections
  const writer = randomUUID()
  const options = session ? { session } : {}
  const last = expected ?? (await look(connection, { sessionId, events: left, session }, done))
  const fresh = left.filter(({ name }) => !done.has(name))
  const documents = fresh.map(({ event }, number) => documentOf(sessionId, event, { seq: last + number + 1, writer }))
  if (documents.length === 0) return
  let mine = new Set(documents.map(({ _id }) => _id))
  try {
    await events.insertMany(documents, { ordered: true, ...options })
  } catch (error) {
    mine = session ? new Set() : await storedOf(connection, { ids: [...mine], writer })
    throw error
  } finally {
    for (const [number, { name }] of fresh.entries()) {
      const document = documents[number]
      if (document && mine.has(document._id)) done.set(name, { ...eventOf(document), repeated: false })
    }
  }
}

/** Asked rather than concluded from the error: servers differ in what they count. */
async function storedOf(
  { collections: { events } }: Connection,
  { ids, writer }: { ids: string[]; writer: string },
): Promise<Set<string>> {
  const stored = await events.find({ _id: { $in: ids }, writer }, { projection: { _id: 1 } }).toArray()
  return new Set(stored.map(({ _id }) => _id))
}

/** Answers the last number, and puts the events whose keys are there already into `done`. */
async function look(
  connection: Connection,
  { sessionId, events: left, session }: Omit<Attempt, 'last'>,
  done: Map<string, AppendedEvent>,
): Promise<number> {
  const keys = left.flatMap(({ name, event }) => (event.key === undefined ? [] : [name]))
  const readKnown = async () => {
    if (keys.length === 0) return []
    const filter = { sessionId, key: { $in: keys } }
    return connection.collections.events.find(filter, session ? { session } : {}).toArray()
  }
  const readLast = () => lastSeqOf(connection, sessionId, session)
  // A transaction carries out one command at a time.
  const [last, known] = session ? [await readLast(), await readKnown()] : await Promise.all([readLast(), readKnown()])
  for (const document of known) done.set(document.key, { ...eventOf(document), repeated: true })
  return last
}

export async function lastSeqOf(connection: Connection, sessionId: string, session?: ClientSession): Promise<number> {
  const { events, eventNumbers } = connection.collections
  const options = session ? { session } : {}
  const newest = await events.findOne({ sessionId }, { sort: { seq: -1 }, projection: { seq: 1 }, ...options })
  if (newest) return newest.seq
  // Asked after the log was found empty: the number is remembered before the last event goes.
  return (await eventNumbers.findOne({ _id: sessionId }, options))?.lastSeq ?? 0
}

function documentOf(
  sessionId: string,
  { name, at, payload, key }: NewEvent,
  { seq, writer }: { seq: number; writer: string },
): EventDocument {
  return {
    _id: `${sessionId}|${seq}`,
    sessionId,
    seq,
    at,
    writer,
    // Every event has one, because the index on it is unique; numbers and keys of callers cannot be mistaken for each other.
    key: key === undefined ? `#${seq}` : `=${key}`,
    record: JSON.stringify({ name, event: { sessionId, at, seq, ...payload } }),
  }
}

export function eventOf({ record }: EventDocument): LoggedEvent {
  return JSON.parse(record)
}
