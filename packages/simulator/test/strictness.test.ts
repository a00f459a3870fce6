import { deflateSync } from 'node:zlib'
import type { AuthenticationCreds } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { childOf, node } from '../src/wire/node.js'
import { encodeNode } from '../src/wire/node-encoder.js'
import { RawClient } from './raw-client.js'
import { ANA, BEN, eventually, Simulation } from './simulation.js'

describe('a client that does not keep to the protocol', () => {
  const simulation = new Simulation('strictness')
  const violations = () => simulation.sim.violations.map(({ code }) => code)
  const wrong = (creds?: AuthenticationCreds): RawClient => {
    simulation.strict = false
    return new RawClient(simulation.sim, { creds })
  }

  it('is linked as long as it does', async () => {
    const phone = await simulation.phone(ANA)
    const client = new RawClient(simulation.sim)
    await client.link(phone)
    expect((await client.found(({ tag }) => tag === 'stream:error')).attrs.code).toBe('515')
    await eventually(() => client.closed).toBe(true)
  })

  it('is not linked without a right signature of its device', async () => {
    const phone = await simulation.phone(ANA)
    const client = wrong()
    const scan = expect(phone.scanQr(await client.showQr())).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
    await client.answerPairing({ spoilSignature: true })
    await scan
    expect(violations()).toEqual(['BAD_DEVICE_SIGNATURE'])
    expect(phone.devices).toEqual([])
    await eventually(() => client.closed).toBe(true)
  })

  it('is not linked without a key-index', async () => {
    const phone = await simulation.phone(ANA)
    const client = wrong()
    const scan = expect(phone.scanQr(await client.showQr())).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
    await client.answerPairing({ keyIndex: null })
    await scan
    expect(violations()).toEqual(['KEY_INDEX_MISSING'])
  })

  it('does not register with a signed pre-key that its identity has not signed', async () => {
    const client = wrong()
    await client.connect('register', ({ devicePairingData }) => {
      if (devicePairingData) devicePairingData.eSkeySig = Buffer.alloc(64, 7)
    })
    expect((await client.found(({ tag }) => tag === 'failure')).attrs.reason).toBe('400')
    expect(violations()).toEqual(['BAD_SIGNED_PRE_KEY'])
  })

  it('does not register with keys of wrong lengths', async () => {
    const client = wrong()
    await client.connect('register', ({ devicePairingData }) => {
      if (devicePairingData) devicePairingData.eIdent = Buffer.alloc(31)
    })
    await client.found(({ tag }) => tag === 'failure')
    expect(violations()).toEqual(['BAD_PAYLOAD'])
  })

  it('does not log in with another Noise key than it was linked with', async () => {
    const phone = await simulation.phone(ANA)
    await new RawClient(simulation.sim).link(phone)
    const other = wrong()
    await other.logIn(ANA)
    expect((await other.found(({ tag }) => tag === 'failure')).attrs.reason).toBe('401')
    expect(violations()).toEqual(['NOISE_KEY_MISMATCH'])
    await eventually(() => other.closed).toBe(true)
  })

  async function loggedIn(): Promise<RawClient> {
    const phone = await simulation.phone(ANA)
    const creds = await new RawClient(simulation.sim).link(phone)
    const client = wrong(creds)
    await client.logIn(ANA)
    return client
  }

  const ping = () => encodeNode(node('iq', { type: 'get', xmlns: 'w:p', id: 'p' }, [node('ping')]))

  it.each([
    ['bytes after its node', () => Buffer.concat([ping(), Buffer.from([0])])],
    ['a node that is cut short', () => ping().subarray(0, -2)],
    ['an unknown flag', () => Buffer.concat([Buffer.from([9]), ping().subarray(1)])],
    ['nothing in it', () => Buffer.alloc(0)],
    [
      'nodes nested a thousand deep',
      () => Buffer.concat([Buffer.from([0]), ...Array(1000).fill(Buffer.from([0xf8, 2, 3, 0xf8, 1]))]),
    ],
    ['a bomb', () => Buffer.concat([Buffer.from([2]), deflateSync(Buffer.alloc(64 * 1024 * 1024))])],
  ])('ends its connection, and no other, with a frame that has %s', async (_what, frame) => {
    const client = await loggedIn()
    const witness = new RawClient(simulation.sim)
    await witness.connect('register')
    client.sendPlaintext(frame())
    const farewell = await client.found(({ tag }) => tag === 'stream:error')
    expect(childOf(farewell, 'xml-not-well-formed')).toBeDefined()
    await eventually(() => client.closed).toBe(true)
    expect(violations()).toEqual(['BAD_FRAME'])
    expect(witness.closed).toBe(false)
    witness.close()
  })

  it('is understood when it deflates its nodes and was told a route', async () => {
    const client = new RawClient(simulation.sim, { routingInfo: Buffer.from('route') })
    await client.connect('register')
    client.sendPlaintext(Buffer.concat([Buffer.from([2]), deflateSync(ping().subarray(1))]))
    await client.found(({ attrs }) => attrs.id === 'p')
    client.close()
  })

  it.each([
    ['no WhatsApp header', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a hello without a key', Buffer.concat([Buffer.from([0x57, 0x41, 6, 3, 0, 0, 2]), Buffer.from([0x12, 0])])],
    ['a text', 'hello'],
  ])('is cut off when it begins with %s', async (what, bytes) => {
    const client = wrong()
    await client.opened()
    client.sendBytes(bytes)
    await eventually(() => client.closed).toBe(true)
    expect(violations()).toEqual([what === 'a text' ? 'BAD_FRAME' : 'BAD_HANDSHAKE'])
  })

  it('has its message refused without the device identity', async () => {
    const client = await loggedIn()
    const ben = await simulation.phone(BEN)
    const enc = node('enc', { v: '2', type: 'pkmsg' }, Buffer.alloc(50))
    const to = node('participants', {}, [node('to', { jid: ben.jid }, [enc])])
    client.send(node('message', { id: 'M1', to: ben.jid, type: 'text' }, [to]))
    expect((await client.found(({ tag }) => tag === 'ack')).attrs).toMatchObject({ id: 'M1', error: '479' })
    expect(violations()).toEqual(['DEVICE_IDENTITY_MISSING'])
  })

  it('has pre-keys of another identity refused', async () => {
    const client = await loggedIn()
    const { signedPreKey } = client.creds
    const skey = node('skey', {}, [
      node('id', {}, Buffer.from([0, 0, 1])),
      node('value', {}, Buffer.from(signedPreKey.keyPair.public)),
      node('signature', {}, Buffer.alloc(64, 7)),
    ])
    const identity = node('identity', {}, Buffer.from(client.creds.signedIdentityKey.public))
    const attributes = { type: 'set', xmlns: 'encrypt', id: 'k', to: '@s.whatsapp.net' }
    client.send(
      node('iq', attributes, [node('registration', {}, Buffer.alloc(4)), identity, node('list', {}, []), skey]),
    )
    const answer = await client.found(({ attrs }) => attrs.id === 'k')
    expect(answer.attrs.type).toBe('error')
    expect(violations()).toEqual(['BAD_SIGNED_PRE_KEY'])
  })

  it('is answered 501 to what nobody knows, and that is recorded', async () => {
    const client = await loggedIn()
    client.send(node('iq', { type: 'get', xmlns: 'w:weather', id: 'w' }, [node('forecast')]))
    const answer = await client.found(({ attrs }) => attrs.id === 'w')
    expect(childOf(answer, 'error')?.attrs.code).toBe('501')
    const [record] = simulation.sim.unhandled
    expect(record).toMatchObject({ key: 'w:weather/get/forecast', number: ANA, device: 1 })
    simulation.unknown = ['w:weather/get/forecast']
  })
})
