import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../src/index.js'
import { installStrictVerification, linkedClient, silenceLibsignal, TestClient } from './client.js'

describe('linking and talking', () => {
  let sim: Simulator
  const clients: TestClient[] = []

  beforeAll(async () => {
    silenceLibsignal()
    await installStrictVerification()
  })
  beforeEach(async () => {
    sim = await startSimulator({ seed: 'linking' })
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    await sim.close()
  })

  it('links an unmodified Baileys by QR and lets it log in', async () => {
    const phone = await sim.createPhone({ number: '15550000001', name: 'Ana' })
    const client = new TestClient(sim)
    clients.push(client)
    const t0 = Date.now()
    const { deviceJid } = await phone.scanQr(await client.qr())
    expect(deviceJid).toBe('15550000001:1@s.whatsapp.net')
    await client.opened()
    process.stderr.write(`open after ${Date.now() - t0}\n`)
    expect(client.auth.creds.me?.id).toBe('15550000001:1@s.whatsapp.net')
    expect(sim.unhandled).toEqual([])
    expect(sim.violations).toEqual([])
  })

  it('carries encrypted texts between two accounts and their phones', async () => {
    const ana = await sim.createPhone({ number: '15550000001', name: 'Ana' })
    const ben = await sim.createPhone({ number: '15550000002', name: 'Ben' })
    const carol = await sim.createPhone({ number: '15550000003', name: 'Carol' })
    const a = await linkedClient(sim, ana)
    clients.push(a)
    const b = await linkedClient(sim, ben)
    clients.push(b)
    const t0 = Date.now()
    const id = await a.sendText(ben.jid, 'hello B')
    const got = await b.message('hello B')
    expect(got.message.key).toMatchObject({ remoteJid: ana.jid, remoteJidAlt: ana.lid, fromMe: false, id })
    expect((await ben.waitForMessage('hello B')).from).toBe(ana.jid)
    expect((await ana.waitForMessage('hello B')).fromMe).toBe(true)
    await a.status(id, 3)
    await b.sendText(ana.jid, 'hi A')
    await a.message('hi A')
    await a.sendText(carol.jid, 'hello Carol')
    await carol.waitForMessage('hello Carol')
    const order = await carol.sendText(ana.number, 'order?')
    const received = await a.message('order?')
    await a.socket.readMessages([received.message.key])
    await expect.poll(() => carol.receipts.some((r) => r.type === 'read' && r.ids.includes(order.id))).toBe(true)
    process.stderr.write(`talk took ${Date.now() - t0}\n`)
    expect(sim.unhandled).toEqual([])
    expect(sim.violations).toEqual([])
  })
})
