import { TrunklineError } from '@trunkline/core/store'

/** What can be bound. `undefined` is not: engines disagree about it. */
export type Parameter = string | number | Uint8Array | null

/** A row by column name. Blobs are Uint8Array, integers are numbers, NULL is null, whatever the engine says by itself. */
export type Row = Record<string, Parameter>

/**
 * One open SQLite file. The three engines have nearly the same API and differ in what rows look like; this is the only file
 * that knows about it.
 */
export interface Engine {
  readonly kind: EngineKind
  /** Runs statements without parameters or results. */
  exec(sql: string): void
  /** Rows as the caller knows them from its own SELECT. What writes and answers rows belongs into a `transaction`. */
  all<Columns extends Row>(sql: string, ...parameters: Parameter[]): Columns[]
  get<Columns extends Row>(sql: string, ...parameters: Parameter[]): Columns | undefined
  /** Runs one statement; answers how many rows it changed. */
  run(sql: string, ...parameters: Parameter[]): number
  /** Everything that `work` does, or nothing. Inside another one it is a part of that. */
  transaction<Result>(work: () => Result): Result
  /** Safe to call twice. */
  close(): void
}

/** In order of preference: the first that this process has is taken. */
export const ENGINE_KINDS = ['node:sqlite', 'libsql', 'better-sqlite3'] as const
export type EngineKind = (typeof ENGINE_KINDS)[number]

/** What the three have in common. */
interface Database {
  prepare(sql: string): Statement
  exec(sql: string): unknown
  close(): unknown
}

interface Statement {
  all(...parameters: (Parameter | Parameter[])[]): unknown[]
  get(...parameters: (Parameter | Parameter[])[]): unknown
  run(...parameters: (Parameter | Parameter[])[]): { changes: number | bigint }
}

type DatabaseClass = new (path: string) => Database

/**
 * Opens the file with the given engine, or with the first one that there is.
 *
 * @throws STORE_UNAVAILABLE when none can be loaded
 */
export async function openEngine(path: string, kind?: EngineKind): Promise<Engine> {
  const reasons: unknown[] = []
  for (const candidate of kind ? [kind] : ENGINE_KINDS) {
    let Class: DatabaseClass
    try {
      Class = await LOADERS[candidate]()
    } catch (error) {
      reasons.push(error)
      continue
    }
    return engineOf(candidate, new Class(path))
  }
  throw new TrunklineError('STORE_UNAVAILABLE', {
    message: `No SQLite engine could be loaded: ${kind ?? ENGINE_KINDS.join(', ')}`,
    cause: reasons.at(-1),
  })
}

const LOADERS: Record<EngineKind, () => Promise<DatabaseClass>> = {
  'node:sqlite': async () => {
    // By name and not by import: bundlers cut `node:` off, and without it there is no such module.
    const builtin = process.getBuiltinModule?.('node:sqlite') as { DatabaseSync: DatabaseClass } | undefined
    if (!builtin) throw new Error('This Node.js has no node:sqlite')
    return builtin.DatabaseSync
  },
  libsql: () => importDefault('libsql'),
  'better-sqlite3': () => importDefault('better-sqlite3'),
}

async function importDefault(name: string): Promise<DatabaseClass> {
  const module: { default: DatabaseClass } = await import(name)
  return module.default
}

function engineOf(kind: EngineKind, database: Database): Engine {
  // The SQL of this package is made of constants, so this stays small.
  const statements = new Map<string, Statement>()
  let open = true
  let inTransaction = false

  const prepared = (sql: string): Statement => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  const all = <Columns extends Row>(sql: string, ...parameters: Parameter[]) =>
    prepared(sql)
      .all(...bound(kind, parameters))
      .map((row) => normalized(row as object) as Columns)

  /** Compiled once: as text it would be read anew for each transaction. */
  const control = (sql: string): void => void prepared(sql).run()

  /**
   * Every write is in one, single statements too: another program's lock then refuses the BEGIN. A statement that is refused
   * itself stays half open with libsql until it is collected as garbage, and as long as it does, nothing is ever committed:
   * what is acknowledged meanwhile is gone with the process.
   */
  const transaction = <Result>(work: () => Result): Result => {
    if (inTransaction) return work()
    control('BEGIN IMMEDIATE')
    inTransaction = true
    try {
      const result = work()
      control('COMMIT')
      return result
    } catch (error) {
      try {
        control('ROLLBACK')
      } catch {
        // SQLite has rolled back by itself, as it does when the disk is full; the first error says why.
      }
      throw error
    } finally {
      inTransaction = false
    }
  }

  return {
    kind,
    all,
    get: <Columns extends Row>(sql: string, ...parameters: Parameter[]) => {
      const row = prepared(sql).get(...bound(kind, parameters))
      return row ? (normalized(row) as Columns) : undefined
    },
    exec: (sql) => void database.exec(sql),
    run: (sql, ...parameters) => transaction(() => Number(prepared(sql).run(...bound(kind, parameters)).changes)),
    transaction,
    close() {
      if (open) database.close()
      open = false
      statements.clear()
    },
  }
}

/**
 * Parameters as the engine takes them. Callers without types reach this with anything, and the engines disagree about it:
 * node:sqlite and better-sqlite3 throw, libsql ends the process.
 *
 * @throws VALIDATION_FAILED for what cannot be bound
 */
function bound(kind: EngineKind, parameters: Parameter[]): (Parameter | Parameter[])[] {
  const index = parameters.findIndex((value) => !isParameter(value))
  if (index !== -1) {
    const errors = [{ field: `parameter ${index + 1}`, message: 'must be a text, a number, bytes or null' }]
    throw new TrunklineError('VALIDATION_FAILED', { details: { errors } })
  }
  // Bytes that stand alone would be taken for an object of named parameters, by all but node:sqlite, which takes no list.
  return kind === 'node:sqlite' || parameters.length === 0 ? parameters : [parameters]
}

function isParameter(value: unknown): value is Parameter {
  return typeof value === 'string' || typeof value === 'number' || value === null || value instanceof Uint8Array
}

/**
 * libsql hands out blobs as ArrayBuffer and adds a field of its own to a single row, better-sqlite3 hands out Buffers, rows of
 * node:sqlite have no prototype.
 */
function normalized(row: object): Row {
  const columns: Row = {}
  for (const [name, value] of Object.entries(row)) {
    if (name !== '_metadata') columns[name] = value instanceof ArrayBuffer ? new Uint8Array(value) : value
  }
  return columns
}
