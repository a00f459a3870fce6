import type { Phone } from '@trunkline/simulator'
import type { proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'

describe('a message that Baileys decrypts and confirms, and then stumbles over', () => {
  let live: Live
  let trunk: LiveManager
  let carol: Phone

  beforeAll(async () => {
    live = await Live.start('stumbles')
    carol = await live.phone('15550000003', 'Carol')
    trunk = live.manager()
    await trunk.link('ana', await live.phone(ANA, 'Ana'))
  })

  afterAll(() => live[Symbol.asyncDispose]())

  const stored = (id: string) => trunk.manager.message('ana', { id }, { raw: true })

  it.each<[string, proto.IMessage]>([
    ['a reaction to nothing', { reactionMessage: { text: '👍' } }],
    ['a vote in no poll', { pollUpdateMessage: {} }],
    ['a wrapped reaction to nothing', { ephemeralMessage: { message: { reactionMessage: { text: '👍' } } } }],
  ])('is kept at once, and seen by nobody: %s', async (_, content) => {
    const { id } = await carol.send(ANA, content)
    await trunk.heardEvent('message.notice', 'ana', ({ message }) => message.id === id)
    expect(await stored(id)).toMatchObject({ type: 'hidden', raw: expect.anything() })
  })

  it.each<[string, proto.IMessage]>([
    ['with a reaction to nothing', { conversation: 'look at this', reactionMessage: { text: '👍' } }],
    ['with a vote in no poll', { extendedTextMessage: { text: 'look at this' }, pollUpdateMessage: {} }],
  ])('says what is said beside it, once: %s', async (_, content) => {
    const { id } = await carol.send(ANA, content)
    const { message } = await trunk.heardEvent('message', 'ana', (event) => event.message.id === id)
    expect(message).toMatchObject({ text: 'look at this', senderId: carol.lid, source: 'live' })
    await trunk.manager.restartSession('ana')
    const next = await carol.sendText(ANA, 'next')
    await trunk.heardEvent('message', 'ana', (event) => event.message.id === next.id)
    expect(trunk.events('message', 'ana').filter((event) => event.message.id === id)).toHaveLength(1)
  })
})
