// Bare Baileys, whatsmeow and Trunkline side by side against one simulator; see README.md.
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleChild } from './end-to-end/bundle.js'
import { nodeBinary } from './end-to-end/node-runtime.js'
import { parseOptions, USAGE } from './end-to-end/options.js'
import { toTable } from './end-to-end/report.js'
import { runSeries, type Series } from './end-to-end/series.js'
import { buildWhatsmeow, canBuildWhatsmeow } from './end-to-end/whatsmeow.js'

if (process.argv.includes('--help')) {
  console.log(USAGE)
  process.exit(0)
}

const options = parseOptions(process.argv.slice(2))
if (options.sides.includes('whatsmeow') && !(await canBuildWhatsmeow())) {
  console.error('SKIPPED: the side of whatsmeow, which needs Go 1.25 and a C compiler')
  options.sides = options.sides.filter((name) => name !== 'whatsmeow')
}
const whatsmeow = options.sides.includes('whatsmeow') ? await buildWhatsmeow() : undefined
const files = {
  node: await nodeBinary(options.node),
  sideChild: await bundleChild('end-to-end/side-child'),
  simulatorChild: await bundleChild('end-to-end/simulator-child'),
  ...(whatsmeow ? { whatsmeow } : {}),
}
if (options.profile) await mkdir(options.profile, { recursive: true })

const [cpu] = cpus()
const machine = { cpu: cpu?.model ?? 'unknown', cores: cpus().length, memoryBytes: totalmem(), kernel: release() }
const folder = fileURLToPath(new URL('../results', import.meta.url))
const file = join(folder, `end-to-end-node${options.node}${options.store === 'memory' ? '' : `-${options.store}`}.json`)
await mkdir(folder, { recursive: true })

const series: Series[] = []
for (const accounts of options.accounts) {
  series.push(await runSeries(accounts, options, files))
  // What is done stays, should a later series fail.
  const report = { at: new Date().toISOString(), machine, options, series }
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`)
}

const versions = new Set(series.flatMap(({ sides }) => Object.values(sides).map(({ nodeVersion }) => nodeVersion)))
console.log(
  `${new Date().toISOString().slice(0, 10)} · Node.js ${[...versions].join(', ')} · ${machine.cpu}, ${machine.cores} cores · ${options.connectsPerSecond} connects/s · store: ${options.store}\n`,
)
console.log(toTable(series))
console.log(`\nWritten to ${file}`)
