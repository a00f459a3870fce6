// Stock Baileys' Signal repository and ours in one run, each in a child process of its own: CPU µs per operation.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

type Results = Record<string, number>

/** What is demanded of ours, as a share of stock's, by the beginning of a row's name. */
const LIMITS: Record<string, number> = {
  '1:1 decrypt': 0.2,
  'group encrypt': 0.05,
  'group decrypt': 0.03,
  '812 pre-keys': 0.3,
}

const OPERATIONS = Number(process.env.OPERATIONS ?? 1_000)

async function runSide(side: 'stock' | 'ours'): Promise<Results> {
  const child = fork(fileURLToPath(new URL('./signal-child.ts', import.meta.url)), [side, String(OPERATIONS)])
  const [results] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${side} ended with ${String(code)}`))),
  ])
  return results as Results
}

// One after the other: on few cores, two at once would measure each other's cache misses.
const stock = await runSide('stock')
const ours = await runSide('ours')
const rows = Object.keys(stock).map((name) => {
  const [before, after] = [stock[name] ?? Number.NaN, ours[name] ?? Number.NaN]
  const limit = Object.entries(LIMITS).find(([start]) => name.startsWith(start))?.[1]
  return {
    name,
    stock: Math.round(before),
    ours: Math.round(after),
    ratio: Number((after / before).toFixed(3)),
    ...(limit === undefined ? {} : { limit }),
  }
})
const folder = fileURLToPath(new URL('../results', import.meta.url))
await mkdir(folder, { recursive: true })
const file = `${folder}/signal-node${process.versions.node.split('.')[0]}.json`
const report = { at: new Date().toISOString(), node: process.version, operations: OPERATIONS, rows }
await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`)
const { at, node } = report
console.log(
  `${at.slice(0, 10)} · Node.js ${node.slice(1)} · ${cpus()[0]?.model}, ${cpus().length} cores · CPU µs each\n`,
)
console.log('| | stock | ours | ratio | at most |\n| --- | --: | --: | --: | --: |')
for (const row of rows) {
  console.log(`| ${row.name} | ${row.stock} | ${row.ours} | ${row.ratio} | ${row.limit ?? ''} |`)
}
console.log(`\nWritten to ${file}`)
