// npm run demo: the reference server with a simulated WhatsApp, run from source, nothing but loopback.
import { ensureInstalled } from './lib/ensure-installed.mjs'
import { ensurePage } from './lib/page.mjs'
import { fromSource, loopbackOnly, runNode } from './lib/run.mjs'

ensureInstalled()
if (!process.argv.includes('--scripted') && !(await ensurePage())) process.exit(1)
const main = 'examples/server/src/demo/main.ts'
process.exitCode = await runNode([...fromSource, main, ...process.argv.slice(2)], { env: loopbackOnly() })
