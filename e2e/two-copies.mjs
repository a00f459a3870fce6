// Run in a project that has the packed tarballs: an ESM and a CJS copy of core, each with a manager, in one process.
// Prints one line of JSON; anything that goes wrong ends it with an error.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const project = process.argv[2]
const require = createRequire(join(project, 'package.json'))
const entry = (name) => pathToFileURL(join(project, 'node_modules', name, 'dist', 'index.js')).href
const esm = await import(entry('@trunkline/core'))
const cjs = require('@trunkline/core')
const { startSimulator } = await import(entry('@trunkline/simulator'))
if (esm.MultiSessionManager === cjs.MultiSessionManager) throw new Error('These are not two copies')

const simulator = await startSimulator()
const options = { webSocketUrl: simulator.url, certPublicKey: simulator.rootPublicKey }
const phones = [
  await simulator.createPhone({ number: '15550000001', name: 'Ana' }),
  await simulator.createPhone({ number: '15550000002', name: 'Ben' }),
]
const managers = [esm, cjs].map(
  ({ MultiSessionManager, createMemoryStore }) =>
    new MultiSessionManager({ store: createMemoryStore(), connectsPerSecond: 2, ...options }),
)
// Each connects twice: to show its QR, and again when that was scanned. All four take turns, half a second apart.
const startedAt = performance.now()
await Promise.all(managers.map((manager, index) => link(manager, phones[index])))
const tookTurns = performance.now() - startedAt > 1_490

const heard = managers.map(
  (manager) => new Promise((resolve) => manager.on('message', ({ message }) => resolve(message.text))),
)
await managers[0].send('s', { to: phones[1].number, text: 'from ESM' })
const second = await heard[1]
await managers[1].send('s', { to: phones[0].number, text: 'from CJS' })
const first = await heard[0]

const error = await managers[1].get('nobody').catch((caught) => caught)
let conflict
try {
  new cjs.MultiSessionManager({ store: cjs.createMemoryStore() })
} catch (caught) {
  conflict = caught.code
}
const known = { instanceOf: error instanceof esm.TrunklineError, is: esm.TrunklineError.is(error, 'SESSION_NOT_FOUND') }
await Promise.all(managers.map((manager) => manager.close()))
await simulator.close()
console.log(JSON.stringify({ first, second, known, conflict, tookTurns }))
process.exit()

async function link(manager, phone) {
  manager.on('qr', ({ qr }) => phone.scanQr(qr))
  const connected = new Promise((resolve) =>
    manager.on('connected', ({ status }) => status === 'connected' && resolve()),
  )
  await manager.create({ id: 's' })
  await connected
}
