import { describe, expect, it } from 'vitest'
import { SessionWorld } from '../../test/support/session-world.js'
import type { StoredMessage } from '../types/message.js'

const CAROL = '15550000003@s.whatsapp.net'
const CAROL_LID = '200000000000003@lid'

async function setUp() {
  const world = await SessionWorld.connected()
  const messages = ['A', 'B', 'C'].map(
    (id, index): StoredMessage => ({
      id,
      sessionId: 's',
      chatId: CAROL_LID,
      senderId: CAROL_LID,
      fromMe: false,
      timestamp: `2026-01-01T00:00:0${index}.000Z`,
      type: 'text',
      text: `text of ${id}`,
      reactions: [],
      status: 'delivered',
      source: 'live',
    }),
  )
  await world.store.chats.mapIdentities('s', [{ pn: CAROL, lid: CAROL_LID }])
  await world.store.messages.upsert('s', messages)
  const unread = async () => (await world.store.chats.get('s', CAROL_LID))?.unreadCount
  return { world, connection: world.connector.last, unread }
}

describe('what the account does on another device', () => {
  it('reads up to the last message that was read, under either address; what came after it stays unread', async () => {
    const { world, connection, unread } = await setUp()
    await connection.emit({ type: 'read', chatId: CAROL, ids: ['B', 'A'] })
    expect(await unread()).toBe(1)
    expect(world.heard('chat.updated')).toMatchObject([{ chat: { id: CAROL_LID, unreadCount: 1 } }])
    await connection.emit({ type: 'read', chatId: CAROL_LID, ids: ['A'] })
    expect(await unread()).toBe(1)
    await connection.emit({ type: 'read', chatId: CAROL_LID, ids: ['C'] })
    expect(await unread()).toBe(0)
    await connection.emit({ type: 'read', chatId: CAROL_LID, ids: ['C'] })
    expect(world.heard('chat.updated')).toHaveLength(2)
  })

  it('says nothing of messages and chats that are not here', async () => {
    const { world, connection, unread } = await setUp()
    await connection.emit({ type: 'read', chatId: CAROL, ids: ['Z'] })
    await connection.emit({ type: 'read', chatId: '15550000009@s.whatsapp.net', ids: ['A'] })
    await connection.emit({ type: 'removed', chatId: CAROL, ids: ['Z'] })
    expect(await unread()).toBe(3)
    expect([...world.heard('chat.updated'), ...world.heard('message.deleted')]).toEqual([])
  })

  it('deletes for the account alone', async () => {
    const { world, connection } = await setUp()
    await connection.emit({ type: 'removed', chatId: CAROL, ids: ['B'] })
    const [message] = await world.store.messages.find('s', { id: 'B', chatId: CAROL_LID })
    expect(message).toMatchObject({ deletedAt: expect.any(String) })
    expect(message).not.toHaveProperty('text')
    expect(world.heard('message.deleted')).toMatchObject([{ message: { id: 'B' } }])
  })
})
