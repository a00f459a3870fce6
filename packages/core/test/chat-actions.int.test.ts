import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

let live: Live
let trunk: LiveManager
let ana: Phone
let ben: Phone

beforeEach(async () => {
  live = await Live.start('chat-actions')
  ana = await live.phone(ANA, 'Ana')
  ben = await live.phone(BEN, 'Ben')
  await live.phone(CAROL, 'Carol')
  trunk = live.manager()
  await trunk.link('ana', ana)
})

afterEach(() => live[Symbol.asyncDispose]())

const chats = () => trunk.manager.session('ana').chats
const messages = () => trunk.manager.session('ana').messages
const stored = (chat: string) => trunk.manager.chat('ana', chat)

/** A message that has come in. */
async function written(to: string, text: string): Promise<string> {
  const { id } = await ben.sendText(to, text)
  await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
  return id
}

async function group(): Promise<string> {
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: BEN, participants: [ANA, CAROL] })
  return jid
}

describe.each(['a person', 'a group'])('a chat with %s', (kind) => {
  /** As the account names the chat, and as Ben writes to it. */
  let chat: string
  let address: string
  let first: string

  beforeEach(async () => {
    address = kind === 'a group' ? await group() : ANA
    chat = kind === 'a group' ? address : BEN
    first = await written(address, 'one')
  })

  const onPhone = () => ana.chatSettings(chat)

  it('is archived, pinned and muted, here and on the phone, and all of it is taken back', async () => {
    expect(await chats().pin(chat)).toMatchObject({ pinned: true })
    expect(await chats().mute(chat)).toMatchObject({ mutedUntil: '9999-12-31T00:00:00.000Z' })
    expect(await onPhone()).toMatchObject({ pinned: true, archived: false, mutedUntil: -1 })
    expect(await chats().archive(chat)).toMatchObject({ archived: true, pinned: false })
    expect(await chats().mute(chat, { until: '2030-01-01T00:00:00.000Z' })).toMatchObject({
      mutedUntil: '2030-01-01T00:00:00.000Z',
    })
    expect(await onPhone()).toMatchObject({ pinned: false, archived: true, mutedUntil: Date.UTC(2030, 0, 1) })
    const back = await Promise.all([chats().unarchive(chat), chats().unpin(chat), chats().unmute(chat)])
    expect(back).toHaveLength(3)
    expect(await stored(chat)).toMatchObject({ archived: false, pinned: false })
    expect(await stored(chat)).not.toHaveProperty('mutedUntil')
    expect(await onPhone()).toMatchObject({ pinned: false, archived: false })
    expect(await onPhone()).not.toHaveProperty('mutedUntil')
    expect(trunk.events('chat.updated', 'ana').length).toBeGreaterThan(5)
  })

  it('is read, and who wrote is told of every message; what is marked as unread has a dot', async () => {
    const others = [await written(address, 'two'), await written(address, 'three')]
    expect(await stored(chat)).toMatchObject({ unreadCount: 3 })
    expect(await chats().read(chat)).toMatchObject({ unreadCount: 0 })
    await eventually(
      () => ben.receipts.filter(({ type }) => type === 'read').flatMap(({ ids }) => ids),
      (ids) => [first, ...others].every((id) => ids.includes(id)),
    )
    expect(await onPhone()).toMatchObject({ markedUnread: false })
    expect(await chats().unread(chat)).toMatchObject({ unreadCount: 1 })
    expect(await onPhone()).toMatchObject({ markedUnread: true })
    expect(await chats().read(chat)).toMatchObject({ unreadCount: 0 })
    expect(await onPhone()).toMatchObject({ markedUnread: false })
  })

  it('keeps messages with a star when it is emptied, and is gone when it is deleted', async () => {
    const second = await written(address, 'two')
    expect(await messages().star({ id: first }, true)).toMatchObject({ starred: true })
    expect(await onPhone()).toMatchObject({ starred: [first] })
    await chats().clear(chat, { keepStarred: true })
    expect((await messages().list({ chatId: chat })).items.map(({ id }) => id)).toEqual([first])
    expect(await messages().star({ id: first }, false)).not.toHaveProperty('starred')
    expect(await onPhone()).toMatchObject({ starred: [], clearedUntil: expect.any(Number) })
    await expect(messages().get({ id: second })).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' })
    await chats().delete(chat)
    await expect(stored(chat)).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' })
    expect(await onPhone()).toMatchObject({ deletedUntil: expect.any(Number) })
    await trunk.heardEvent('chat.deleted', 'ana')
    // Whoever writes again has a chat again.
    await written(address, 'three')
    expect(await stored(chat)).toMatchObject({ unreadCount: 1 })
  })

  it('loses a message for the account alone', async () => {
    expect(await messages().delete({ id: first }, { for: 'me' })).toMatchObject({ deletedAt: expect.any(String) })
    expect(await onPhone()).toMatchObject({ deletedForMe: [first] })
    expect(ben.shown(kind === 'a group' ? address : ANA)).toMatchObject([{ id: first, deleted: false }])
  })

  it('shows that somebody types, records, and has stopped', async () => {
    for (const state of ['composing', 'recording', 'paused'] as const) {
      await chats().sendPresence(chat, state)
      await eventually(
        () => ben.typing.at(-1)?.state,
        (shown) => shown === state,
      )
    }
  })
})

