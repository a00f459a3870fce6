import { TrunklineError, toStoreError as toOtherStoreError } from '@trunkline/core/store'

/** The codes of SQLite (https://sqlite.org/rescode.html) that mean something to an operator: by number as `node:sqlite` gives them, by name as the others do. */
const MEANINGS = [
  { number: 5, name: 'SQLITE_BUSY', code: 'STORE_LOCKED' },
  { number: 6, name: 'SQLITE_LOCKED', code: 'STORE_LOCKED' },
  { number: 11, name: 'SQLITE_CORRUPT', code: 'STORE_CORRUPT' },
  { number: 13, name: 'SQLITE_FULL', code: 'STORE_FULL' },
  { number: 26, name: 'SQLITE_NOTADB', code: 'STORE_CORRUPT' },
  // What the system says about the files of media.
  { number: undefined, name: 'ENOSPC', code: 'STORE_FULL' },
  { number: undefined, name: 'EDQUOT', code: 'STORE_FULL' },
] as const

/** An engine's error as one of ours; the engine's own stays as its cause. What it does not say is told as for every store. */
export function toStoreError(error: unknown): TrunklineError {
  if (TrunklineError.is(error)) return error
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  const meaning = MEANINGS.find(({ number, name }) =>
    // Extended codes carry the primary one in their lowest byte, and in the first words of their name.
    typeof errcode === 'number' ? (errcode & 0xff) === number : typeof code === 'string' && code.startsWith(name),
  )
  return meaning ? new TrunklineError(meaning.code, { cause: error }) : toOtherStoreError(error)
}

/** What says that the path is wrong, or not for us: nothing that passes by itself. */
const UNUSABLE: ReadonlySet<unknown> = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ENAMETOOLONG', 'ELOOP'],
  // SQLite's own words for the same: it cannot write, or cannot open.
  ...['SQLITE_READONLY', 'SQLITE_CANTOPEN', 8, 14],
])

/** Why a file could not be opened, with its path and what the system, or the engine, said. */
export function atPath(cause: unknown, path: string): TrunklineError {
  const { code, errcode } = (cause ?? {}) as { code?: unknown; errcode?: unknown }
  const said = cause instanceof Error ? cause.message : String(cause)
  if (UNUSABLE.has(typeof errcode === 'number' ? errcode & 0xff : code)) {
    const error = { field: 'path', message: `${path} cannot be used: ${said}` }
    return new TrunklineError('CONFIG_INVALID', {
      message: `${error.field} ${error.message}`,
      cause,
      details: { errors: [error] },
    })
  }
  const error = toStoreError(cause)
  for (const known of NAMED) {
    if (TrunklineError.is(error, known)) {
      const reason = error.message.includes(said) ? error.message : `${error.message}: ${said}`
      return new TrunklineError(known, { message: `${path}: ${reason}`, cause })
    }
  }
  return error
}

const NAMED = ['STORE_UNAVAILABLE', 'STORE_LOCKED', 'STORE_FULL', 'STORE_CORRUPT', 'STORE_SCHEMA_NEWER'] as const
