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
