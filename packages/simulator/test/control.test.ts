import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import {
  connectSimulator,
  type DeviceChoice,
  type FaultsClient,
  type Phone,
  type PhoneClient,
  type Simulator,
  type SimulatorClient,
  startSimulator,
  type UnhandledStanza,
} from '../src/index.js'
import { installStrictVerification, linkedClient, memoryAuth, silenceLibsignal, TestClient } from './client.js'
import { RawClient } from './raw-client.js'
import { ANA, BEN, CAROL, eventually } from './simulation.js'

describe('the control API and its client', () => {
  let sim: Simulator
  let remote: SimulatorClient
  let client: TestClient

  beforeAll(async () => {
    silenceLibsignal()
    await installStrictVerification()
    sim = await startSimulator({ seed: 'control' })
    remote = await connectSimulator(sim.controlUrl)
    const ana = await remote.createPhone({ number: ANA, name: 'Ana' })
    await remote.createPhone({ number: CAROL, name: 'Carol', history: [{ with: ANA, messages: [] }] })
    client = await linkedClient(remote, ana)
  })
  afterAll(async () => {
    client.close()
    await sim.close()
  })

  it('say where the simulator is and what is in it', async () => {
    expect(remote).toMatchObject({ url: sim.url, controlUrl: sim.controlUrl, rootPublicKey: sim.rootPublicKey })
    expect(await remote.phones()).toMatchObject([{ number: ANA, name: 'Ana' }, { number: CAROL }])
    expect(await remote.phone(ANA).devices()).toMatchObject([{ id: 1, connected: true }])
    expect(await remote.phone(ANA).info()).toMatchObject({ jid: sim.phone(ANA).jid, lid: sim.phone(ANA).lid })
    expect(await remote.connections()).toMatchObject([{ number: ANA, device: 1 }])
    expect(await remote.violations()).toEqual([])
    expect(await remote.unhandled()).toEqual([])
    expect(await remote.snapshot()).toEqual(sim.snapshot())
  })

  it('let phones write, wait, read and type', async () => {
    const carol = remote.phone(CAROL)
    const { id } = await carol.sendText(ANA, 'order?')
    const { message } = await client.message('order?')
    await client.socket.readMessages([message.key])
    await eventually(async () => (await carol.receipts()).map(({ type }) => type)).toContain('read')

    const waiting = carol.waitForMessage({ text: 'yes', from: sim.phone(ANA).jid })
    const answer = await client.sendText(sim.phone(CAROL).jid, 'yes')
    expect(await waiting).toMatchObject({ id: answer, text: 'yes', message: { extendedTextMessage: { text: 'yes' } } })
    await carol.markRead(answer)
    await client.status(answer, 4)
    await carol.setTyping(ANA, 'composing')
    await carol.setAvailable(true)

    await carol.react(answer, '👍')
    await carol.editText(id, 'order!')
    await carol.deleteMessage(id)
    await client.until(() => client.updates.some(({ key, update }) => key.id === id && update.message === null))
    await remote.idle()
    await carol.idle()
    expect((await carol.messages()).map(({ text }) => text)).toEqual(['order?', 'yes', '👍', 'order!', undefined])
    expect(await carol.typing()).toEqual([])
    expect(await carol.failures()).toEqual([])
  })

  it('let phones make polls and vote in them', async () => {
    const poll = await remote.phone(CAROL).sendPoll(ANA, 'When?', ['today', 'tomorrow'], { selectableCount: 2 })
    await remote.phone(ANA).waitForMessage({ id: poll.id })
    const vote = await remote.phone(ANA).vote(poll.id, ['today', 'tomorrow'])
    const { message } = await remote.phone(CAROL).waitForMessage({ id: vote.id })
    expect(message.pollUpdateMessage?.pollCreationMessageKey).toMatchObject({ id: poll.id, fromMe: false })
    await expect(remote.phone(ANA).vote(poll.id, ['never'])).rejects.toMatchObject({
      code: 'BAD_INPUT',
      field: 'options',
    })
  })

  it('carry bytes in messages both ways', async () => {
    const jpegThumbnail = Buffer.from([1, 2, 3])
    const content = { locationMessage: { degreesLatitude: 1.5, degreesLongitude: 2.5, jpegThumbnail } }
    const { id } = await remote.phone(CAROL).send(ANA, content, { addressing: 'lid' })
    const got = await remote.phone(ANA).waitForMessage({ id })
    expect(got).toMatchObject({ addressing: 'lid' })
    expect(Buffer.from(got.message.locationMessage?.jpegThumbnail ?? [])).toEqual(jpegThumbnail)
  })

  it('let phones answer by themselves', async () => {
    await remote.phone(CAROL).setAutoReply('I am a machine')
    await client.sendText(sim.phone(CAROL).jid, 'who are you?')
    await client.message('I am a machine')
    await remote.phone(CAROL).setAutoReply(undefined)
  })

  it('give history and names', async () => {
    const ana = remote.phone(ANA)
    const chats = [{ with: CAROL, messages: [{ text: 'long ago', at: '2026-01-01T00:00:00Z' }] }]
    await ana.setHistory(chats)
    await ana.sendHistory()
    await ana.sendHistory({ chats, device: 1 })
    await client.until(() => client.histories.some(({ messages }) => messages[0]?.message?.conversation === 'long ago'))
    await ana.rename('Anna')
    await eventually(() => client.auth.creds.me?.name).toBe('Anna')
  })

  it('make groups', async () => {
    await remote.createPhone({ number: BEN, name: 'Ben' })
    const { jid } = await remote.createGroup({ subject: 'Team', creator: ANA, participants: [CAROL] })
    await remote.changeGroup(jid, { add: [BEN], subject: 'The team' })
    expect(await remote.groups()).toMatchObject([{ jid, subject: 'The team' }])
    await remote.phone(BEN).sendText(jid, 'hello team')
    await client.message('hello team')
  })

  it('link by code, ask for a passkey, unlink and reinstall', async () => {
    const phone = await remote.createPhone({ number: '15550000007', name: 'Dan', passkeyRequired: true })
    const other = new TestClient(remote, memoryAuth())
    await other.qr()
    const code = await other.socket.requestPairingCode(phone.number)
    await expect(phone.enterPairingCode(code)).rejects.toMatchObject({ code: 'PASSKEY_REQUIRED' })
    await phone.confirmPasskey()
    await other.opened()
    await phone.requirePasskey(false)
    await phone.unlink(1)
    expect(await other.closed()).toMatchObject({ code: 401 })
    await phone.reinstall()
  })

  it('order every fault', async () => {
    const { faults } = remote
    const rule = await faults.on({ number: ANA, tag: 'message' }, { do: 'corrupt' }, { times: 1 })
    await remote.phone(CAROL).sendText(ANA, 'once more')
    await client.message('once more')
    expect(await rule.hits()).toBe(1)
    await rule.remove()
    await expect(rule.hits()).rejects.toMatchObject({ code: 'RULE_NOT_FOUND' })

    await (await faults.failSend(ANA, 463)).remove()
    await faults.exhaustPreKeys(ANA, { left: 3 })
    await faults.refuseUpgrade({ status: 500 })
    await faults.hangUpgrade()
    await faults.badCertificate()
    await faults.failLogin(ANA, { reason: 503 })
    await faults.clear()

    const ways: (() => Promise<unknown>)[] = [
      () => faults.close(ANA, { code: 503 }),
      () => faults.close(ANA, { reason: 'stream-end' }, { device: 1 }),
      () => faults.replaced(ANA),
      () => faults.kill(ANA),
      () => faults.dropAll(),
    ]
    for (const end of ways) {
      await end()
      await client.closed()
      client.reconnect()
      await client.opened()
    }
    await faults.silence(ANA)
    client.reconnect()
    await client.opened()
  })

  it('send frames of any bytes', async () => {
    const phone = await remote.createPhone({ number: '15550000006', name: 'Eve' })
    // Baileys would end the process at a frame that it cannot read.
    const raw = new RawClient(sim, { creds: await new RawClient(sim).link(phone) })
    await raw.logIn(phone.number)
    await remote.faults.sendFrame(phone.number, Buffer.from([0, 1]))
    await eventually(() => raw.unreadable.length).toBe(1)
    await remote.faults.malformed(phone.number, 'truncated', { device: 1 })
    await eventually(() => raw.unreadable.length).toBe(2)
    raw.close()
  })

  it('are not for web pages', async () => {
    const body = JSON.stringify({ number: '15550000077', name: 'Mallory' })
    const headers = { origin: 'https://evil.example', 'content-type': 'application/json' }
    const answer = await fetch(`${sim.controlUrl}/createPhone`, { method: 'POST', headers, body })
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: { code: 'FORBIDDEN' } }])
    expect(sim.phones.map(({ number }) => number)).not.toContain('15550000077')
  })

  it.each([
    ['evil.example', 403],
    ['evil.example:1234', 403],
    ['127.0.0.1.nip.io', 403],
    ['localhost.evil.example', 403],
    ['10.0.0.1', 403],
    ['0.0.0.0', 403],
    ['[::2]', 403],
    ['localhost', 200],
    ['LOCALHOST:80', 200],
    ['127.0.0.1', 200],
    ['127.9.9.9:1', 200],
    ['[::1]:1', 200],
  ])('answer a request to the host "%s" by %i', async (host, status) => {
    for (const path of ['snapshot', 'phones', 'nothing']) {
      const got = await rawRequest(sim.controlUrl, { path, headers: { host } })
      expect(got.status).toBe(status === 200 && path === 'nothing' ? 404 : status)
      if (status === 403) expect(JSON.parse(got.text)).toMatchObject({ error: { code: 'FORBIDDEN' } })
    }
  })

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    [undefined, 415],
    ['application/json', 409],
    ['application/json; charset=utf-8', 409],
  ])('answer a body of the type %s by %i', async (type, status) => {
    const body = JSON.stringify({ number: ANA, name: 'there already' })
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    expect((await rawRequest(sim.controlUrl, { method: 'POST', path: 'createPhone', headers, body })).status).toBe(
      status,
    )
  })

  it('say which field is wrong', async () => {
    const post = async (path: string, body: unknown) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${sim.controlUrl}/${path}`, { method: 'POST', headers, body: text })
      const { error } = (await response.json()) as { error: { code: string; field?: string } }
      return [response.status, error.code, error.field]
    }
    const bad = (field: string) => [400, 'BAD_INPUT', field]
    expect(await post('createPhone', { name: 'x' })).toEqual(bad('number'))
    expect(await post('createPhone', { number: 'abc', name: 'x' })).toEqual(bad('number'))
    expect(await post('createPhone', { number: '15550000008', name: 'x', lid: 'abc' })).toEqual(bad('lid'))
    expect(await post('createPhone', { number: '15550000008', name: 'x', colour: 1 })).toEqual(bad('colour'))
    const history = [{ with: CAROL, messages: [{ text: 'x' }] }]
    expect(await post(`phones/${ANA}/setHistory`, { chats: history })).toEqual(bad('chats[0].messages[0].at'))
    expect(await post(`phones/${ANA}/send`, { to: CAROL, content: 'x' })).toEqual(bad('content'))
    expect(await post(`phones/${ANA}/markRead`, { ids: 'x' })).toEqual(bad('ids'))
    expect(await post(`phones/${ANA}/setTyping`, { to: CAROL, state: 'x' })).toEqual(bad('state'))
    expect(await post(`phones/${ANA}/unlink`, { device: 'x' })).toEqual(bad('device'))
    expect(await post('faults/on', { match: {}, action: { do: 'explode' } })).toEqual(bad('action.do'))
    expect(await post('faults/on', { match: {}, action: { do: 'delay' } })).toEqual(bad('action.delayMs'))
    expect(await post('faults/on', { match: { device: 0 }, action: { do: 'drop' } })).toEqual(bad('match.device'))
    expect(await post('faults/close', { number: ANA, cause: { reason: 'x' } })).toEqual(bad('cause.reason'))
    expect(await post('faults/sendFrame', { number: ANA, bytes: 'xyz' })).toEqual(bad('bytes'))
    expect(await post('faults/hangUpgrade', '{')).toEqual(bad('body'))
    expect(await post('faults/hangUpgrade', [])).toEqual(bad('body'))
    expect(await post('faults/kill', { number: '1' })).toEqual([404, 'PHONE_NOT_FOUND', 'number'])
    expect(await post('faults/kill', { number: CAROL })).toEqual([409, 'NOT_CONNECTED', 'number'])
    expect(await post('createPhone', { number: ANA, name: 'x' })).toEqual([409, 'PHONE_EXISTS', 'number'])
    expect(await post(`phones/${ANA}/scanQr`, { qr: 'x' })).toEqual([422, 'QR_INVALID', 'qr'])
    expect(await post(`phones/${ANA}/waitForMessage`, { text: 'x', timeoutMs: 1 })).toEqual([504, 'TIMEOUT', undefined])
    expect(await post('nothing', {})).toEqual([404, 'NOT_FOUND', undefined])
    expect(await post('constructor', {})).toEqual([404, 'NOT_FOUND', undefined])
    expect(await post('unhandled', {})).toEqual([405, 'METHOD_NOT_ALLOWED', undefined])
  })

  it('give up waiting with the one who waits', async () => {
    const carol = remote.phone(CAROL)
    await expect(carol.waitForMessage('never', { timeoutMs: 5 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    const waiting = carol.waitForMessage('never', { signal: AbortSignal.timeout(5) })
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('have the signatures of the library', () => {
    expectTypeOf<PhoneClient['sendText']>().toEqualTypeOf<Phone['sendText']>()
    expectTypeOf<PhoneClient['send']>().toEqualTypeOf<Phone['send']>()
    expectTypeOf<PhoneClient['markRead']>().toEqualTypeOf<Phone['markRead']>()
    expectTypeOf<PhoneClient['scanQr']>().toEqualTypeOf<Phone['scanQr']>()
    expectTypeOf<PhoneClient['sendPoll']>().toEqualTypeOf<Phone['sendPoll']>()
    expectTypeOf<SimulatorClient['createGroup']>().toEqualTypeOf<Simulator['createGroup']>()
    expectTypeOf<SimulatorClient['unhandled']>().returns.resolves.toEqualTypeOf<UnhandledStanza[]>()
    expectTypeOf<SimulatorClient['idle']>().toEqualTypeOf<Simulator['idle']>()
    expectTypeOf<FaultsClient['kill']>().toEqualTypeOf<(number: string, choice?: DeviceChoice) => Promise<void>>()
  })

  it('say so when there is no simulator', async () => {
    await expect(connectSimulator('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

interface RawRequest {
  method?: string
  path: string
  headers: Record<string, string>
  body?: string
}

/** `fetch` lets nobody choose the `Host`. */
async function rawRequest(url: string, { method = 'GET', path, headers, body }: RawRequest) {
  const sent = request(`${url}/${path}`, { method, headers })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: response.statusCode, text: (await response.setEncoding('utf8').toArray()).join('') }
}
