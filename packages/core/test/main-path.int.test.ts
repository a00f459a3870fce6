import type { Phone } from '@trunkline/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TrunklineError } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

describe('two linked accounts and a customer with only a phone', () => {
  let live: Live
  let trunk: LiveManager
  let ana: Phone
  let ben: Phone
  let carol: Phone

  beforeAll(async () => {
    live = await Live.start('main path')
    ana = await live.phone(ANA, 'Ana')
    ben = await live.phone(BEN, 'Ben')
    carol = await live.phone(CAROL, 'Carol')
    trunk = live.manager()
    await Promise.all([trunk.link('ana', ana), trunk.link('ben', ben)])
  })

  afterAll(() => live[Symbol.asyncDispose]())

  it('walks the statuses of linking in order and keeps the account', async () => {
    const statuses = trunk.events('session.status', 'ana').map(({ status }) => status)
    expect(statuses).toEqual(['connecting', 'awaiting_scan', 'connecting', 'connected'])
    const session = await trunk.manager.get('ana')
    expect(session.account).toMatchObject({ jid: `${ANA}@s.whatsapp.net`, phone: ANA, lid: ana.lid, pushName: 'Ana' })
    expect(session.health).toBe('ok')
    expect(ana.devices.map(({ id }) => id)).toEqual([1])
  })

  it('sends from one account to the other: both phones and both sessions hold the text', async () => {
    const sent = await trunk.manager.send('ana', { to: BEN, text: 'hello Ben' })
    expect(sent).toMatchObject({ status: 'sent', fromMe: true, chatId: ben.lid, source: 'api' })
    const { message } = await trunk.heardEvent('message', 'ben', (event) => event.message.id === sent.id)
    expect(message).toMatchObject({ text: 'hello Ben', fromMe: false, chatId: ana.lid, source: 'live', type: 'text' })
    expect(await ben.waitForMessage('hello Ben')).toMatchObject({ id: sent.id, fromMe: false })
    // The sender's own phone gets its copy.
    expect(await ana.waitForMessage('hello Ben')).toMatchObject({ id: sent.id, fromMe: true })
    expect(await trunk.manager.message('ben', { id: sent.id })).toMatchObject({ text: 'hello Ben' })
  })

  it('tells when the other side got the message and when it was read', async () => {
    const sent = await trunk.manager.send('ana', { to: CAROL, text: 'are you there?' })
    await carol.waitForMessage('are you there?')
    await trunk.heardEvent(
      'message.status',
      'ana',
      (event) => event.messageId === sent.id && event.status === 'delivered',
    )
    await carol.markRead(sent.id)
    await trunk.heardEvent('message.status', 'ana', (event) => event.messageId === sent.id && event.status === 'read')
    expect(await trunk.manager.message('ana', { id: sent.id })).toMatchObject({ status: 'read' })
  })

  it('tells of each of several messages that were read at once, in their order', async () => {
    const ids: string[] = []
    for (const text of ['one', 'two', 'three']) {
      ids.push((await trunk.manager.send('ana', { to: CAROL, text })).id)
      await carol.waitForMessage(text)
    }
    const read = () =>
      trunk
        .events('message.status', 'ana')
        .filter(({ messageId, status }) => ids.includes(messageId) && status === 'read')
        .map(({ messageId }) => messageId)
    await carol.markRead(...ids)
    expect(await eventually(read, (told) => told.length === 3)).toEqual(ids)
    const { items } = await trunk.manager.messages('ana', { chatId: CAROL, limit: 3 })
    expect(items.map(({ status }) => status)).toEqual(['read', 'read', 'read'])
  })

  it('hears a customer who has only a phone, and answers into the same chat', async () => {
    const { id } = await carol.sendText(ANA, 'I would like to order')
    const { message } = await trunk.heardEvent('message', 'ana', (event) => event.message.id === id)
    expect(message).toMatchObject({ text: 'I would like to order', chatId: carol.lid, senderId: carol.lid })
    await trunk.manager.send('ana', { to: message.chatId, text: 'With pleasure', quotedMessageId: id })
    expect(await carol.waitForMessage('With pleasure')).toMatchObject({ fromMe: false })
    const byPhone = await trunk.manager.messages('ana', { chatId: `+${CAROL}` })
    expect(byPhone.items[0]).toMatchObject({ text: 'With pleasure', quotedMessageId: id })
  })

  it('shows in the account what its owner writes on the phone', async () => {
    const { id } = await ana.sendText(CAROL, 'from my phone')
    const { message } = await trunk.heardEvent('message-sent', 'ana', (event) => event.message.id === id)
    expect(message).toMatchObject({ text: 'from my phone', fromMe: true, source: 'phone', chatId: carol.lid })
  })

  it('keeps one chat per person, under the LID, with phone number and name', async () => {
    const { items } = await trunk.manager.chats('ana')
    expect(items.map(({ id }) => id).sort()).toEqual([ben.lid, carol.lid].sort())
    expect(await trunk.manager.chat('ana', CAROL)).toMatchObject({ id: carol.lid, phone: CAROL, kind: 'individual' })
  })

  it('passes typing on without logging it', async () => {
    const before = await trunk.manager.lastSeq('ana')
    await carol.setTyping(ANA, 'composing')
    const event = await trunk.heardEvent('presence', 'ana', ({ state }) => state === 'composing')
    expect(event.seq).toBe(before)
    expect(await trunk.manager.lastSeq('ana')).toBe(before)
  })

  it('numbers the events of a session from 1 without gaps', async () => {
    const { events, gap } = await trunk.manager.events('ana', { after: 0, limit: 200 })
    expect(gap).toBe(false)
    expect(events.map(({ event }) => event.seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.map(({ name }) => name)).not.toContain('qr')
  })

  it('counts what was sent and received', async () => {
    const { counters } = await eventually(
      () => trunk.manager.get('ben'),
      (session) => session.counters.received >= 1,
    )
    expect(counters).toMatchObject({ received: 1, failed: 0, chats: 1 })
  })

  it('refuses a number without WhatsApp before anything is stored', async () => {
    const before = await trunk.store.messages.count('ana')
    const refused = trunk.manager.send('ana', { to: '19990000000', text: 'hello?' })
    await expect(refused).rejects.toSatisfy((error) => TrunklineError.is(error, 'RECIPIENT_NOT_ON_WHATSAPP'))
    expect(await trunk.store.messages.count('ana')).toBe(before)
  })

  it('sends a request once however often it is repeated, and refuses another body under the same id', async () => {
    const options = { to: CAROL, text: 'once', clientMessageId: 'order-1' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => trunk.manager.send('ana', options)))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    await carol.waitForMessage('once')
    await carol.idle()
    expect(carol.messages.filter(({ text }) => text === 'once')).toHaveLength(1)
    await expect(trunk.manager.send('ana', { ...options, text: 'twice' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
  })

  it('says when WhatsApp refuses a message', async () => {
    live.simulator.faults.failSend(ANA, 463)
    const refused = trunk.manager.send('ana', { to: CAROL, text: 'refused' })
    await expect(refused).rejects.toMatchObject({ code: 'MESSAGE_REFUSED', details: { reason: '463' } })
    const { message } = await trunk.heardEvent('message-sent', 'ana', (event) => event.message.status === 'failed')
    expect(message).toMatchObject({ text: 'refused', error: { code: '463' } })
  })

  it('goes on when a listener of the host throws', async () => {
    trunk.manager.once('message', () => {
      throw new Error('a mistake of the host')
    })
    const { id } = await carol.sendText(ANA, 'still there?')
    await trunk.heardEvent('message', 'ana', (event) => event.message.id === id)
    expect((await trunk.manager.get('ana')).status).toBe('connected')
  })

  it('asked WhatsApp nothing that it does not know, and broke no rule', () => {
    expect(live.simulator.unhandled).toEqual([])
    expect(live.simulator.violations).toEqual([])
  })
})
