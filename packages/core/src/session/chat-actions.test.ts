import { describe, expect, it } from 'vitest'
import { SessionWorld } from '../../test/support/session-world.js'
import type { ChatDeed } from '../types/chat.js'

const BEN = '200000000000002@lid'

async function world(texts = 1): Promise<SessionWorld> {
  const made = await SessionWorld.connected()
  for (let number = 1; number <= texts; number += 1) await write(made, `I${number}`)
  return made
}

const write = ({ connector }: SessionWorld, id: string) => connector.last.receive({ from: BEN, text: id, id })

const act = ({ session }: SessionWorld, deed: ChatDeed) => session.execute({ kind: 'chat', chatId: BEN, deed }, {})

const chat = ({ store }: SessionWorld) => store.chats.get('s', BEN)

describe('reading a chat', () => {
  it('leaves unread what comes meanwhile', async () => {
    const made = await world(2)
    made.connector.last.onChangeChat = () => write(made, 'LATE')
    await act(made, { kind: 'read', read: true })
    expect(made.connector.last.markedRead).toEqual(['I2', 'I1'])
    expect(await chat(made)).toMatchObject({ unreadCount: 1 })
  })

  it('marks hundreds of messages, and names the newest', async () => {
    const made = await world(450)
    await act(made, { kind: 'read', read: true })
    expect(new Set(made.connector.last.markedRead).size).toBe(450)
    expect(made.connector.last.changedChats).toMatchObject([
      { chatId: BEN, action: { kind: 'read', read: true, newest: { id: 'I450' } } },
    ])
    expect(await chat(made)).toMatchObject({ unreadCount: 0 })
  })

  it('tells nobody twice, and takes away a dot that has no message', async () => {
    const made = await world(1)
    await act(made, { kind: 'read', read: true })
    await act(made, { kind: 'read', read: false })
    expect(await chat(made)).toMatchObject({ unreadCount: 1 })
    await act(made, { kind: 'clear', keepStarred: false })
    await act(made, { kind: 'read', read: false })
    await act(made, { kind: 'read', read: true })
    expect(await chat(made)).toMatchObject({ unreadCount: 0 })
    expect(made.connector.last.markedRead).toEqual(['I1'])
  })
})

it('nothing is changed here that WhatsApp did not take', async () => {
  const made = await world(1)
  made.connector.last.onChangeChat = () => Promise.reject(new Error('refused'))
  const deeds: ChatDeed[] = [
    { kind: 'archive', archived: true },
    { kind: 'pin', pinned: true },
    { kind: 'mute' },
    { kind: 'read', read: true },
    { kind: 'clear', keepStarred: false },
    { kind: 'delete' },
  ]
  const before = await chat(made)
  for (const deed of deeds) await expect(act(made, deed)).rejects.toThrow('refused')
  expect(await chat(made)).toEqual(before)
  expect(await made.store.messages.count('s')).toBe(1)
})

it('what has come since a chat was emptied stays', async () => {
  const made = await world(1)
  made.connector.last.onChangeChat = () =>
    made.connector.last.receive({ from: BEN, text: 'late', id: 'LATE', at: '2026-01-01T00:00:01.000Z' })
  await act(made, { kind: 'delete' })
  const { items } = await made.store.messages.page('s', { chatId: BEN, limit: 9 })
  expect(items.map(({ id }) => id)).toEqual(['LATE'])
  expect(await chat(made)).toMatchObject({ lastMessage: { id: 'LATE' } })
})

it('older messages are asked for before the oldest one that is here', async () => {
  const made = await world(3)
  await act(made, { kind: 'history', count: 20 })
  expect(made.connector.last.askedHistory).toEqual([{ before: 'I1', count: 20 }])
  await act(made, { kind: 'clear', keepStarred: false })
  await expect(act(made, { kind: 'history', count: 20 })).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' })
})
