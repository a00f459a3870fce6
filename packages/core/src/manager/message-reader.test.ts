import { ALICE, ALICE_LID, at, BOB, BOB_LID, GROUP, ME, message } from '@trunkline/conformance/fixtures'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryStore } from '../memory/memory-store.js'
import type { Store } from '../ports/store.js'
import { MessageReader } from './message-reader.js'

const CAROL = '15550000003@s.whatsapp.net'

describe('a message that names people by their numbers, when their other address is known later', () => {
  let store: Store
  let reader: MessageReader

  beforeEach(async () => {
    store = createMemoryStore()
    reader = new MessageReader(store)
    await store.messages.upsert('s', [
      message({
        id: 'A',
        chatId: GROUP,
        senderId: ME,
        type: 'poll',
        mentions: [ALICE, CAROL, ALICE_LID],
        quoted: { chatId: BOB, senderId: BOB, text: 'before' },
        notice: { kind: 'x', people: [BOB] },
        reactions: [{ senderId: BOB, emoji: '👍', at: at(1) }],
        poll: {
          question: 'q',
          options: [{ name: 'a', voters: [BOB] }],
          selectableCount: 1,
          votes: [{ voterId: BOB, at: at(1) }],
        },
        event: { name: 'e', responses: [{ senderId: ALICE, response: 'going', at: at(1) }] },
      }),
    ])
    await store.chats.mapIdentities('s', [
      { pn: ALICE, lid: ALICE_LID },
      { pn: BOB, lid: BOB_LID },
    ])
  })

  const canonical = {
    mentions: [ALICE_LID, CAROL],
    quoted: { chatId: BOB_LID, senderId: BOB_LID, text: 'before' },
    notice: { people: [BOB_LID] },
    reactions: [{ senderId: BOB_LID }],
    poll: { options: [{ voters: [BOB_LID] }], votes: [{ voterId: BOB_LID }] },
    event: { responses: [{ senderId: ALICE_LID }] },
  }

  it('is read with the address that counts by now: in pages, alone, and as the last of its chat', async () => {
    expect((await reader.page('s', {})).items).toMatchObject([canonical])
    expect(await reader.message('s', { id: 'A' }, {})).toMatchObject(canonical)
    expect(await reader.message('s', { id: 'A' }, { raw: true })).toMatchObject(canonical)
    expect((await reader.chats('s', {})).items).toMatchObject([{ id: GROUP, lastMessage: canonical }])
    expect(await reader.chat('s', GROUP)).toMatchObject({ lastMessage: canonical })
  })

  it('costs one look-up for a page, and none where everybody has one address', async () => {
    await store.messages.upsert(
      's',
      Array.from({ length: 9 }, (_, n) => message({ id: `${n}`, chatId: GROUP, senderId: CAROL, timestamp: at(n) })),
    )
    const resolve = vi.spyOn(store.chats, 'resolve')
    expect((await reader.page('s', { chatId: GROUP })).items).toHaveLength(10)
    expect(resolve).toHaveBeenCalledTimes(1)
    await store.messages.removeAll('s')
    await store.messages.upsert('s', [message({ id: 'L', chatId: ALICE_LID, senderId: ALICE_LID })])
    resolve.mockClear()
    expect((await reader.page('s', {})).items).toHaveLength(1)
    expect(resolve).not.toHaveBeenCalled()
  })

  it('is found by its sender in any form', async () => {
    await store.messages.upsert('s', [
      message({ id: 'B', chatId: GROUP, senderId: ALICE_LID }),
      message({ id: 'B', chatId: GROUP, senderId: BOB_LID, text: 'of Bob' }),
    ])
    for (const senderId of [BOB_LID, BOB, '+1 555 000 0002', '15550000002:3@s.whatsapp.net'])
      expect(await reader.message('s', { id: 'B', senderId }, {})).toMatchObject({ text: 'of Bob' })
    await expect(reader.message('s', { id: 'B', senderId: 'bob' }, {})).rejects.toMatchObject({
      code: 'RECIPIENT_INVALID',
      details: { field: 'senderId' },
    })
  })

  it('leaves a page without a chat as it is', async () => {
    await store.chats.upsert('s', [{ id: CAROL, name: 'Carol' }])
    expect((await reader.chats('s', {})).items.map(({ id }) => id)).toEqual([GROUP, CAROL])
  })
})
