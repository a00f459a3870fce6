import { TrunklineError } from '@trunkline/core'

/** The codes of SQLite (https://sqlite.org/rescode.html) that mean something to an operator: by number as `node:sqlite` gives them, by name as the others do. */
const MEANINGS = [
  { number: 5, name: 'SQLITE_BUSY', code: 'STORE_LOCKED' },
  { number: 6, name: 'SQLITE_LOCKED', code: 'STORE_LOCKED' },
  { number: 11, name: 'SQLITE_CORRUPT', code: 'STORE_CORRUPT' },
  { number: 13, name: 'SQLITE_FULL', code: 'STORE_FULL' },
  { number: 26, name: 'SQLITE_NOTADB', code: 'STORE_CORRUPT' },
] as const

/** An engine's error as one of ours; the engine's own stays as its cause. Anything unknown is STORE_UNAVAILABLE. */
export function toStoreError(error: unknown): TrunklineError {
  if (TrunklineError.is(error)) return error
  // A record that is no JSON was not written by us like this.
  if (error instanceof SyntaxError) return new TrunklineError('STORE_CORRUPT', { cause: error })
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  const meaning = MEANINGS.find(({ number, name }) =>
    // Extended codes carry the primary one in their lowest byte, and in the first words of their name.
    typeof errcode === 'number' ? (errcode & 0xff) === number : typeof code === 'string' && code.startsWith(name),
  )
  return new TrunklineError(meaning?.code ?? 'STORE_UNAVAILABLE', { cause: error })
}
