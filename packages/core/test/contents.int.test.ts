import type { Phone } from '@trunkline/simulator'
import { proto } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'
const anaJid = `${ANA}@s.whatsapp.net`

describe('what messages hold', () => {
  let live: Live
  let trunk: LiveManager
  let carol: Phone

  beforeEach(async () => {
    live = await Live.start('contents')
    const ana = await live.phone(ANA, 'Ana')
    carol = await live.phone(CAROL, 'Carol')
    trunk = live.manager()
    await trunk.link('ana', ana)
  })

  afterEach(() => live[Symbol.asyncDispose]())

  const received = (id: string) => trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
  const chat = () => trunk.manager.chat('ana', CAROL)

  it('gives a bot the words and the id of what was tapped', async () => {
    const { id } = await carol.send(ANA, {
      templateButtonReplyMessage: { selectedId: 'y', selectedDisplayText: 'Yes' },
    })
    const { message } = await received(id)
    expect(message).toMatchObject({ type: 'text', text: 'Yes', selection: { id: 'y' } })
    expect(await chat()).toMatchObject({ unreadCount: 1, lastMessage: { text: 'Yes' } })
  })

  it('reads what a business sends, and lists it', async () => {
    const { id } = await carol.send(ANA, {
      lottieStickerMessage: { message: { stickerMessage: { mimetype: 'application/was', isAnimated: true } } },
    })
    await received(id)
    const template = await carol.send(ANA, {
      templateMessage: { hydratedTemplate: { hydratedContentText: 'Hi, this is a reminder' } },
    })
    await received(template.id)
    const { items } = await trunk.manager.messages('ana', { chatId: CAROL })
    expect(items.map(({ type, text }) => [type, text])).toEqual([
      ['interactive', 'Hi, this is a reminder'],
      ['sticker', undefined],
    ])
  })

  it('takes what has no bubble for no message, and keeps it as it came', async () => {
    const { id } = await carol.sendText(ANA, 'pin me')
    await received(id)
    const pin = { pinInChatMessage: { key: { remoteJid: anaJid, id }, type: 1, senderTimestampMs: 1 } }
    const pinned = await carol.send(ANA, pin)
    await trunk.heardEvent('message.notice', 'ana', ({ message }) => message.id === pinned.id)
    const newer = await carol.send(ANA, { messageContextInfo: { messageAddOnDurationInSecs: 5 } })
    await trunk.heardEvent('message.notice', 'ana', ({ message }) => message.id === newer.id)

    expect(trunk.events('message', 'ana')).toHaveLength(1)
    expect(await chat()).toMatchObject({ unreadCount: 1, lastMessage: { id, text: 'pin me' } })
    const { items } = await trunk.manager.messages('ana', { chatId: CAROL })
    expect(items.map(({ type }) => type).sort()).toEqual(['text', 'unknown'])
    const [hidden] = await trunk.store.messages.find('ana', { id: pinned.id })
    expect(proto.Message.decode(hidden?.raw ?? new Uint8Array()).pinInChatMessage?.key?.id).toBe(id)
  })
})
