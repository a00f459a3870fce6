import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ROWS_AT_ONCE } from './batches.js'
import { type Engine, openEngine } from './engine.js'
import { GroupCommit } from './group-commit.js'

describe('GroupCommit', () => {
  let folder: string
  /** What was done to the file but for the work itself: BEGIN, SAVEPOINT, COMMIT … */
  let done: string[]
  /** Statements that fail from now on, by how they begin. */
  let refused: string[]
  let engine: Engine
  let group: GroupCommit
  let sync: () => Promise<void>

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trunkline-group-'))
    const real = await openEngine(join(folder, 'group.db'))
    real.exec('CREATE TABLE words (word TEXT PRIMARY KEY)')
    done = []
    sync = async () => {}
    refused = []
    const exec = (sql: string) => {
      done.push(sql)
      if (refused.some((start) => sql.startsWith(start))) throw new Error(`refused: ${sql}`)
      real.exec(sql)
    }
    engine = {
      ...real,
      exec,
      transaction(work) {
        exec('BEGIN')
        try {
          const result = work()
          exec('COMMIT')
          return result
        } catch (error) {
          real.exec('ROLLBACK')
          throw error
        }
      },
      run: (sql, ...parameters) => real.all(`${sql} RETURNING 1`, ...parameters).length,
    }
    group = new GroupCommit(engine, { sync: () => sync() })
  })
  afterEach(() => {
    engine.close()
    rmSync(folder, { recursive: true })
  })

  const add = (word: string) => engine.run('INSERT INTO words VALUES (?)', word)
  const words = () => engine.all<{ word: string }>('SELECT word FROM words ORDER BY word').map(({ word }) => word)
  const outcomes = async (promises: Promise<unknown>[]) =>
    (await Promise.allSettled(promises)).map(({ status }) => status)

  it('waits for the disk once for all that comes in one turn, and answers each with its own result', async () => {
    const results = ['a', 'b', 'c'].map((word) => group.write(() => add(word) && words().length))
    expect(words()).toEqual([])
    expect(await Promise.all(results)).toEqual([1, 2, 3])
    expect(done.filter((sql) => sql === 'COMMIT')).toHaveLength(1)
    expect(words()).toEqual(['a', 'b', 'c'])
    await group.write(() => add('d'))
    expect(done.slice(-2)).toEqual(['BEGIN', 'COMMIT'])
  })

  it('leaves nothing of work that fails, and everything of the work beside it', async () => {
    const failing = group.write(() => {
      add('half')
      throw new Error('no')
    })
    const promises = [
      group.write(() => add('before')),
      failing,
      group.write(() => add('after')),
      group.write(() => add('after')),
    ]
    await expect(failing).rejects.toThrow('no')
    expect(await outcomes(promises)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
    expect(words()).toEqual(['after', 'before'])
  })

  it.each([
    ['COMMIT', 'the commit fails', 3],
    ['BEGIN', 'another program has locked the file', 1],
  ])('rejects all and keeps nothing while %s is refused: %s', async (start, _reason, attempts) => {
    refused = [start]
    expect(await outcomes([group.write(() => add('a')), group.write(() => add('b'))])).toEqual(['rejected', 'rejected'])
    expect([words(), done.filter((sql) => sql === 'BEGIN')]).toEqual([[], Array(attempts).fill('BEGIN')])
    refused = []
    await group.write(() => add('later'))
    expect(words()).toEqual(['later'])
  })

  it('rejects only what the disk has no room for, though SQLite gives the whole transaction up', async () => {
    const [{ pages } = { pages: 0 }] = engine.all<{ pages: number }>(
      'SELECT page_count AS pages FROM pragma_page_count',
    )
    engine.exec(`PRAGMA max_page_count = ${pages + 2}`)
    const promises = [
      group.write(() => add('a')),
      group.write(() => add('x'.repeat(100_000))),
      group.write(() => add('b')),
    ]
    expect(await outcomes(promises)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const other = await openEngine(join(folder, 'group.db'))
    expect(other.all('SELECT word FROM words ORDER BY word')).toEqual([{ word: 'a' }, { word: 'b' }])
    other.close()
  })

  it('touches no more rows at once than a batch has, and lets everything else go on in between', async () => {
    const order: string[] = []
    const write = (word: string, rows: number) => group.write(() => add(word), { rows }).then(() => order.push(word))
    const all = [write('a', 1), write('b', ROWS_AT_ONCE), write('c', 10 * ROWS_AT_ONCE), write('d', 1), write('e', 1)]
    setImmediate(() => order.push('others'))
    await Promise.all(all)
    expect(order).toEqual(['a', 'others', 'b', 'c', 'd', 'e'])
    expect(done.filter((sql) => sql === 'COMMIT')).toHaveLength(4)
  })

  it('waits for the disk without holding up anybody, and does together what comes meanwhile', async () => {
    const [asked, taken] = [deferred(), deferred()]
    sync = () => {
      asked.resolve()
      return taken.promise
    }
    const told: string[] = []
    const write = (word: string) => group.write(() => add(word)).then(() => told.push(word))
    const first = write('a')
    await asked.promise
    const later = [write('b'), write('c')]
    expect([words(), told]).toEqual([['a'], []])
    sync = async () => {}
    taken.resolve()
    await Promise.all([first, ...later])
    expect(told).toEqual(['a', 'b', 'c'])
    expect(done.filter((sql) => sql === 'COMMIT')).toHaveLength(2)
  })

  it('believes a disk no more that has failed once: what it was told may be gone', async () => {
    sync = async () => {
      throw new Error('disk failed')
    }
    const all = [group.write(() => add('a')), group.write(() => add('b'), { rows: 2 * ROWS_AT_ONCE })]
    expect(await outcomes(all)).toEqual(['rejected', 'rejected'])
    sync = async () => {}
    await expect(group.write(() => add('c'))).rejects.toThrow('disk failed')
    expect(words()).toEqual(['a'])
  })

  it('tells when nothing waits any more', async () => {
    const all = [group.write(() => add('a')), group.write(() => add('b'), { rows: 2 * ROWS_AT_ONCE })]
    await group.idle()
    expect(words()).toEqual(['a', 'b'])
    expect(await outcomes(all)).toEqual(['fulfilled', 'fulfilled'])
    await group.idle()
  })
})

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
