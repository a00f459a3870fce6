import { ROWS_AT_ONCE } from './batches.js'
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

/**
 * Carries out what comes in one turn of the event loop in one transaction. A commit waits for the disk, and the whole process
 * with it, every account: many accounts wait once for all of them.
 */
export class GroupCommit {
  readonly #engine: Engine
  #waiting: Piece[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /**
   * Resolves once the work is on the disk, all of it; rejects when none of it is, with what it threw. Work is done in the order
   * in which it came and sees what was done before; it may be done twice, the first time in vain. `rows`: about how many it
   * touches, so that not too many are touched at once.
   */
  write<Result>(work: () => Result, { rows = 1 }: { rows?: number } = {}): Promise<Result> {
    if (this.#waiting.length === 0) setImmediate(() => this.#next())
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ work, rows, resolve: resolve as Piece['resolve'], reject })
    })
  }

  /** Carries out all that waits. */
  flush(): void {
    while (this.#waiting.length > 0) this.#carryOut(this.#take())
  }

  #next(): void {
    // It may have been flushed meanwhile, and the file be closed.
    if (this.#waiting.length === 0) return
    const pieces = this.#take()
    if (this.#waiting.length > 0) setImmediate(() => this.#next())
    this.#carryOut(pieces)
  }

  #take(): Piece[] {
    let [count, rows] = [0, 0]
    for (const piece of this.#waiting) {
      rows += ROWS_A_PIECE + piece.rows
      if (count > 0 && rows > ROWS_AT_ONCE) break
      count += 1
    }
    const taken = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    return taken
  }

  #carryOut(pieces: readonly Piece[]): void {
    let outcomes: Outcome[] | undefined
    try {
      outcomes = this.#together(pieces) ?? this.#engine.transaction(() => pieces.map(({ work }) => this.#apart(work)))
    } catch (error) {
      // Nothing of it was done: what one account writes and the disk has no room for must not fail those beside it.
      if (pieces.length > 1 && !(error instanceof NotBegun)) for (const piece of pieces) this.#carryOut([piece])
      else for (const { reject } of pieces) reject(error instanceof NotBegun ? error.cause : error)
      return
    }
    for (const [place, { resolve, reject }] of pieces.entries()) {
      const outcome = outcomes[place]
      if (outcome && 'result' in outcome) resolve(outcome.result)
      else reject(outcome?.error)
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
