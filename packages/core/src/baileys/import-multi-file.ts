import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AuthenticationCreds, BufferJSON } from '@whiskeysockets/baileys'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { AuthKey, AuthStore } from '../ports/auth-store.js'
import { encodeAuthValue } from './auth-codec.js'

export interface ImportMultiFileOptions {
  /** A folder that Baileys' `useMultiFileAuthState` made. It is only read. */
  folder: string
  auth: AuthStore
  sessionId: string
  /** The epoch of the session's lease. */
  epoch: number
}

export interface ImportedAuth {
  /** The account's JID with its device, as Baileys knows it. */
  jid: string
  keys: number
  /** Files that are damaged, which Baileys itself would have taken for missing: that folder is not written atomically. */
  damaged: string[]
  /** Files that are none of Baileys'. */
  ignored: string[]
}

/** Longest first, because `sender-key-memory-…` also begins with `sender-key-`. */
const TYPES = [
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

/**
 * Takes a linked account over from Baileys' multi-file state, without a new QR: everything in one batch. The other program must
 * not run any more, or the two keep replacing each other.
 *
 * @throws IMPORT_FAILED when there are no credentials of a linked account · SESSION_ALREADY_LINKED · LEASE_LOST
 */
export async function importMultiFileAuth({
  folder,
  auth,
  sessionId,
  epoch,
}: ImportMultiFileOptions): Promise<ImportedAuth> {
  if (await auth.readCreds(sessionId)) throw new TrunklineError('SESSION_ALREADY_LINKED', { details: { sessionId } })
  const creds = await readCreds(folder)
  const imported: ImportedAuth = { jid: creds.me?.id ?? '', keys: 0, damaged: [], ignored: [] }
  const puts: AuthKey[] = []
  for (const name of (await listFolder(folder)).sort()) {
    if (name === 'creds.json') continue
    const key = keyOf(name)
    if (!key) {
      imported.ignored.push(name)
      continue
    }
    const value = await readValue(join(folder, name))
    if (value === undefined) imported.damaged.push(name)
    else if (value !== null) puts.push({ ...key, value: encodeAuthValue(value) })
  }
  await auth.commit(sessionId, { creds: encodeAuthValue(creds), puts }, { epoch })
  return { ...imported, keys: puts.length }
}

/**
 * Baileys names files `<type>-<id>.json`, with "/" in ids written "__" and ":" written "-" (`fixFileName` in
 * use-multi-file-auth-state). Only ids of sender keys contain ":" (`<group>::<user>::<device>`), and older groups have a "-" of
 * their own; only ids of app-state keys, in base64, contain "/".
 */
function keyOf(fileName: string): { type: string; id: string } | undefined {
  const type = TYPES.find((candidate) => fileName.startsWith(`${candidate}-`))
  if (!type || !fileName.endsWith('.json')) return undefined
  const name = fileName.slice(type.length + 1, -'.json'.length)
  if (type === 'app-state-sync-key') return { type, id: name.replaceAll('__', '/') }
  if (type === 'sender-key') return { type, id: name.replace(/^(.+)--(.+)--(\d+)$/, '$1::$2::$3') }
  return { type, id: name }
}

async function readCreds(folder: string): Promise<AuthenticationCreds> {
  const creds = (await readValue(join(folder, 'creds.json'))) as Partial<AuthenticationCreds> | null | undefined
  if (!creds) throw failed('creds.json is missing or damaged')
  if (!creds.noiseKey || !creds.signedIdentityKey || !creds.signedPreKey || !creds.account || !creds.me?.id) {
    throw failed('creds.json holds no linked account')
  }
  return creds as AuthenticationCreds
}

async function listFolder(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause: unknown) => {
    throw failed('The folder cannot be read', cause)
  })
}

/** `undefined` when the file is missing or is no JSON; every other failure rejects. */
async function readValue(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'), BufferJSON.reviver)
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw failed('A file cannot be read', error)
  }
}

function failed(message: string, cause?: unknown): TrunklineError {
  return new TrunklineError('IMPORT_FAILED', { message, cause })
}
