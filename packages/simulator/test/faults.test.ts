import type { BinaryNode } from '@whiskeysockets/baileys'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MALFORMED_FRAMES } from '../src/faults/faults.js'
import { type Phone, startSimulator } from '../src/index.js'
import { CLOSE_REASONS, type CloseCause } from '../src/rules/close-cause.js'
import { childBytes, node } from '../src/wire/node.js'
import { encodeNode } from '../src/wire/node-encoder.js'
import { installStrictVerification, type TestClient } from './client.js'
import { ManualClock } from './manual-clock.js'
import { RawClient } from './raw-client.js'
import { ANA, CAROL, eventually, Simulation, settled } from './simulation.js'

/** What Baileys makes of it. */
const CODE_OF_REASON = {
  replaced: 440,
  device_removed: 401,
  device_removed_without_code: 440,
  'xml-not-well-formed': 500,
  ack: 500,
  'stream-end': 428,
  downgrade: 411,
  'socket-close': 428,
  kill: 428,
} satisfies Record<(typeof CLOSE_REASONS)[number], number>

describe('faults', () => {
  const simulation = new Simulation('faults', 'file')
  let ana: Phone
  let carol: Phone
  let client: TestClient

  beforeAll(async () => {
    ana = await simulation.phone(ANA)
    carol = await simulation.phone(CAROL)
    client = await simulation.companion(ana)
    await settled(ana, client)
  })
  beforeEach(async () => {
    simulation.sim.faults.clear()
    if (ana.devices.some(({ connected }) => !connected) || client.connectionUpdates.at(-1)?.connection === 'close') {
      client.reconnect()
      await client.opened()
    }
  })

  const causes: [CloseCause, number][] = [
    ...CLOSE_REASONS.map((reason): [CloseCause, number] => [{ reason }, CODE_OF_REASON[reason]]),
    ...[500, 503, 516].map((code): [CloseCause, number] => [{ code }, code]),
  ]
  it.each(causes)('close by %j is %i for Baileys', async (cause, code) => {
    simulation.sim.faults.close(ANA, cause)
    expect(await client.closed()).toMatchObject({ code })
  })

  it('close with 515 has the client come back', async () => {
    const before = client.socket
    simulation.sim.faults.close(ANA, { code: 515 })
    await client.until(() => client.socket !== before, 'another socket')
    await client.opened()
  })

  it('close is seen by a tap', async () => {
    const farewells: BinaryNode[] = []
    const untap = simulation.sim.tap(({ direction, node: { tag, content } }) => {
      if (direction === 'out' && tag === 'stream:error' && Array.isArray(content)) farewells.push(...content)
    })
    simulation.sim.faults.replaced(ANA)
    await client.closed()
    untap()
    expect(farewells).toMatchObject([{ tag: 'conflict', attrs: { type: 'replaced' } }])
  })

  it.each([401, 403, 405, 406, 409, 411, 415, 418, 419, 500, 501, 503])('failLogin with %i', async (reason) => {
    simulation.sim.faults.failLogin(ANA, { reason })
    client.reconnect()
    expect(await client.closed()).toMatchObject({ code: reason, error: { message: 'Connection Failure' } })
  })

  it('failLogin tells when a temporary ban ends', async () => {
    simulation.sim.faults.failLogin(ANA, { reason: 402, code: 104, expireSeconds: 3600 })
    client.reconnect()
    const { code, error } = await client.closed()
    expect([code, error]).toMatchObject([402, { data: { reason: '402', code: '104', expire: '3600' } }])
  })

  it('silence is found out by the client when nothing has come for a while', async () => {
    client.reconnect({ keepAliveIntervalMs: 300 })
    await client.opened()
    simulation.sim.faults.silence(ANA)
    expect(await client.closed()).toMatchObject({ code: 408 })
  })

  it('refuseUpgrade keeps the connection open, or closes it, which Baileys never notices', async () => {
    simulation.sim.faults.refuseUpgrade({ status: 503, keepOpen: true })
    client.reconnect({ connectTimeoutMs: 500 })
    expect(await client.closed()).toMatchObject({ code: 408 })

    simulation.sim.faults.refuseUpgrade({ status: 429 })
    client.reconnect()
    let status: number | undefined
    client.socket.ws.on('unexpected-response', (_request: unknown, response: { statusCode: number }) => {
      status = response.statusCode
    })
    await eventually(() => status).toBe(429)
    expect(client.connectionUpdates.some(({ connection }) => connection === 'close')).toBe(false)
    client.reconnect()
    await client.opened()
  })

  it('hangUpgrade leaves the client waiting until its own time is up', async () => {
    simulation.sim.faults.hangUpgrade()
    client.reconnect({ connectTimeoutMs: 500 })
    expect(await client.closed()).toMatchObject({ code: 408 })
  })

  it('badCertificate ends the handshake of a client that verifies', async () => {
    simulation.sim.faults.badCertificate()
    client.reconnect()
    expect(await client.closed()).toMatchObject({ code: 400 })
  })

  it('dropAll cuts every connection at once', async () => {
    const other = simulation.client()
    await other.qr()
    expect(simulation.sim.faults.dropAll()).toBe(2)
    for (const each of [client, other]) expect(await each.closed()).toMatchObject({ code: 428 })
  })

  it('failSend acknowledges a message with an error and does not deliver it', async () => {
    const rule = simulation.sim.faults.failSend(ANA, 463)
    const acks: Record<string, string>[] = []
    client.socket.ws.on('CB:ack,class:message', ({ attrs }: BinaryNode) => acks.push(attrs))
    const id = await client.sendText(carol.jid, 'not you')
    await eventually(() => acks).toContainEqual(expect.objectContaining({ id, error: '463' }))
    expect(rule.hits).toBe(1)
    await client.sendText(carol.jid, 'but now')
    await carol.waitForMessage('but now')
    expect(carol.messages.some(({ text }) => text === 'not you')).toBe(false)
  })

  it('exhaustPreKeys has the client upload more', async () => {
    const uploads: string[] = []
    const untap = simulation.sim.tap(({ direction, node: { attrs, content } }) => {
      if (direction === 'in' && attrs.xmlns === 'encrypt' && attrs.type === 'set' && content) uploads.push('keys')
    })
    simulation.sim.faults.exhaustPreKeys(ANA, { left: 2 })
    await eventually(() => uploads.length).toBeGreaterThan(0)
    untap()
    simulation.sim.faults.exhaustPreKeys(ANA, { warn: false })
    await (await simulation.phone('15550000009')).sendText(ANA, 'without a one-time key')
    await client.message('without a one-time key')
  })

  const inbound = { number: ANA, direction: 'out', tag: 'message' } as const
  const shown = (text: string) => client.messages.filter(({ message }) => message.message?.conversation === text)

  it('drop: a message is lost on its way and comes with the next login', async () => {
    const rule = simulation.sim.faults.on(inbound, { do: 'drop' }, { times: 1 })
    await carol.sendText(ANA, 'dropped')
    await carol.sendText(ANA, 'not dropped')
    await client.message('not dropped')
    expect([rule.hits, shown('dropped').length]).toEqual([1, 0])
    client.reconnect()
    await client.message('dropped')
  })

  it('reorder: a message changes places with the next', async () => {
    simulation.sim.faults.on(inbound, { do: 'reorder' }, { times: 1 })
    await carol.sendText(ANA, 'sent first')
    await carol.sendText(ANA, 'sent second')
    await client.message('sent first')
    expect(orderOf('sent first', 'sent second')).toEqual(['sent second', 'sent first'])
  })

  it('duplicate: the same ciphertext comes twice', async () => {
    const came: string[] = []
    client.socket.ws.on('CB:message', (message: BinaryNode) => {
      came.push(`${message.attrs.id} ${childBytes(message, 'enc')?.toString('hex')}`)
    })
    simulation.sim.faults.on(inbound, { do: 'duplicate' }, { times: 1 })
    const { id } = await carol.sendText(ANA, 'twice')
    await client.message('twice')
    await eventually(() => came.filter((each) => each === came[0])).toHaveLength(2)
    expect(came[0]).toContain(id)
  })

  it('error: a query is refused', async () => {
    // One that clients make only when they are told to.
    const match = { number: ANA, direction: 'in', xmlns: 'w:biz', child: 'business_profile' } as const
    simulation.sim.faults.on(match, { do: 'error', code: 429, text: 'rate-overlimit' }, { times: 1 })
    await expect(client.socket.getBusinessProfile(carol.jid)).rejects.toThrow('rate-overlimit')
  })

  it('close, kill: a stanza ends the connection that it is on', async () => {
    simulation.sim.faults.on(inbound, { do: 'close', cause: { code: 503 } }, { times: 1 })
    await carol.sendText(ANA, 'the end')
    expect(await client.closed()).toMatchObject({ code: 503 })
    client.reconnect()
    await client.message('the end')

    simulation.sim.faults.on({ ...inbound, direction: 'in' }, { do: 'kill' }, { times: 1 })
    await client.sendText(carol.jid, 'cut off')
    expect(await client.closed()).toMatchObject({ code: 428 })
  })

  it('replace: a stanza is another', async () => {
    const rename = { do: 'replace', with: renamed } as const
    simulation.sim.faults.on(inbound, rename, { times: 1 })
    await carol.sendText(ANA, 'who am I?')
    expect((await client.message('who am I?')).message.pushName).toBe('Mallory')
  })

  it('corrupt: pair-success of which the device identity was changed is refused by the client', async () => {
    simulation.sim.faults.on({ child: 'pair-success' }, { do: 'corrupt', part: 'device-identity' })
    const other = simulation.client()
    const scan = expect(ana.scanQr(await other.qr())).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
    expect(await other.closed()).toMatchObject({ code: 500 })
    await scan
  })

  it('a rule ends with its last time, when it is removed, and with all others', async () => {
    const rules = [1, 2, 3].map(() => simulation.sim.faults.on(inbound, { do: 'drop' }))
    for (const rule of rules) rule.remove()
    simulation.sim.faults.on(inbound, { do: 'drop' })
    simulation.sim.faults.clear()
    await carol.sendText(ANA, 'nothing in my way')
    await client.message('nothing in my way')
    expect(rules.map(({ hits }) => hits)).toEqual([0, 0, 0])
  })

  it('are refused for a phone that is not there or not connected', () => {
    const { faults } = simulation.sim
    expect(() => faults.kill('1')).toThrow(expect.objectContaining({ code: 'PHONE_NOT_FOUND', field: 'number' }))
    expect(() => faults.kill(CAROL)).toThrow(expect.objectContaining({ code: 'NOT_CONNECTED', field: 'number' }))
    expect(() => faults.kill(ANA, { device: 9 })).toThrow(expect.objectContaining({ code: 'NOT_CONNECTED' }))
  })

  const orderOf = (...texts: string[]): (string | null | undefined)[] =>
    client.messages.map(({ message }) => message.message?.conversation).filter((text) => texts.includes(text ?? ''))
})

