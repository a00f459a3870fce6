import { join } from 'node:path'
import { runUntilSignal } from '@trunkline/server'
import { pino } from 'pino'
import { freePort, startDemoWorld } from './demo-world.js'
import { startPhonesPanel } from './phones-panel.js'
import { listenToPerson } from './prompt.js'
import { runScripted } from './scripted.js'

const PANEL_PORT = 5001

/** `npm run demo`: lives until Ctrl-C. With `--scripted`: plays the main job and ends. */
if (process.argv.includes('--scripted')) {
  process.exit(await runScripted(startDemoWorld, { mongoUri: process.env.MONGODB_URI }))
} else {
  const { DATA_DIR = './data', LOG_LEVEL = 'warn', MONGODB_URI } = process.env
  // A folder of its own: the accounts that `npm run dev` keeps in DATA_DIR are of real phones.
  const folder = join(DATA_DIR, 'demo')
  const options = { logLevel: LOG_LEVEL, mongoUri: MONGODB_URI }
  const world = await startDemoWorld(folder, options).catch((error: unknown) => {
    process.stderr.write(`The demo could not start: ${error instanceof Error ? error.message : String(error)}
`)
    process.exit(1)
  })
  const { server, secrets, simulator, phones } = world
  const panel = await startPhonesPanel(world, { port: await freePort(PANEL_PORT) })
  process.stdout.write(`
Open                   ${server.url}/admin
Sign in as             ${secrets.adminEmail}
Password               ${secrets.adminPassword}
Its phones             ${panel.url} (they scan, type codes and write)

The interface is at    ${server.url}/api
Simulated WhatsApp     ${simulator.url} (control: ${simulator.controlUrl})
Phones                 ana ${phones.ana.number}, ben ${phones.ben.number}, carol ${phones.carol.number}

In the page make a session, and scan its QR with one of the phones. Or without the pages:
  TOKEN=$(curl -s ${server.url}/api/auth/login -H 'content-type: application/json' \\
    -d '{"email":"${secrets.adminEmail}","password":"${secrets.adminPassword}"}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
  curl -s ${server.url}/api/sessions -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"id":"shop"}'
  (type "scan shop ana" here)
  curl -s ${server.url}/api/sessions/shop/messages -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d '{"to":"${phones.carol.number}","text":"Hello Carol"}'

Ctrl-C ends it. What it keeps is under ${folder}${MONGODB_URI ? ' and in a MongoDB database whose name ends in -demo' : ''}: the next start finds it again.
`)
  listenToPerson(world)
  const close = async () => {
    await panel.close()
    await world.close()
  }
  runUntilSignal({ ...world, close }, pino({ name: 'trunkline', level: 'warn' }))
}
