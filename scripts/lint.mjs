// npm run lint: Biome. `npm run lint -- --write` repairs what can be repaired.
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { runNode } from './lib/run.mjs'

ensureInstalled()
const biome = 'node_modules/@biomejs/biome/bin/biome'
process.exitCode = await runNode([biome, 'check', '--error-on-warnings', ...process.argv.slice(2)])