const renamed = (stanza: BinaryNode): BinaryNode => ({ ...stanza, attrs: { ...stanza.attrs, notify: 'Mallory' } })

describe('a stanza that is delayed', () => {
  it('comes when its time is over, after those that were sent later', async () => {
    await installStrictVerification()
    const clock = new ManualClock()
    await using sim = await startSimulator({ seed: 'delay', clock })
    const ana = await sim.createPhone({ number: ANA, name: 'Ana' })
    const carol = await sim.createPhone({ number: CAROL, name: 'Carol' })
    const creds = await new RawClient(sim).link(ana)
    const client = new RawClient(sim, { creds })
    await client.logIn(ANA)
    sim.faults.on({ number: ANA, tag: 'message', where: fromCarol }, { do: 'delay', delayMs: 30 }, { times: 1 })
    const late = await carol.sendText(ANA, 'late')
    const inTime = await carol.sendText(ANA, 'in time')
    await client.found(({ attrs }) => attrs.id === inTime.id)
    expect(clock.delays).toContain(30)
    clock.goOff()
    await client.found(({ attrs }) => attrs.id === late.id)
    const ids = client.nodes.map(({ attrs }) => attrs.id).filter((id) => id === late.id || id === inTime.id)
    expect(ids).toEqual([inTime.id, late.id])
    client.close()
  })
})

