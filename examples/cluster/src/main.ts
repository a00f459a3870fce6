import { runUntilSignal } from '@trunkline/server'
import { pino } from 'pino'
import { ADMIN, DemoCluster } from './demo-cluster.js'
import { runScripted } from './scripted.js'

/** `npm run demo -- --cluster`: lives until Ctrl-C. With `--scripted`: plays what happens to several nodes, and ends. With
 * `--ipc`: without NATS, as where there is none. */
const { MONGODB_URI } = process.env
const options = { ipc: process.argv.includes('--ipc') }
if (process.argv.includes('--scripted')) process.exit(await runScripted(MONGODB_URI, options))

const cluster = await DemoCluster.start(MONGODB_URI, options).catch((error: unknown) => {
  process.stderr.write(`The demo could not start: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
const nodes = await Promise.all(['one', 'two', 'three'].map((name) => cluster.join(name)))
const phone = await cluster.simulator.createPhone({ number: '15550000001', name: 'Ana' })
at0().client.events.on('qr', ({ qr }) => void phone.scanQr(qr).catch(() => undefined))
if (cluster.joint.kind === 'ipc')
  process.stdout.write(`The servers talk over this process instead of NATS, ${cluster.joint.why}.\n`)
process.stdout.write(`
${nodes.map(({ name, url, pid }) => `${name.padEnd(8)} ${url}/admin   kill -9 ${pid} or kill ${pid}`).join('\n')}

Sign in to any of them as ${ADMIN.email} with ${ADMIN.password}. Make a session: a simulated phone scans its QR.
End one of the servers by its line and watch the others take what it had. Ctrl-C ends all, and nothing is kept.
`)
runUntilSignal(cluster, pino({ name: 'trunkline', level: 'warn' }))

function at0() {
  const [first] = nodes
  if (!first) throw new Error('There is no server')
  return first
}
