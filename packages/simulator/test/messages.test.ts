import { beforeAll, describe, expect, it } from 'vitest'
import type { Phone } from '../src/index.js'
import type { TestClient } from './client.js'
import { ANA, BEN, CAROL, eventually, Simulation } from './simulation.js'

const textsOf = (client: TestClient, id: string) => client.messages.filter(({ message }) => message.key.id === id)

describe('messages between people', () => {
  const simulation = new Simulation('messages', 'file')
  let ana: Phone
  let ben: Phone
  let carol: Phone
  let anaClient: TestClient
  let secondAnaClient: TestClient
  let benClient: TestClient

  beforeAll(async () => {
    ana = await simulation.phone(ANA, 'Ana')
    ben = await simulation.phone(BEN, 'Ben')
    carol = await simulation.phone(CAROL, 'Carol')
    anaClient = await simulation.companion(ana)
    secondAnaClient = await simulation.companion(ana)
    benClient = await simulation.companion(ben)
    simulation.sim.tap(({ direction, number, device, node: { tag, attrs } }) => {
      if (direction === 'in' && number === ANA && device === 1 && tag === 'ack') acked.push(`${attrs.type} ${attrs.id}`)
    })
  })

  /** What the client has confirmed: types and ids. */
  const acked: string[] = []

  /**
   * The receipt of the account's other client is through. Baileys makes one update of all receipts that come at once, with the
   * status of the last: that of a copy, which is lower than `read`.
   */
  const copied = (id: string) => eventually(() => acked).toContain(`sender ${id}`)

  it('reach the other client, the other phone and every device of the own account, decrypted', async () => {
    const id = await anaClient.sendText(ben.jid, 'hello Ben')

    const { message } = await benClient.message('hello Ben')
    expect(message).toMatchObject({ key: { id, remoteJid: ana.jid, remoteJidAlt: ana.lid, fromMe: false } })
    expect(message.pushName).toBe('Ana')
    expect(await ben.waitForMessage('hello Ben')).toMatchObject({ id, from: ana.jid, chat: ana.jid, fromMe: false })
    expect(await ana.waitForMessage('hello Ben')).toMatchObject({ id, from: ana.jid, chat: ben.jid, fromMe: true })
    const copy = await secondAnaClient.message('hello Ben')
    expect(copy.message.key).toMatchObject({ id, remoteJid: ben.jid, fromMe: true })
  })

  it('come back, and each arrives once', async () => {
    const id = await benClient.sendText(ana.jid, 'hello Ana')
    await anaClient.message('hello Ana')
    await secondAnaClient.message('hello Ana')
    await benClient.sendText(ana.jid, 'one more')
    await anaClient.message('one more')
    expect(textsOf(anaClient, id)).toHaveLength(1)
    expect(ana.messages.filter((message) => message.id === id)).toHaveLength(1)
  })

  it('are written to a LID as well as to a number', async () => {
    const id = await anaClient.sendText(ben.lid, 'by LID')
    const { message } = await benClient.message('by LID')
    expect(message.key).toMatchObject({ id, remoteJid: ana.lid, remoteJidAlt: ana.jid })
    expect(await ben.waitForMessage('by LID')).toMatchObject({ from: ana.jid, addressing: 'lid' })
  })

  it('go to a customer who has a phone only, and come from there', async () => {
    await anaClient.sendText(carol.jid, 'can we help?')
    await carol.waitForMessage('can we help?')
    const { id } = await carol.sendText(ANA, 'order?')

    const { type, message } = await anaClient.message('order?')
    expect(type).toBe('notify')
    expect(message).toMatchObject({ pushName: 'Carol', key: { id, remoteJid: carol.jid, fromMe: false } })
    await secondAnaClient.message('order?')
    await ana.waitForMessage({ id, from: carol.jid })
  })

  it('that the own phone writes appear in its companions as sent', async () => {
    const { id } = await ana.sendText(BEN, 'from my phone')
    const { message } = await anaClient.message('from my phone')
    expect(message.key).toMatchObject({ id, remoteJid: ben.jid, fromMe: true })
    await benClient.message('from my phone')
  })

  it('are confirmed: delivered by the other phone, read by the other client', async () => {
    const id = await anaClient.sendText(ben.jid, 'please confirm')
    await anaClient.status(id, 3)
    await copied(id)
    const { message } = await benClient.message('please confirm')
    await benClient.socket.readMessages([message.key])
    await anaClient.status(id, 4)
    await eventually(() => ana.receipts.map(({ type, ids }) => [type, ...ids])).toContainEqual(['read', id])
  })

  it('of a customer are confirmed to the customer, and read by the customer to the client', async () => {
    const { id } = await carol.sendText(ANA, 'are you there?')
    const { message } = await anaClient.message('are you there?')
    await anaClient.socket.readMessages([message.key])
    const read = { ids: [id], from: ana.jid, chat: ana.jid, type: 'read' }
    await eventually(() => carol.receipts).toContainEqual(expect.objectContaining(read))

    const answer = await anaClient.sendText(carol.jid, 'yes')
    await carol.waitForMessage('yes')
    await anaClient.status(answer, 3)
    await copied(answer)
    await carol.markRead(answer)
    await anaClient.status(answer, 4)
    await expect(carol.markRead('unknown')).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND', field: 'ids' })
  })

  it('are announced by typing, both ways', async () => {
    await anaClient.socket.sendPresenceUpdate('available')
    await anaClient.socket.presenceSubscribe(carol.jid)
    await carol.setTyping(ANA, 'composing')
    await anaClient.until(
      () => anaClient.presences.some(({ presences }) => presences[carol.jid]?.lastKnownPresence === 'composing'),
      'the typing of Carol',
    )
    await anaClient.socket.sendPresenceUpdate('recording', carol.jid)
    await eventually(() => carol.typing.map(({ from, state }) => [from, state])).toContainEqual([ana.jid, 'recording'])
  })

  it('come with the presence of those who are asked about', async () => {
    await anaClient.socket.presenceSubscribe(ben.jid)
    const known = () => anaClient.presences.findLast(({ id }) => id === ben.jid)?.presences[ben.jid]?.lastKnownPresence
    await ben.setAvailable(true)
    await eventually(known).toBe('available')
    await ben.setAvailable(false)
    await benClient.socket.sendPresenceUpdate('unavailable')
    await eventually(known).toBe('unavailable')
  })

  it('are reacted to, edited and deleted by a phone', async () => {
    const { id } = await carol.sendText(ANA, 'I want two')
    await anaClient.message('I want two')
    await carol.editText(id, 'I want three')
    const edited = await anaClient.until(() => anaClient.updates.find(({ key }) => key.id === id), 'the edit')
    expect(edited.update.message?.editedMessage?.message?.conversation).toBe('I want three')

    await carol.deleteMessage(id)
    const gone = () => anaClient.updates.find(({ key, update }) => key.id === id && update.message === null)
    await anaClient.until(gone, 'the deletion')

    const answer = await anaClient.sendText(carol.jid, 'thank you')
    await carol.waitForMessage('thank you')
    await carol.react(answer, '👍')
    const { message } = await anaClient.until(
      () => anaClient.messages.find((each) => each.message.message?.reactionMessage?.text === '👍'),
      'the reaction',
    )
    expect(message.message?.reactionMessage?.key).toMatchObject({ id: answer, fromMe: true })
    await expect(carol.react('unknown', '👍')).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND', field: 'messageId' })
  })

  it('are reacted to, edited and deleted by a client', async () => {
    const sent = await anaClient.socket.sendMessage(carol.jid, { text: 'we have two' })
    const key = sent?.key ?? {}
    await carol.waitForMessage('we have two')
    await anaClient.socket.sendMessage(carol.jid, { react: { text: '🙂', key } })
    await carol.waitForMessage(({ message }) => message.reactionMessage?.text === '🙂')
    await anaClient.socket.sendMessage(carol.jid, { text: 'we have three', edit: key })
    await carol.waitForMessage('we have three')
    await anaClient.socket.sendMessage(carol.jid, { delete: key })
    const deletion = await carol.waitForMessage(
      ({ fromMe, message }) =>
        !fromMe && message.protocolMessage?.key?.id === key.id && message.protocolMessage?.type === 0,
    )
    expect(deletion.from).toBe(ana.jid)
  })

  it('of any kind arrive as their protobuf', async () => {
    const locationMessage = { degreesLatitude: 52.5, degreesLongitude: 13.4, name: 'here' }
    const { id } = await carol.send(ANA, { locationMessage })
    const { message } = await anaClient.until(
      () => anaClient.messages.find((each) => each.message.key.id === id),
      'the location',
    )
    expect(message.message?.locationMessage).toMatchObject(locationMessage)
  })

  it('are answered by a phone that was told to', async () => {
    carol.setAutoReply(({ text }) => `you said: ${text}`)
    await anaClient.sendText(carol.jid, 'ping')
    await anaClient.message('you said: ping')
    carol.setAutoReply(undefined)
  })

  it('do not reach a number that is not on WhatsApp', async () => {
    expect(await anaClient.socket.onWhatsApp('15559999999')).toEqual([])
    expect(await anaClient.socket.onWhatsApp(CAROL)).toMatchObject([{ exists: true, jid: carol.jid }])
    await expect(ana.sendText('15559999999', 'hello?')).rejects.toMatchObject({ code: 'NOT_REGISTERED', field: 'to' })
  })

  it('do not reach somebody who has blocked their sender', async () => {
    await anaClient.socket.updateBlockStatus(ben.lid, 'block')
    expect(await anaClient.socket.fetchBlocklist()).toEqual([ben.lid])
    await benClient.sendText(ana.jid, 'do you hear me?')
    await anaClient.socket.updateBlockStatus(ben.lid, 'unblock')
    await benClient.sendText(ana.jid, 'and now?')
    await anaClient.message('and now?')
    expect(ana.messages.some(({ text }) => text === 'do you hear me?')).toBe(false)
  })

  it('are waited for as long as one wants', async () => {
    const wait = carol.waitForMessage('never', { timeoutMs: 5 })
    await expect(wait).rejects.toMatchObject({ code: 'TIMEOUT' })
    const aborted = carol.waitForMessage('never', { signal: AbortSignal.abort(new Error('enough')) })
    await expect(aborted).rejects.toThrow('enough')
  })
})
