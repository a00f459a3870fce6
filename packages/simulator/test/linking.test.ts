import { describe, expect, it } from 'vitest'
import { TestClient } from './client.js'
import { ANA, BEN, eventually, Simulation } from './simulation.js'

describe('linking by QR', () => {
  const simulation = new Simulation('linking')

  it('links an unmodified Baileys, which is told to restart and logs in', async () => {
    const phone = await simulation.phone(ANA, 'Ana')
    const client = simulation.client()

    const { deviceJid } = await phone.scanQr(await client.qr())
    await client.opened()

    expect(deviceJid).toBe(`${ANA}:1@s.whatsapp.net`)
    expect(client.auth.creds.me).toMatchObject({ id: deviceJid, name: 'Ana' })
    expect(client.auth.creds.account?.accountSignatureKey).toBeDefined()
    expect(phone.devices).toMatchObject([{ id: 1, jid: deviceJid, connected: true }])
    expect(simulation.sim.connections).toMatchObject([{ number: ANA, device: 1, state: 'live' }])
  })

  it('shows a client that is not linked as such', async () => {
    const client = simulation.client()
    await client.qr()
    expect(simulation.sim.connections).toMatchObject([{ state: 'unlinked', available: false }])
  })

  it('logs in again with the same credentials', async () => {
    const { client } = await simulation.account(ANA)
    client.reconnect()
    await client.opened()
  })

  it('gives every companion of an account a number of its own', async () => {
    const phone = await simulation.phone(ANA)
    await simulation.companion(phone)
    await simulation.companion(phone)
    expect(phone.devices.map(({ id }) => id)).toEqual([1, 2])
  })

  it('refuses a text that is no QR, one that nobody shows, and one whose client is gone', async () => {
    const phone = await simulation.phone(ANA)
    const client = simulation.client()
    const qr = await client.qr()

    await expect(phone.scanQr('hello')).rejects.toMatchObject({ code: 'QR_INVALID', field: 'qr' })
    const foreign = qr.replace(/2@[^,]+/, '2@somethingelse')
    await expect(phone.scanQr(foreign)).rejects.toMatchObject({ code: 'QR_UNKNOWN' })
    const otherKeys = qr.split(',').with(1, Buffer.alloc(32, 1).toString('base64')).join(',')
    await expect(phone.scanQr(otherKeys)).rejects.toMatchObject({ code: 'QR_INVALID' })

    client.close()
    await eventually(() => simulation.sim.connections).toEqual([])
    await expect(phone.scanQr(qr)).rejects.toMatchObject({ code: 'QR_EXPIRED' })
  })

  it('ends the linking of a client that does not know the secret in its own QR', async () => {
    const phone = await simulation.phone(ANA)
    const client = simulation.client()
    const otherSecret = (await client.qr()).split(',').with(3, Buffer.alloc(32, 1).toString('base64')).join(',')

    const scan = phone.scanQr(otherSecret)
    await expect(scan).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
    expect(await client.closed()).toMatchObject({ code: 500, error: { message: 'Invalid account signature' } })
    expect(phone.devices).toEqual([])
  })

  it('lets only one client be linked by a QR', async () => {
    const phone = await simulation.phone(ANA)
    const client = simulation.client()
    const qr = await client.qr()
    await phone.scanQr(qr)
    await expect(phone.scanQr(qr)).rejects.toMatchObject({ code: 'QR_EXPIRED' })
  })

  it('logs a companion out when its phone unlinks it', async () => {
    const { phone, client } = await simulation.account(ANA)
    await phone.unlink(1)
    expect(await client.closed()).toMatchObject({ code: 401 })
    expect(phone.devices).toEqual([])

    client.reconnect()
    expect(await client.closed()).toMatchObject({ code: 401 })
    await expect(phone.unlink(1)).rejects.toMatchObject({ code: 'DEVICE_NOT_FOUND' })
  })

  it('forgets a companion that logs out', async () => {
    const { phone, client } = await simulation.account(ANA)
    await client.socket.logout()
    await eventually(() => phone.devices).toEqual([])
  })

  it('tells the older connection when the same device connects a second time', async () => {
    const { client } = await simulation.account(ANA)
    const second = simulation.own(new TestClient(simulation.sim, client.auth))
    expect(await client.closed()).toMatchObject({ code: 440 })
    await second.opened()
  })

  it('tells contacts and own companions of a device that comes or goes', async () => {
    const { phone, client } = await simulation.account(ANA)
    const ben = await simulation.account(BEN)
    await ben.client.sendText(phone.jid, 'so that they know each other')
    await client.message('so that they know each other')
    const seen: string[] = []
    for (const [name, { socket }] of [['ana', client] as const, ['ben', ben.client] as const]) {
      socket.ws.on('CB:notification,type:devices', (node: { content: { tag: string }[] }) => {
        seen.push(`${name} ${node.content[0]?.tag}`)
      })
    }

    await simulation.companion(phone)
    await phone.unlink(2)
    await eventually(() => seen.toSorted()).toEqual(['ana add', 'ana remove', 'ben add', 'ben remove'])
  })

  it('gives the name of a business at once and that of others by app state', async () => {
    const phone = await simulation.sim.createPhone({ number: ANA, name: 'Ana', business: false })
    const client = simulation.client()
    await phone.scanQr(await client.qr())
    await client.opened()
    await eventually(() => client.auth.creds.me?.name).toBe('Ana')
  })
})
