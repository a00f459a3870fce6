// npm run demo: the reference server with a simulated WhatsApp, run from source, nothing but loopback. With --cluster three servers on
// one MongoDB, joined by NATS.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstalled, root } from './lib/ensure-installed.mjs'
import { ensurePage } from './lib/page.mjs'
import { fromSource, loopbackOnly, runNode } from './lib/run.mjs'
import { startTestMongo } from './test-mongo.mjs'

ensureInstalled()
const isCluster = process.argv.includes('--cluster')
if (!process.argv.includes('--scripted') && !(await ensurePage())) process.exit(1)
if (isCluster) spawnSync(process.execPath, [join(root, 'scripts', 'nats.mjs')], { stdio: 'inherit' })
const mongo = isCluster ? await startTestMongo() : undefined
const main = isCluster ? 'examples/cluster/src/main.ts' : 'examples/server/src/demo/main.ts'
const env = { ...loopbackOnly(), ...(mongo ? { MONGODB_URI: mongo.uri } : {}) }
process.exitCode = await runNode([...fromSource, main, ...process.argv.slice(2)], { env })
await mongo?.stop()