it('changes of the phone and of the account at the same time are all there in the end', async () => {
  await written(ANA, 'one')
  await trunk.manager.send('ana', { to: CAROL, text: 'hello' })
  const changes = [
    ...[true, false, true].map((pin) => ana.changeChat(BEN, { pin })),
    ...[1, 2, 3, 4].map((day) => ana.changeChat(CAROL, { mute: Date.UTC(2030, 0, day) })),
    chats().archive(BEN),
    chats().mute(BEN, { until: '2031-01-01T00:00:00.000Z' }),
    chats().pin(CAROL),
    chats().unread(CAROL),
  ]
  await Promise.all(changes)
  const both = async () => [await ana.chatSettings(BEN), await ana.chatSettings(CAROL)]
  expect(await both()).toMatchObject([
    { archived: true, mutedUntil: Date.UTC(2031, 0, 1) },
    { pinned: true, markedUnread: true, mutedUntil: Date.UTC(2030, 0, 4) },
  ])
  await eventually(
    () => stored(CAROL),
    ({ mutedUntil }) => mutedUntil === '2030-01-04T00:00:00.000Z',
  )
  expect(await stored(BEN)).toMatchObject({ archived: true, mutedUntil: '2031-01-01T00:00:00.000Z' })
})

it('a change that WhatsApp refuses is not done, and the next one is', async () => {
  await written(ANA, 'one')
  const refuse = live.simulator.faults.on(
    { number: ANA, direction: 'in', tag: 'iq', xmlns: 'w:sync:app:state' },
    { do: 'error', code: 400, text: 'bad-request' },
  )
  await expect(chats().archive(BEN)).rejects.toMatchObject({ code: 'CHAT_CHANGE_FAILED' })
  expect(await stored(BEN)).toMatchObject({ archived: false })
  refuse.remove()
  expect(await chats().archive(BEN)).toMatchObject({ archived: true })
  expect(await ana.chatSettings(BEN)).toMatchObject({ archived: true })
})

it('older messages come from the phone when they are asked for', async () => {
  const history = Array.from({ length: 5 }, (_, place) => ({
    id: `OLD${place}`,
    text: `old ${place}`,
    at: new Date(Date.UTC(2025, 0, 1, 0, place)).toISOString(),
  }))
  await ana.setHistory([{ with: BEN, messages: history }])
  await written(ANA, 'new')
  await chats().requestHistory(BEN, { count: 3 })
  await trunk.heardEvent('history.progress', 'ana', (event) => event.messages === 3)
  const texts = (await messages().list({ chatId: BEN })).items.map(({ text }) => text)
  expect(texts).toEqual(['new', 'old 4', 'old 3', 'old 2'])
})

it('what is no chat is not changed', async () => {
  await expect(chats().archive('15550000009')).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' })
  await expect(chats().archive('nobody')).rejects.toMatchObject({ code: 'RECIPIENT_INVALID' })
  await written(ANA, 'one')
  await expect(chats().mute(BEN, { until: 'tomorrow' })).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    details: { errors: [{ field: 'until' }] },
  })
  await trunk.manager.stopSession('ana')
  await expect(chats().archive(BEN)).rejects.toMatchObject({ code: 'SESSION_NOT_CONNECTED' })
})

it('the timer of a chat with a person is set and ended, on both sides', async () => {
  await written(ANA, 'one')
  expect(await chats().setDisappearing(BEN, 604_800)).toMatchObject({ disappearsAfterSeconds: 604_800 })
  for (const phone of [ben, ana]) {
    const { message } = await phone.waitForMessage(({ message }) => Boolean(message.ephemeralMessage))
    expect(message.ephemeralMessage?.message?.protocolMessage).toMatchObject({ type: 3, ephemeralExpiration: 604_800 })
  }
  const { message: line } = await trunk.heardEvent('message.notice', 'ana')
  expect(line).toMatchObject({
    type: 'system',
    fromMe: true,
    status: 'sent',
    notice: { kind: 'disappearing_messages', value: '604800' },
  })
  const sent = await messages().send({ to: BEN, text: 'goes' })
  expect(sent).toMatchObject({ disappearsAfterSeconds: 604_800 })
  const got = await ben.waitForMessage({ id: sent.id })
  expect(got.message.extendedTextMessage?.contextInfo?.expiration).toBe(604_800)
  expect(await chats().setDisappearing(BEN, 0)).not.toHaveProperty('disappearsAfterSeconds')
  expect(await messages().send({ to: BEN, text: 'stays' })).not.toHaveProperty('disappearsAfterSeconds')
  await expect(chats().setDisappearing(BEN, 5 as never)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  await expect(chats().setDisappearing('120363000000000001@g.us', 0)).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
  })
})
