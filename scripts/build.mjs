// npm run build: every package to ESM, CJS and types.
import { buildPackages } from './lib/build.mjs'
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { listPackages } from './lib/packages.mjs'

ensureInstalled()
const packages = listPackages()
const built = await buildPackages(packages)
if (built) process.stdout.write(`${packages.filter((entry) => entry.built).length} packages built\n`)
process.exitCode = built ? 0 : 1
