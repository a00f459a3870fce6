import { type BaileysAuth, type BaileysKey, parseKeyName } from '@trunkline/core/store'
import type { Document } from 'mongodb'

/** A document of a collection that some program on Baileys keeps its auth state in. */
export interface BaileysDocument {
  collection: string
  /** Binary fields as Buffers. */
  document: Document
}

// What programs call the parts of a document. The first name that is there counts.
const OWNER_FIELDS = ['sessionId', 'session_id', 'session', 'sessionName', 'instanceId', 'instance', 'clientId']
const MORE_OWNER_FIELDS = ['ownerId', 'userId', 'botId', 'number', 'phone']
const NAME_FIELDS = ['key', 'keyName', 'name', 'fileName', 'filename', 'file', 'id', '_id']
const KEY_ID_FIELDS = ['keyId', 'key_id', 'id', 'key']
const KEY_TYPE_FIELDS = ['type', 'category', 'keyType']
const VALUE_FIELDS = ['value', 'data', 'json', 'content', 'creds']
const OWNERS = [...OWNER_FIELDS, ...MORE_OWNER_FIELDS]
const HOUSEKEEPING = ['_id', '__v', 'createdAt', 'updatedAt']

/** What older Baileys called the types of keys in its single file. */
const OLD_TYPES: Record<string, string> = {
  preKeys: 'pre-key',
  sessions: 'session',
  senderKeys: 'sender-key',
  senderKeyMemory: 'sender-key-memory',
  appStateSyncKeys: 'app-state-sync-key',
  appStateVersions: 'app-state-sync-version',
}

interface Entry {
  collection: string
  owner: string | undefined
  /** `creds` or the name of a key, behind a prefix perhaps. */
  name: string
  value: unknown
}

interface Account {
  collection: string
  owner: string | undefined
  /** What stands before `creds`, and before the names of this account's keys. */
  prefix: string
  creds: unknown
  keys: BaileysKey[]
  damaged: string[]
}

const UNREADABLE = Symbol('unreadable')

/**
 * The accounts in documents of the usual shapes: one document for each key, named by its `_id` or by a field, the value in a
 * field of its own or spread over the document, as JSON or as an object; several accounts told apart by a field, by a prefix
 * of the name, or by their collections; or one document with everything.
 */
export function assembleAccounts(documents: readonly BaileysDocument[]): BaileysAuth[] {
  const entries = documents.flatMap(entriesOf)
  const accounts = entries.flatMap(accountOf)
  const ignored: string[] = []
  for (const entry of entries) {
    if (prefixOfCreds(entry.name) !== undefined) continue
    const account = accounts.find((candidate) => nameIn(candidate, entry, accounts.length === 1) !== undefined)
    const name = account && nameIn(account, entry, accounts.length === 1)
    if (!account || name === undefined) ignored.push(entry.name)
    else if (entry.value === UNREADABLE) account.damaged.push(name)
    else account.keys.push({ name, value: entry.value })
  }
  return accounts.map(({ collection, owner, prefix, creds, keys, damaged }) => ({
    name: owner ?? (prefix.replace(/[^A-Za-z0-9]+$/, '') || collection),
    creds,
    keys,
    damaged,
    ignored: accounts.length === 1 ? ignored : [],
  }))
}

function accountOf({ collection, owner, name, value }: Entry): Account[] {
  const prefix = prefixOfCreds(name)
  if (prefix === undefined || value === UNREADABLE || value === null || value === undefined) return []
  return [{ collection, owner, prefix, creds: value, keys: [], damaged: [] }]
}

/** `''` for `creds`, `shop:` for `shop:creds`, nothing for other names. */
function prefixOfCreds(name: string): string | undefined {
  return /^(|.*[^A-Za-z0-9])creds(?:\.json)?$/.exec(name)?.[1]
}

/** The key's name if the entry is the account's. */
function nameIn(account: Account, entry: Entry, only: boolean): string | undefined {
  if (account.owner !== entry.owner && !only) return undefined
  if (account.owner === undefined && account.collection !== entry.collection && !only) return undefined
  const name = entry.name.replace(/\.json$/, '')
  if (!name.startsWith(account.prefix)) return undefined
  const rest = name.slice(account.prefix.length)
  return parseKeyName(rest) ? rest : undefined
}

function entriesOf({ collection, document }: BaileysDocument): Entry[] {
  const owner = textIn(document, OWNERS)
  const creds = parsed(document.creds)
  const keys = parsed(document.keys)
  if (isObject(creds) && 'noiseKey' in creds) {
    const id =
      owner ??
      textIn(
        document,
        ['id', '_id'].filter((field) => !looksLikeName(document[field])),
      )
    const inside = isObject(keys) ? keysIn(keys) : []
    return [{ name: 'creds', value: creds }, ...inside].map((entry) => ({ collection, owner: id, ...entry }))
  }
  const type = textIn(document, KEY_TYPE_FIELDS)
  const keyId = textIn(document, KEY_ID_FIELDS)
  if (type !== undefined && keyId !== undefined && parseKeyName(`${type}-${keyId}`)) {
    return [{ collection, owner, name: `${type}-${keyId}`, value: valueIn(document, []) }]
  }
  const field = NAME_FIELDS.find((one) => looksLikeName(document[one]))
  if (field === undefined) return []
  return [{ collection, owner, name: String(document[field]), value: valueIn(document, [field]) }]
}

function looksLikeName(text: unknown): boolean {
  if (typeof text !== 'string') return false
  if (prefixOfCreds(text) !== undefined) return true
  return (
    parseKeyName(text) !== undefined ||
    /[^A-Za-z0-9](?:pre-key|session|sender-key|app-state|lid-mapping|device-list|identity-key|tctoken)/.test(text)
  )
}

/** The value of a document for one key: a field of its own, or all that is left of it. */
function valueIn(document: Document, names: readonly string[]): unknown {
  const field = isBuffer(document)
    ? undefined
    : VALUE_FIELDS.find((one) => document[one] !== undefined && !names.includes(one))
  if (field !== undefined) return parsed(document[field])
  const other = [...HOUSEKEEPING, ...OWNERS, ...names]
  return Object.fromEntries(Object.entries(document).filter(([name]) => !other.includes(name)))
}

/** Keys of one document: `{ 'pre-key-1': … }`, `{ 'pre-key': { 1: … } }` or `{ preKeys: { 1: … } }`. */
function keysIn(keys: Record<string, unknown>): { name: string; value: unknown }[] {
  return Object.entries(keys).flatMap(([name, value]) => {
    const type = OLD_TYPES[name] ?? name
    const values = parsed(value)
    if (parseKeyName(name) || !parseKeyName(`${type}-x`) || !isObject(values)) return [{ name, value: parsed(value) }]
    return Object.entries(values).map(([id, one]) => ({ name: `${type}-${id}`, value: parsed(one) }))
  })
}

/** A text that is JSON as its value; `UNREADABLE` for one that has to be and is not. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{["]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return UNREADABLE
  }
}

function textIn(document: Document, fields: readonly string[]): string | undefined {
  const field = fields.find((one) => ['string', 'number'].includes(typeof document[one]))
  return field === undefined ? undefined : String(document[field])
}

/** `{ type: 'Buffer', data }`, spread over a document. */
function isBuffer(document: Document): boolean {
  return document.type === 'Buffer' && document.data !== undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
