import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const STATUS = 'status@broadcast'

let live: Live
let trunk: LiveManager
let ana: Phone
let ben: Phone
let carol: Phone
let dan: Phone

beforeEach(async () => {
  live = await Live.start('status')
  ana = await live.phone(ANA, 'Ana')
  ben = await live.phone('15550000002', 'Ben')
  carol = await live.phone('15550000003', 'Carol')
  dan = await live.phone('15550000004', 'Dan')
  trunk = live.manager()
  await trunk.link('ana', ana)
})

afterEach(() => live[Symbol.asyncDispose]())

const messages = () => trunk.manager.session('ana').messages

/** Who has a status, after everybody has had a message that came later. */
async function readersOf(id: string): Promise<string[]> {
  for (const phone of [ben, carol, dan]) {
    const later = await messages().send({ to: phone.number, text: 'later' })
    await phone.waitForMessage({ id: later.id })
  }
  return [ana, ben, carol, dan].filter((phone) => phone.messages.some((one) => one.id === id)).map(({ name }) => name)
}

async function inAddressBook(...phones: Phone[]): Promise<void> {
  await trunk.store.chats.upsertContacts(
    'ana',
    phones.map(({ jid, name }) => ({ id: jid, name })),
  )
}

describe('a status of the account', () => {
  it.each([
    ['everybody in the address book', 'contacts', [], ['Ana', 'Ben', 'Carol']],
    ['all of them but some', 'blacklist', ['15550000002'], ['Ana', 'Carol']],
    ['some alone', 'whitelist', ['15550000004'], ['Ana', 'Dan']],
  ] as const)('goes to %s, as the phone would send it, and to the own phone', async (_, type, people, readers) => {
    await inAddressBook(ben, carol)
    // Whom it has met, and has no name for.
    await dan.sendText(ANA, 'who are you')
    await trunk.heardEvent('message', 'ana')
    await ana.setStatusPrivacy(type, [...people])
    const sent = await messages().send({ to: STATUS, text: 'at the sea' })
    expect(sent).toMatchObject({ chatId: STATUS, status: 'sent', text: 'at the sea', fromMe: true })
    expect(await readersOf(sent.id)).toEqual(readers)
    const reader = [ben, carol, dan].find(({ name }) => name === readers.at(-1))
    const { message, chat, from } = (await reader?.waitForMessage({ id: sent.id })) ?? {}
    expect({ chat, from }).toEqual({ chat: STATUS, from: ana.jid })
    expect(message?.extendedTextMessage?.text).toBe('at the sea')
    expect(await trunk.manager.chat('ana', STATUS)).toMatchObject({ kind: 'status', unreadCount: 0 })
  })

  it('may be a film, and is taken back where it went', async () => {
    await ana.setStatusPrivacy('whitelist', [ben.number])
    const data = Buffer.from('a film of the sea').toString('base64')
    const { id } = await messages().send({
      to: STATUS,
      type: 'video',
      media: { data, mimetype: 'video/mp4' },
      caption: 'sea',
    })
    const { message } = await ben.waitForMessage({ id })
    expect(message.videoMessage?.caption).toBe('sea')
    expect((await ben.fileOf(id)).toString()).toBe('a film of the sea')
    expect(await messages().delete({ id })).toMatchObject({ deletedAt: expect.any(String) })
    await ben.waitForMessage(({ message: one }) => one.protocolMessage?.key?.id === id)
    expect(ben.shown(STATUS)).toMatchObject([{ id, deleted: true }])
  })

  it('is not sent into the chat with a reader who could not decrypt it', async () => {
    await ana.setStatusPrivacy('whitelist', [ben.number])
    const stanza = { number: ANA, device: 1, direction: 'in', tag: 'message' } as const
    live.simulator.faults.on(stanza, { do: 'corrupt' }, { times: 1 })
    const { id } = await messages().send({ to: STATUS, text: 'for all' })
    const later = await messages().send({ to: ben.number, text: 'for Ben' })
    await ben.waitForMessage({ id: later.id })
    await ben.idle()
    expect(ben.messages.filter((one) => one.id === id)).toEqual([])
  })

  it('is no poll, answers nothing, and takes no reaction', async () => {
    const poll = { to: STATUS, type: 'poll', question: 'When?', options: ['a', 'b'] } as const
    for (const [content, field] of [
      [{ ...poll, options: ['a', 'b'] }, 'type'],
      [{ to: STATUS, text: 'yes', quotedMessageId: 'M' }, 'quotedMessageId'],
    ] as const)
      await expect(messages().send(content as never)).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
        details: { errors: [{ field }] },
      })
    const { id } = await messages().send({ to: STATUS, text: 'mine' })
    await expect(messages().react({ id }, '👍')).rejects.toMatchObject({ code: 'MESSAGE_NOT_CHANGEABLE' })
    await expect(trunk.manager.session('ana').chats.archive(STATUS)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      details: { errors: [{ field: 'chatId' }] },
    })
  })
})

describe('a status of somebody else', () => {
  it('comes as what it is, counts as unread nowhere, and is taken back', async () => {
    await trunk.manager.update('ana', { settings: { readOnReceive: true } })
    await ben.setStatusPrivacy('whitelist', [ANA])
    const { id } = await ben.sendText(STATUS, 'in the hills')
    const { message } = await trunk.heardEvent('message', 'ana', (heard) => heard.message.id === id)
    expect(message).toMatchObject({ chatId: STATUS, senderId: ben.lid, fromMe: false, text: 'in the hills' })
    expect(await trunk.manager.chat('ana', STATUS)).toMatchObject({ kind: 'status', unreadCount: 0 })
    const { items } = await trunk.manager.session('ana').chats.list({ kind: 'individual' })
    expect(items).toEqual([])
    await ben.deleteMessage(id)
    await trunk.heardEvent('message.deleted', 'ana', (heard) => heard.message.id === id)
    expect(ben.receipts.filter(({ type }) => type === 'read')).toEqual([])
  })
})
