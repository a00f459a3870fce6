/** One after the other, over all pages of the origin where the browser can: where it cannot, over this one. */
export type Exclusively = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Longer than a swap takes: a page that is closed in the middle of one keeps the others waiting for as long. */
const HELD_MS = 40_000
/** How often a page that waits looks again. */
const LOOK_MS = 50

const STORE = 'locks'

/**
 * Web Locks, which browsers have on https and on localhost. On plain http, as in a local network, a row of IndexedDB takes their
 * place: writing transactions of one store never overlap, whichever page they are of.
 */
export function lockedByName(name: string): Exclusively {
  const { navigator, indexedDB } = globalThis as Partial<Browser>
  const locks = navigator?.locks
  if (locks) return (work) => locks.request(name, work)
  if (!indexedDB) return (work) => work()
  const rows = new LockRows(indexedDB, name)
  return async (work) => {
    const release = await rows.take()
    try {
      return await work()
    } finally {
      await release()
    }
  }
}

/** What is used of a browser. */
interface Browser {
  navigator: { locks?: { request<Result>(name: string, work: () => Promise<Result>): Promise<Result> } }
  indexedDB: { open(name: string, version: number): Request<Database> & { onupgradeneeded: (() => void) | null } }
}

interface Request<Result> {
  result: Result
  onsuccess: (() => void) | null
  onerror: (() => void) | null
}

interface Database {
  createObjectStore(name: string): unknown
  transaction(store: string, mode: 'readwrite'): { objectStore(name: string): Rows }
  close(): void
}

interface Rows {
  get(key: string): Request<Row | undefined>
  put(row: Row, key: string): Request<unknown>
  delete(key: string): Request<unknown>
}

interface Row {
  holder: string
  untilMs: number
}

class LockRows {
  readonly #indexedDB: Browser['indexedDB']
  readonly #name: string
  #taken = 0
  // No UUID: on plain http there is none.
  readonly #page = `${Date.now()}-${Math.random()}`

  constructor(indexedDB: Browser['indexedDB'], name: string) {
    this.#indexedDB = indexedDB
    this.#name = name
  }

  /** Resolves when it is this page's turn. Where the browser refuses the database, in some private windows, it always is. */
  async take(): Promise<() => Promise<void>> {
    const database = await this.#open().catch(() => undefined)
    if (!database) return async () => {}
    this.#taken += 1
    const holder = `${this.#page}-${this.#taken}`
    while (!(await this.#claim(database, holder))) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    return async () => {
      await this.#release(database, holder)
      database.close()
    }
  }

  async #claim(database: Database, holder: string): Promise<boolean> {
    const rows = this.#rows(database)
    const row = await resultOf(rows.get(this.#name))
    if (row && row.untilMs > Date.now()) return false
    await resultOf(rows.put({ holder, untilMs: Date.now() + HELD_MS }, this.#name))
    return true
  }

  async #release(database: Database, holder: string): Promise<void> {
    const rows = this.#rows(database)
    const row = await resultOf(rows.get(this.#name))
    if (row?.holder === holder) await resultOf(rows.delete(this.#name))
  }

  #rows(database: Database): Rows {
    return database.transaction(STORE, 'readwrite').objectStore(STORE)
  }

  async #open(): Promise<Database> {
    const opening = this.#indexedDB.open('trunkline', 1)
    opening.onupgradeneeded = () => void opening.result.createObjectStore(STORE)
    return await resultOf(opening)
  }
}

function resultOf<Result>(request: Request<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(new Error('The database of the browser failed'))
  })
}
