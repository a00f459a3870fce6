// Stores side by side in one run: ours on SQLite, on MongoDB and in files, Baileys' multi-file state and other stores of npm;
// see README.md. ROWS: how many messages the larger of the two page tests has on SQLite (1,000,000).
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { bundleChild } from './end-to-end/bundle.js'
import { installPeers } from './stores/install-peers.js'
import { type SideFigures, toTable } from './stores/report.js'
import type { RunOptions } from './stores/run.js'

interface TestMongo {
  uri: string
  kind: string
  stop(): Promise<void>
}

const { startTestMongo } = (await import(new URL('../../scripts/test-mongo.mjs', import.meta.url).href)) as {
  startTestMongo(): Promise<TestMongo | undefined>
}

const rows = Number(process.env.ROWS ?? 1_000_000)
const peers = await installPeers().catch((error: unknown) => {
  console.error('The other stores are left out: they cannot be installed.', error)
  return undefined
})
const mongo = await startTestMongo()
if (!mongo)
  console.error('MongoDB is left out: MONGODB_URI names none, and there is neither a mongod nor Java with Maven.')
try {
  const options: RunOptions = {
    rows,
    ...(peers ? { peers } : {}),
    ...(mongo ? { uri: mongo.uri, kind: mongo.kind } : {}),
  }
  const sides = await measured(options)
  const folder = fileURLToPath(new URL('../results', import.meta.url))
  await mkdir(folder, { recursive: true })
  const file = `${folder}/stores-node${process.versions.node.split('.')[0]}.json`
  const at = new Date().toISOString()
  await writeFile(file, `${JSON.stringify({ at, node: process.version, rows, sides }, undefined, 2)}\n`)
  console.log(`${at.slice(0, 10)} · Node.js ${process.versions.node} · ${cpus()[0]?.model}, ${cpus().length} cores\n`)
  console.log(toTable(sides))
  console.log(`\nMedians; round trips to a server in brackets.\nWritten to ${file}`)
} finally {
  await mongo?.stop()
}

/** In a process without a TypeScript loader, which would slow everything down and cannot load the other stores. */
async function measured(options: RunOptions): Promise<SideFigures[]> {
  const child = fork(await bundleChild('stores/run'), [JSON.stringify(options)], { execArgv: [] })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The process that measures ended with ${String(code)}`)
  })
  const [sides] = await Promise.race([once(child, 'message'), failed])
  failed.catch(() => undefined)
  return sides as SideFigures[]
}
