import { setImmediate as nextTurn } from 'node:timers/promises'
import { ROWS_AT_ONCE } from './batches.js'
import type { Disk } from './disk.js'
import type { Engine } from './engine.js'

/** What a piece of work takes beside its rows, in rows. A transaction with the most pieces that fit takes some milliseconds. */
const ROWS_A_PIECE = 5

interface Piece {
  work: () => unknown
  rows: number
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

/** Work that is carried out, or what it failed with. */
type Outcome = { result: unknown } | { error: unknown }

/** Another program has locked the file: trying each piece by itself would say the same. */
class NotBegun extends Error {
  constructor(cause: unknown) {
    super('The transaction could not begin', { cause })
  }
}

/** A piece of work after it was tried. */
interface Tried extends Pick<Piece, 'resolve' | 'reject'> {
  outcome: Outcome
}

/**
 * Carries out what comes in one turn of the event loop, and while the disk is waited for, in one transaction: many accounts wait
 * once for all of them, and the process goes on meanwhile.
 */
export class GroupCommit {
  readonly #engine: Engine
  readonly #disk: Pick<Disk, 'sync'>
  #waiting: Piece[] = []
  #working: Promise<void> | undefined
  /** Why the disk cannot be relied on any more: what it has not taken once it may have forgotten. */
  #broken: { error: unknown } | undefined

  constructor(engine: Engine, disk: Pick<Disk, 'sync'>) {
    this.#engine = engine
    this.#disk = disk
  }

  /**
   * Resolves once the work is on the disk, all of it; rejects when none of it is, with what it threw, or when nobody can tell any
   * more, with what the disk failed with, as does everything after that. Work is done in the order in which it came and sees what
   * was done before; it may be done twice, the first time in vain. `rows`: about how many it touches, so that not too many are
   * touched at once.
   */
  write<Result>(work: () => Result, { rows = 1 }: { rows?: number } = {}): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ work, rows, resolve: resolve as Piece['resolve'], reject })
      this.#working ??= this.#carryOutAll()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#working
  }

  async #carryOutAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextTurn()
      const tried = this.#broken ? [] : this.#carryOut(this.#take())
      await this.#settle(tried)
    }
    this.#working = undefined
  }

  /** Tells what became of the work, once it is on the disk. */
  async #settle(tried: readonly Tried[]): Promise<void> {
    try {
      if (tried.some(({ outcome }) => 'result' in outcome)) await this.#disk.sync()
    } catch (error) {
      this.#broken = { error }
    }
    for (const { outcome, resolve, reject } of tried) {
      if ('error' in outcome) reject(outcome.error)
      else if (this.#broken) reject(this.#broken.error)
      else resolve(outcome.result)
    }
    if (this.#broken) for (const { reject } of this.#waiting.splice(0)) reject(this.#broken.error)
  }

  #take(): Piece[] {
    let [count, rows] = [0, 0]
    for (const piece of this.#waiting) {
      rows += ROWS_A_PIECE + piece.rows
      if (count > 0 && rows > ROWS_AT_ONCE) break
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  #carryOut(pieces: readonly Piece[]): Tried[] {
    try {
      const outcomes =
        this.#together(pieces) ?? this.#engine.transaction(() => pieces.map(({ work }) => this.#apart(work)))
      return pieces.map(({ resolve, reject }, place) => ({
        resolve,
        reject,
        outcome: outcomes[place] ?? { error: undefined },
      }))
    } catch (error) {
      // Nothing of it was done: what one account writes and the disk has no room for must not fail those beside it.
      if (pieces.length > 1 && !(error instanceof NotBegun)) return pieces.flatMap((piece) => this.#carryOut([piece]))
      const outcome = { error: error instanceof NotBegun ? error.cause : error }
      return pieces.map(({ resolve, reject }) => ({ resolve, reject, outcome }))
    }
  }

  /**
   * Does all of the work, as is the rule; `undefined`, and nothing done, when a piece of several has failed.
   *
   * @throws what the transaction failed with, and what the work did when it is the only one
   */
  #together(pieces: readonly Piece[]): Outcome[] | undefined {
    let state = 'not begun' as 'not begun' | 'working' | 'done'
    try {
      return this.#engine.transaction(() => {
        state = 'working'
        const outcomes = pieces.map(({ work }): Outcome => ({ result: work() }))
        state = 'done'
        return outcomes
      })
    } catch (error) {
      if (state === 'working' && pieces.length > 1) return undefined
      throw state === 'not begun' ? new NotBegun(error) : error
    }
  }

  /** Does the work, or nothing of it. Throws when SQLite has given up the transaction, as it does when the disk is full. */
  #apart(work: () => unknown): Outcome {
    this.#engine.exec('SAVEPOINT piece')
    try {
      const result = work()
      this.#engine.exec('RELEASE piece')
      return { result }
    } catch (error) {
      try {
        this.#engine.exec('ROLLBACK TO piece')
        this.#engine.exec('RELEASE piece')
      } catch {
        throw error
      }
      return { error }
    }
  }
}
