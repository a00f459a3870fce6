import { describe, expect, it } from 'vitest'
import { ANA, BEN, eventually, Simulation } from './simulation.js'

describe('linking by code', () => {
  const simulation = new Simulation('pairing code')

  it('links the client that shows the code', async () => {
    const phone = await simulation.phone(ANA, 'Ana')
    const client = simulation.client()
    await client.qr()
    const code = await client.socket.requestPairingCode(ANA)

    const { deviceJid } = await phone.enterPairingCode(`${code.slice(0, 4)}-${code.slice(4).toLowerCase()}`)
    await client.opened()

    expect(deviceJid).toBe(`${ANA}:1@s.whatsapp.net`)
    expect(client.auth.creds).toMatchObject({ registered: true, me: { id: deviceJid } })
    await client.sendText(phone.jid, 'to myself')
    await phone.waitForMessage('to myself')
  })

  it('tells the phone of a wrong code, and takes the right one after it', async () => {
    const phone = await simulation.phone(ANA)
    const client = simulation.client()
    await client.qr()
    const code = await client.socket.requestPairingCode(ANA)
    const wrong = `${code.startsWith('A') ? 'B' : 'A'}${code.slice(1)}`

    await expect(phone.enterPairingCode(wrong)).rejects.toMatchObject({ code: 'PAIRING_CODE_WRONG', field: 'code' })
    expect(phone.devices).toEqual([])

    await phone.enterPairingCode(code)
    await client.opened()
  })

  it('refuses what is no code, and a code that no client waits for', async () => {
    const phone = await simulation.phone(ANA)
    const client = simulation.client()
    await client.qr()
    await client.socket.requestPairingCode(BEN)
    await expect(phone.enterPairingCode('ABC')).rejects.toMatchObject({ code: 'PAIRING_CODE_WRONG' })
    await expect(phone.enterPairingCode('ABCDEFGH')).rejects.toMatchObject({ code: 'PAIRING_CODE_UNKNOWN' })
  })

  it('fails when the client goes away in between', async () => {
    const phone = await simulation.phone(ANA)
    const client = simulation.client()
    await client.qr()
    const code = await client.socket.requestPairingCode(ANA)
    simulation.sim.faults.on({ tag: 'notification', child: 'link_code_companion_reg' }, { do: 'kill' })
    await expect(phone.enterPairingCode(code)).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
  })

  it('refuses the login that a client tries with a number it was never linked to', async () => {
    await simulation.phone(ANA)
    const client = simulation.client()
    await client.qr()
    await client.socket.requestPairingCode(ANA)
    client.reconnect()
    expect(await client.closed()).toMatchObject({ code: 401, error: { message: 'Connection Failure' } })
  })
})

describe('linking an account that asks for a passkey', () => {
  const simulation = new Simulation('passkey')

  it.each(['QR', 'code'])('stops at the passkey and goes on after it, by %s', async (way) => {
    const phone = await simulation.sim.createPhone({ number: ANA, name: 'Ana', passkeyRequired: true })
    const client = simulation.client()
    const qr = await client.qr()
    const asked: string[] = []
    for (const type of ['passkey_prologue_request', 'crsc_continuation']) {
      client.socket.ws.on(`CB:notification,type:${type}`, () => asked.push(type))
    }

    const linking =
      way === 'QR' ? phone.scanQr(qr) : phone.enterPairingCode(await client.socket.requestPairingCode(ANA))
    await expect(linking).rejects.toMatchObject({ code: 'PASSKEY_REQUIRED' })
    await eventually(() => asked).toEqual(['passkey_prologue_request'])
    expect(phone.devices).toEqual([])

    await phone.confirmPasskey()
    await client.opened()
    expect(asked).toEqual(['passkey_prologue_request', 'crsc_continuation'])
  })

  it('has nothing to confirm when no client waits', async () => {
    const phone = await simulation.phone(ANA)
    await phone.requirePasskey(true)
    await expect(phone.confirmPasskey()).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
  })
})