const fromCarol = ({ attrs }: BinaryNode) => attrs.from?.startsWith(CAROL) ?? false

describe('frames that are none', () => {
  const simulation = new Simulation('frames')

  async function connected(): Promise<RawClient> {
    const creds = await new RawClient(simulation.sim).link(await simulation.phone(ANA))
    const client = new RawClient(simulation.sim, { creds })
    await client.logIn(ANA)
    return client
  }

  it.each(MALFORMED_FRAMES)('malformed: a frame that is %s cannot be read by the client', async (kind) => {
    const client = await connected()
    simulation.sim.faults.malformed(ANA, kind)
    await eventually(() => client.unreadable.length).toBe(1)
    client.close()
  })

  it('sendFrame sends any bytes', async () => {
    const client = await connected()
    simulation.sim.faults.sendFrame(ANA, encodeNode(node('made-up', { by: 'hand' })))
    expect((await client.found(({ tag }) => tag === 'made-up')).attrs).toEqual({ by: 'hand' })
    simulation.sim.faults.sendFrame(ANA, Buffer.from([0, 0xff, 0xff]))
    await eventually(() => client.unreadable.length).toBe(1)
    client.close()
  })

  it('corrupt: a stanza that is cut short', async () => {
    const client = await connected()
    simulation.sim.faults.on({ number: ANA, tag: 'iq' }, { do: 'corrupt', part: 'frame' }, { times: 1 })
    client.send(node('iq', { type: 'get', xmlns: 'w:p', id: 'p', to: '@s.whatsapp.net' }, [node('ping')]))
    await eventually(() => client.unreadable.length).toBe(1)
    client.close()
  })
})
