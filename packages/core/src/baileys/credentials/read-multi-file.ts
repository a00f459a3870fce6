import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { BufferJSON } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import { type BaileysAuth, type BaileysKey, parseKeyName } from './baileys-auth.js'

/** How many files are read at once. */
const AT_ONCE = 64

/**
 * Reads what Baileys' `useMultiFileAuthState` wrote: a folder of one account, or a folder with such folders in it. Nothing is
 * changed.
 *
 * @throws IMPORT_FAILED when there is no account
 */
export async function readMultiFileAuth(folder: string): Promise<BaileysAuth[]> {
  const entries = await listFolder(folder)
  if (entries.some(({ name }) => name === CREDS)) return [await readAccount(folder, entries)]
  const accounts: BaileysAuth[] = []
  for (const entry of entries) {
    if (!entry.isDirectory()) continue
    const inside = join(folder, entry.name)
    const files = await listFolder(inside)
    if (files.some(({ name }) => name === CREDS)) accounts.push(await readAccount(inside, files))
  }
  if (accounts.length === 0) throw failed(`There is no ${CREDS} in the folder, nor in a folder in it`)
  return accounts
}

const CREDS = 'creds.json'

async function readAccount(folder: string, entries: Awaited<ReturnType<typeof listFolder>>): Promise<BaileysAuth> {
  const creds = await readValue(join(folder, CREDS))
  if (creds === undefined) throw failed(`${basename(resolve(folder))}: ${CREDS} is damaged`)
  const keys: BaileysKey[] = []
  const damaged: string[] = []
  const ignored: string[] = []
  const files = entries.map(({ name }) => name).filter((name) => name !== CREDS)
  for (let start = 0; start < files.length; start += AT_ONCE) {
    const read = files.slice(start, start + AT_ONCE).map(async (file) => {
      const name = file.endsWith('.json') ? file.slice(0, -'.json'.length) : ''
      if (!parseKeyName(name)) return void ignored.push(file)
      const value = await readValue(join(folder, file))
      if (value === undefined) damaged.push(file)
      else keys.push({ name, value })
    })
    await Promise.all(read)
  }
  return { name: basename(resolve(folder)), creds, keys, damaged: damaged.sort(), ignored: ignored.sort() }
}

async function listFolder(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw failed('The folder cannot be read', cause)
  })
  return entries.sort((left, right) => (left.name < right.name ? -1 : 1))
}

/** `undefined` when the file is no JSON or gone, as Baileys takes it; every other failure rejects. */
async function readValue(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'), BufferJSON.reviver)
  } catch (error) {
    // Without the parser's words: it quotes what it could not read, and that is a secret.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw failed('A file cannot be read', error)
  }
}

function failed(message: string, cause?: unknown): TrunklineError {
  return new TrunklineError('IMPORT_FAILED', { message, cause })
}
