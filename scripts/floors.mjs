// The floors of docs/architecture.md: who may import whom. A check that looked at nothing has not passed.
import { cruiseFloors } from './lib/cruise.mjs'
import { ensureInstalled, root } from './lib/ensure-installed.mjs'

const fewestModules = 40

ensureInstalled()
const { modules, dependencies, violations } = cruiseFloors(root)
for (const { rule, from, to } of violations) process.stdout.write(`${rule}: ${from} -> ${to}\n`)
process.stdout.write(`${modules} modules, ${dependencies} dependencies cruised, ${violations.length} violations\n`)
if (modules < fewestModules) process.stdout.write(`expected to look at ${fewestModules} modules at least\n`)
process.exitCode = violations.length > 0 || modules < fewestModules ? 1 : 0
