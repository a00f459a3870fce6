import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'

describe('what is done to chats on the own phone', () => {
  let live: Live
  let trunk: LiveManager
  let ana: Phone
  let carol: Phone
  let ids: string[]

  beforeEach(async () => {
    live = await Live.start('own-phone')
    ana = await live.phone(ANA, 'Ana')
    carol = await live.phone(CAROL, 'Carol')
    trunk = live.manager()
    await trunk.link('ana', ana)
    ids = []
    for (const text of ['one', 'two']) {
      const { id } = await carol.sendText(ANA, text)
      ids.push(id)
      await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
    }
  })

  afterEach(() => live[Symbol.asyncDispose]())

  const chat = () => trunk.manager.chat('ana', CAROL)
  const texts = async () => (await trunk.manager.messages('ana', { chatId: CAROL })).items.map(({ text }) => text)
  /** Of which messages somebody means them all, as phones say it. */
  const upTo = (seconds = Math.floor(Date.now() / 1_000) + 5) => [
    { key: { remoteJid: carol.jid, id: ids[1], fromMe: false }, messageTimestamp: seconds },
  ]
  const changed = async (act: () => Promise<void>) => {
    const from = trunk.heard.length
    await act()
    await trunk.heardEvent('chat.updated', 'ana', undefined, from)
  }

  it('archives, pins and mutes them, and takes that back', async () => {
    const until = Date.UTC(2030, 0, 1)
    await changed(() => ana.changeChat(CAROL, { archive: true, lastMessages: upTo() }))
    await changed(() => ana.changeChat(CAROL, { pin: true }))
    await changed(() => ana.changeChat(CAROL, { mute: until }))
    expect(await chat()).toMatchObject({ archived: true, pinned: true, mutedUntil: new Date(until).toISOString() })
    await changed(() => ana.changeChat(CAROL, { archive: false, lastMessages: upTo() }))
    await changed(() => ana.changeChat(CAROL, { pin: false }))
    await changed(() => ana.changeChat(CAROL, { mute: null }))
    expect(await chat()).toMatchObject({ archived: false, pinned: false })
    expect(await chat()).not.toHaveProperty('mutedUntil')
  })

  it('puts a star on a message, and takes it off', async () => {
    const star = (isOn: boolean) =>
      ana.changeChat(CAROL, { star: { messages: [{ id: ids[0] ?? '', fromMe: false }], star: isOn } })
    await star(true)
    const { message } = await trunk.heardEvent('message.starred', 'ana')
    expect(message).toMatchObject({ id: ids[0], starred: true })
    const from = trunk.heard.length
    await star(false)
    await trunk.heardEvent('message.starred', 'ana', undefined, from)
    expect(await trunk.manager.message('ana', { id: ids[0] ?? '' })).not.toHaveProperty('starred')
  })

  it('deletes a chat with its messages', async () => {
    const { id: chatId } = await chat()
    await ana.changeChat(CAROL, { delete: true, lastMessages: upTo() })
    expect(await trunk.heardEvent('chat.deleted', 'ana')).toMatchObject({ chatId })
    await expect(chat()).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' })
    expect(await texts()).toEqual([])
  })

  it('empties a chat and keeps it', async () => {
    await changed(() => ana.changeChat(CAROL, { clear: true, lastMessages: upTo() }))
    expect(await chat()).toMatchObject({ unreadCount: 0 })
    expect(await chat()).not.toHaveProperty('lastMessage')
    expect(await texts()).toEqual([])
  })

  it('deletes nothing that was written after it was done there', async () => {
    const from = trunk.heard.length
    await ana.changeChat(CAROL, { delete: true, lastMessages: upTo(1_600_000_000) })
    await trunk.heardEvent('chat.updated', 'ana', undefined, from)
    expect(await texts()).toEqual(['two', 'one'])
  })

  it('is followed when it was done while nobody listened', async () => {
    await trunk.manager.stopSession('ana')
    await ana.changeChat(CAROL, { pin: true })
    await ana.changeChat(CAROL, { delete: true, lastMessages: upTo() })
    await trunk.manager.startSession('ana')
    await trunk.heardEvent('chat.deleted', 'ana')
    await expect(chat()).rejects.toMatchObject({ code: 'CHAT_NOT_FOUND' })
  })

  it('is followed in every part that the server names at once', async () => {
    await live.simulator.faults.on(
      { number: ANA, direction: 'out', tag: 'notification', type: 'server_sync' },
      {
        do: 'replace',
        with: (stanza) => ({
          ...stanza,
          content: ['critical_block', 'regular_low'].map((name) => ({
            tag: 'collection',
            attrs: { name, version: '9' },
          })),
        }),
      },
      { times: 1 },
    )
    await changed(() => ana.changeChat(CAROL, { pin: true }))
    expect((await chat()).pinned).toBe(true)
  })
})
