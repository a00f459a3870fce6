import {
  type Check,
  type Clock,
  fields,
  having,
  optional,
  refuseOptions,
  TrunklineError,
  text,
} from '@trunkline/core/store'
import { MongoClient } from 'mongodb'

/** Unless the URI says otherwise; the driver's own defaults are 30 s. */
const TIMEOUTS_MS = {
  /** How long a call waits for a server before it rejects with STORE_UNAVAILABLE. */
  serverSelectionTimeoutMS: 5_000,
  /** How long a connection may take. With it `MonitorWatch` connects anew after half a minute, before a node gives its sessions up. */
  connectTimeoutMS: 10_000,
}

/** Of MongoDB itself. */
const databaseName: Check = text({ maxLength: 63 })
const clock: Check = optional(having<Clock>('now', 'monotonic'))
const left: Check = (value, field) =>
  value === undefined ? [] : [{ field, message: 'cannot be given together with uri: it is one or the other' }]

interface Given {
  uri?: unknown
  client?: unknown
  databaseName?: unknown
  clock?: unknown
}

const withUri = fields<Given>({
  uri: text({ maxLength: 65_536 }),
  client: left,
  databaseName: optional(databaseName),
  clock,
})

const withClient = fields<Given>({
  uri: optional(text({ maxLength: 65_536 })),
  client: having<MongoClient>('db', 'withSession', 'close'),
  databaseName,
  clock,
})

/**
 * The client of a store, and whether it is closed with it.
 *
 * @throws CONFIG_INVALID naming each option that is not known, or is not what it must be
 */
export function clientOf(options: unknown): { client: MongoClient; closeClient: boolean } {
  const given: Given = typeof options === 'object' && options !== null ? options : {}
  const isByClient = given.uri === undefined && given.client !== undefined
  // Also where neither is given: most hosts mean the URI, from an environment that is not set.
  refuseOptions('the MongoDB store', (isByClient ? withClient : withUri)(options, ''))
  return isByClient
    ? { client: given.client as MongoClient, closeClient: false }
    : { client: clientAt(String(given.uri)), closeClient: true }
}

function clientAt(uri: string): MongoClient {
  const isGiven = (name: string) => new RegExp(`[?&]${name}=`, 'i').test(uri)
  const defaults = Object.entries(TIMEOUTS_MS).filter(([name]) => !isGiven(name))
  try {
    return new MongoClient(uri, Object.fromEntries(defaults))
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    // Without user and password, should the driver repeat them.
    const error = { field: 'uri', message: `cannot be read: ${said.replace(/(\w:\/\/)[^\s'"]*@/g, '$1…@')}` }
    throw new TrunklineError('CONFIG_INVALID', {
      message: `${error.field} ${error.message}`,
      cause,
      details: { errors: [error] },
    })
  }
}
