// npm run seed: makes sure of the admin that the environment names.
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { envFile, fromSource, runNode } from './lib/run.mjs'

ensureInstalled()
process.exitCode = await runNode([...envFile(), ...fromSource, 'packages/server/src/cli.ts', 'seed'])
