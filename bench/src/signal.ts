// Stock Baileys' Signal repository and ours in one run, each in a child process of its own: CPU µs per operation.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

type Results = Record<string, number>

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
  return { name, stock: Math.round(before), ours: Math.round(after), ratio: Number((after / before).toFixed(3)) }
})
const folder = fileURLToPath(new URL('../results', import.meta.url))
await mkdir(folder, { recursive: true })
const file = `${folder}/signal-node${process.versions.node.split('.')[0]}.json`
const report = { at: new Date().toISOString(), node: process.version, operations: OPERATIONS, rows }
await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`)
console.table(rows)
console.log(`Written to ${file}`)
