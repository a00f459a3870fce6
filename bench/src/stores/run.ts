// The process that measures: all stores, one after the other.
import { openKeyv, openMongoBaileys } from './peers.js'
import type { SideFigures } from './report.js'
import { openFiles, openMongo, openMultiFile, openSqlite, type Subject } from './subjects.js'
import { measure } from './workload.js'

export interface RunOptions {
  /** Messages in the larger of the two page tests. */
  rows: number
  /** Where the stores of others are installed. */
  peers?: string
  uri?: string
  /** What server that is. */
  kind?: string
}

/** A server that keeps everything in memory, and sorts without an index, says nothing about more: the page tests end there. */
const IN_MEMORY_ROWS = 10_000

process.on('disconnect', () => process.exit(1))
const { rows, peers, uri, kind = 'external' } = JSON.parse(process.argv[2] ?? '{}') as RunOptions
const sides: SideFigures[] = []

await run(() => openMultiFile())
if (peers) await run(() => openKeyv(peers))
await run(() => openFiles())
await run(() => openSqlite({ sealed: true }))
await run(() => openSqlite())
if (uri && peers) await run(() => openMongoBaileys(peers, { uri, kind }))
if (uri) await run(() => openMongo(uri, kind), kind === 'java-server' ? Math.min(rows, IN_MEMORY_ROWS) : rows)
process.send?.(sides, undefined, undefined, () => process.exit(0))

async function run(open: () => Promise<Subject>, mostRows = rows): Promise<void> {
  const subject = await open()
  console.error(subject.name)
  try {
    sides.push({ name: subject.name, durable: subject.durable, figures: await measure(subject, { rows: mostRows }) })
  } catch (cause) {
    throw new Error(`${subject.name} failed`, { cause })
  } finally {
    await subject.close()
  }
}
