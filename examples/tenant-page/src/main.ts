import { startSimulator } from '@trunkline/simulator'
import { buildPage } from './build-page.js'
import { startTenantHost } from './tenant-host.js'

// With a simulated WhatsApp, so that it can be tried without a phone; without `whatsapp` it is the real one.
const simulator = await startSimulator()
const ana = await simulator.createPhone({ number: '15550000001', name: 'Ana' })
const carol = await simulator.createPhone({ number: '15550000002', name: 'Carol' })
const host = await startTenantHost({
  whatsapp: { webSocketUrl: simulator.url, certPublicKey: simulator.rootPublicKey },
  pageFolder: await buildPage(),
  port: Number(process.env.PORT ?? 5000),
})

// The phone of the shop scans what the page shows, a while after it is shown.
host.manager.on('qr', ({ qr }) => void setTimeout(() => void ana.scanQr(qr), 5_000).unref())
host.manager.on('connected', ({ status }) => {
  if (status === 'connected') void carol.sendText(ana.number, 'Hello, do you have tulips today?')
})
process.stdout.write(`
Open ${host.url} and press "Link your WhatsApp": the phone of the shop scans the code after five seconds, then a customer writes.
Ctrl-C ends it.
`)
process.once('SIGINT', async () => {
  await host.close()
  await simulator.close()
  process.exit()
})
