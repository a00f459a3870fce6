import { type AuthenticationCreds, BufferJSON } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { AuthKey } from '../../ports/auth-store.js'
import type { Account } from '../../types/session.js'
import { accountOf } from '../translate/account-of.js'
import { encodeAuthValue, isKeyPair } from './auth-codec.js'

/** What a stock Baileys program has stored of one account, as it was found. */
export interface BaileysAuth {
  /** What the account is called there: a folder, a prefix, a field. */
  name: string
  /** Values are what Baileys works with, or their JSON with Buffers as `{ type: 'Buffer', data }`. */
  creds: unknown
  keys: readonly BaileysKey[]
  /** Names of what is damaged: Baileys itself would take it for missing. */
  damaged: readonly string[]
  /** Names of what is none of Baileys'. */
  ignored: readonly string[]
}

/** One key of another program on Baileys, as that wrote it. */
export interface BaileysKey {
  /** `<type>-<id>`, such as `pre-key-1`. */
  name: string
  value: unknown
}

/** An account, converted for an auth store. */
export interface ConvertedAuth {
  creds: Uint8Array
  puts: AuthKey[]
  /** The account's JID with its device, as Baileys knows it. */
  jid: string
  account: Account
  deviceId: number
  /** Names of keys that Baileys does not make. */
  ignored: string[]
}

/** Longest first, because `sender-key-memory-…` also begins with `sender-key-`. */
export const KEY_TYPES = [
  'app-state-sync-version',
  'app-state-sync-key',
  'sender-key-memory',
  'identity-key',
  'device-list',
  'lid-mapping',
  'sender-key',
  'pre-key',
  'session',
  'tctoken',
]

/** @throws IMPORT_FAILED when the credentials are not those of a linked account */
export function convertBaileysAuth({ creds, keys, ignored }: BaileysAuth): ConvertedAuth {
  const converted = credentialsFrom(creds)
  const puts: AuthKey[] = []
  const unknown = [...ignored]
  for (const { name, value } of keys) {
    const key = parseKeyName(name)
    if (!key) unknown.push(name)
    else if (value !== null && value !== undefined)
      puts.push({ ...key, value: encodeAuthValue(normalized(key.type, revived(value))) })
  }
  const jid = converted.me?.id ?? ''
  return { creds: encodeAuthValue(converted), puts, jid, ...accountOf(converted), ignored: unknown }
}

/**
 * Names are `<type>-<id>`. Many programs write "/" in ids as "__" and ":" as "-", as Baileys does for its files (`fixFileName`).
 * Only ids of sender keys contain ":" (`<group>::<user>::<device>`), and older groups have a "-" of their own; only ids of
 * app-state keys, in base64, contain "/".
 */
export function parseKeyName(name: string): { type: string; id: string } | undefined {
  const type = KEY_TYPES.find((candidate) => name.startsWith(`${candidate}-`))
  if (!type) return undefined
  const id = name.slice(type.length + 1)
  if (id === '') return undefined
  if (type === 'app-state-sync-key') return { type, id: id.replaceAll('__', '/') }
  if (type === 'sender-key') return { type, id: id.replace(/^(.+)--(.+)--(\d+)$/, '$1::$2::$3') }
  return { type, id }
}

function credentialsFrom(stored: unknown): AuthenticationCreds {
  const creds = revived(stored) as Partial<AuthenticationCreds> | null | undefined
  const pairs = [creds?.noiseKey, creds?.signedIdentityKey, creds?.signedPreKey?.keyPair]
  if (!creds || !pairs.every(isKeyPair))
    throw new TrunklineError('IMPORT_FAILED', { message: 'There are no credentials of Baileys' })
  if (!creds.account || !creds.me?.id)
    throw new TrunklineError('IMPORT_FAILED', { message: 'The credentials are of no linked account' })
  return creds as AuthenticationCreds
}

/** Values as Baileys works with them, whether they were stored as such or as its JSON. */
function revived(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, replacer), BufferJSON.reviver)
}

/** Baileys' own takes bytes that are base64 already for text, and encodes them once more. */
function replacer(name: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown }
  return type === 'Buffer' && typeof data === 'string' ? value : BufferJSON.replacer(name, value)
}

/** Some stores spread a value over the fields of a document, which takes texts and lists apart: `{ 0: '1', 1: '5', … }`. */
function normalized(type: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const names = Object.keys(value)
  const takenApart = names.length > 0 && names.every((name, index) => name === String(index))
  if (takenApart && type === 'lid-mapping') return Object.values(value).join('')
  if (takenApart && type === 'device-list') return Object.values(value)
  return value
}
