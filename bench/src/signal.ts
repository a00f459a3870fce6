// Stock Baileys' Signal repository and ours in one run, each in a child process of its own: CPU µs per operation.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Of one kind of operation. */
export interface Figure {
  median: number
  mean: number
}

type Results = Record<string, Figure>

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
  const limit = Object.entries(LIMITS).find(([start]) => name.startsWith(start))?.[1]
  return {
    name,
    ...compare('median', stock[name], ours[name]),
    ...compare('mean', stock[name], ours[name]),
    ...(limit === undefined ? {} : { limit }),
  }
})

/** Both sides in one figure, and ours as a share of stock's. */
function compare<Which extends keyof Figure>(which: Which, before?: Figure, after?: Figure) {
  const [left, right] = [before?.[which] ?? Number.NaN, after?.[which] ?? Number.NaN]
  const compared = { stock: Math.round(left), ours: Math.round(right), ratio: Number((right / left).toFixed(3)) }
  return { [which]: compared } as Record<Which, typeof compared>
}

const folder = fileURLToPath(new URL('../results', import.meta.url))
await mkdir(folder, { recursive: true })
const file = `${folder}/signal-node${process.versions.node.split('.')[0]}.json`
const report = { at: new Date().toISOString(), node: process.version, operations: OPERATIONS, rows }
await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`)
const { at, node } = report
console.log(
  `${at.slice(0, 10)} · Node.js ${node.slice(1)} · ${cpus()[0]?.model}, ${cpus().length} cores · CPU µs each\n`,
)
console.log('| | median: stock → ours | ratio | mean: stock → ours | ratio | median at most |')
console.log('| --- | --: | --: | --: | --: | --: |')
for (const { name, median, mean, limit } of rows) {
  const cells = [median, mean].map(({ stock: before, ours: after, ratio }) => `${before} → ${after} | ${ratio}`)
  const verdict = limit === undefined ? '' : `${limit}, ${median.ratio <= limit ? 'met' : 'not met'}`
  console.log(`| ${name} | ${cells.join(' | ')} | ${verdict} |`)
}
console.log(`\nWritten to ${file}`)
