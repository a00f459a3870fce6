import type { BinaryNode } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { startSimulator } from '../src/index.js'
import { childOf } from '../src/wire/node.js'
import { installStrictVerification, TestClient } from './client.js'
import { ManualClock } from './manual-clock.js'
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

  it('tells the phone when the client asks for another code while its first is being tried', async () => {
    const phone = await simulation.phone(ANA)
    const client = simulation.client()
    await client.qr()
    const first = await client.socket.requestPairingCode(ANA)
    // What the phone has sent arrives when the client shows another code already.
    const hello = { tag: 'notification', child: 'link_code_companion_reg' }
    const held = simulation.sim.faults.on(hello, { do: 'reorder' }, { times: 1 })
    const entered = expect(phone.enterPairingCode(first)).rejects.toMatchObject({
      code: 'PAIRING_CODE_WRONG',
      field: 'code',
    })
    await eventually(() => held.hits).toBe(1)
    const second = await client.socket.requestPairingCode(ANA)
    await entered
    await phone.enterPairingCode(second)
    await client.opened()
  })

  it('goes by the last number that a client asks a code for', async () => {
    const ana = await simulation.phone(ANA)
    const ben = await simulation.phone(BEN)
    const client = simulation.client()
    await client.qr()
    let asked = 0
    simulation.sim.tap(({ direction, node: stanza }) => {
      if (direction === 'out' && childOf(stanza, 'link_code_companion_reg')?.attrs.stage === 'companion_hello')
        asked += 1
    })
    const first = await client.socket.requestPairingCode(ANA)
    const second = await client.socket.requestPairingCode(BEN)
    await eventually(() => asked).toBe(2)
    await expect(ana.enterPairingCode(first)).rejects.toMatchObject({ code: 'PAIRING_CODE_UNKNOWN' })
    await ben.enterPairingCode(second)
    await client.opened()
  })

  it('tries one code of a client at a time', async () => {
    const phone = await simulation.phone(ANA)
    const client = simulation.client()
    await client.qr()
    const code = await client.socket.requestPairingCode(ANA)
    const twice = await Promise.allSettled([phone.enterPairingCode(code), phone.enterPairingCode(code)])
    expect(twice.toSorted((left, right) => left.status.localeCompare(right.status))).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'PAIRING_FAILED' } },
    ])
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

describe('a client that is asked to link and says nothing', () => {
  it.each(['QR', 'code'])('is given up after a minute, by %s', async (way) => {
    await installStrictVerification()
    const clock = new ManualClock()
    await using sim = await startSimulator({ seed: 'no answer', clock })
    const phone = await sim.createPhone({ number: ANA, name: 'Ana' })
    const client = new TestClient(sim)
    const qr = await client.qr()
    sim.faults.on({ direction: 'in', type: 'result' }, { do: 'drop' })
    sim.faults.on({ direction: 'in', child: 'link_code_companion_reg', where: isFinish }, { do: 'drop' })
    const linking =
      way === 'QR' ? phone.scanQr(qr) : phone.enterPairingCode(await client.socket.requestPairingCode(ANA))
    const failed = expect(linking).rejects.toMatchObject({
      code: 'PAIRING_FAILED',
      message: expect.stringMatching('minute'),
    })
    await eventually(() => clock.delays).toContain(60_000)
    clock.goOff()
    await failed
    expect(phone.devices).toEqual([])
    client.close()
  })
})

const isFinish = (stanza: BinaryNode) => childOf(stanza, 'link_code_companion_reg')?.attrs.stage === 'companion_finish'
