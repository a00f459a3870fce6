// npm run dev: the server from source, started again whenever a file of it changes.
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { envFile, fromSource, runNode } from './lib/run.mjs'

ensureInstalled()
const main = 'packages/server/src/cli.ts'
process.exitCode = await runNode(['--watch', ...envFile(), ...fromSource, main, ...process.argv.slice(2)])
