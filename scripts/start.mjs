// npm start: the built server. What is missing or older than its source is built first.
import { buildPackages } from './lib/build.mjs'
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { isStale, listPackages, withDependencies } from './lib/packages.mjs'
import { envFile, runNode } from './lib/run.mjs'

ensureInstalled()
const needed = withDependencies(listPackages(), '@trunkline/server')
if (needed.some(isStale) && !(await buildPackages(needed))) process.exit(1)
process.exitCode = await runNode([...envFile(), 'packages/server/bin/trunkline.js', ...process.argv.slice(2)])
