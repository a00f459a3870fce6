// Stores side by side in one run: ours on SQLite, on MongoDB and in files, and Baileys' multi-file state.
// ROWS: how many messages the larger of the two page tests has on SQLite (1,000,000; MongoDB in memory gets a tenth of it).
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { openFiles, openMongo, openMultiFile, openSqlite, type Subject } from './stores/subjects.js'
import { type Figures, measure } from './stores/workload.js'

const ROWS = Number(process.env.ROWS ?? 1_000_000)
const { TEST_MONGODB_URI: uri, TEST_MONGODB_KIND: kind = 'external' } = process.env

const sides: { name: string; durable: boolean; figures: Figures }[] = []
async function run(opening: Promise<Subject>, rows: number): Promise<void> {
  const subject = await opening
  try {
    sides.push({ name: subject.name, durable: subject.durable, figures: await measure(subject, { rows }) })
  } finally {
    await subject.close()
  }
}

await run(openMultiFile(), ROWS)
await run(openFiles(), ROWS)
await run(openSqlite({ sealed: true }), ROWS)
await run(openSqlite(), ROWS)
if (uri) await run(openMongo(uri, kind), kind === 'java-server' ? ROWS / 10 : ROWS)
else console.log('MongoDB is left out: TEST_MONGODB_URI names no server')

for (const { name, durable, figures } of sides) {
  console.log(`\n${name}${durable ? '' : ' – not durable: not to be compared with those that are'}`)
  console.table(
    Object.fromEntries(
      Object.entries(figures).map(([operation, { ms, roundTrips }]) => {
        const unit = operation.startsWith('bytes') ? { bytes: Math.round(ms) } : { ms: Number(ms.toFixed(3)) }
        return [
          operation,
          { ...unit, ...(roundTrips === undefined ? {} : { 'round trips': Number(roundTrips.toFixed(1)) }) },
        ]
      }),
    ),
  )
}
const folder = fileURLToPath(new URL('../results', import.meta.url))
await mkdir(folder, { recursive: true })
const file = `${folder}/stores-node${process.versions.node.split('.')[0]}.json`
await writeFile(
  file,
  `${JSON.stringify({ at: new Date().toISOString(), node: process.version, rows: ROWS, sides }, undefined, 2)}\n`,
)
console.log(`\nWritten to ${file}`)
