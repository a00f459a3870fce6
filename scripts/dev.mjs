// npm run dev: the server from source, started again whenever a file of it changes.
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { ensurePage } from './lib/page.mjs'
import { envFile, fromSource, runNode } from './lib/run.mjs'

ensureInstalled()
if (!(await ensurePage())) process.exit(1)
const main = 'packages/server/src/cli.ts'
process.exitCode = await runNode(['--watch', ...envFile(), ...fromSource, main, ...process.argv.slice(2)])
