import type { Phone } from '@trunkline/simulator'
import { proto } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type Store } from '../src/index.js'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'
const DAY = 86_400
const { EPHEMERAL_SETTING } = proto.Message.ProtocolMessage.Type

describe('chats whose messages disappear', () => {
  let live: Live
  let store: Store
  let trunk: LiveManager
  let ana: Phone
  let carol: Phone

  beforeEach(async () => {
    live = await Live.start('disappearing')
    ana = await live.phone(ANA, 'Ana')
    carol = await live.phone(CAROL, 'Carol')
    store = createMemoryStore()
    trunk = live.manager({ store })
    await trunk.link('ana', ana)
  })

  afterEach(() => live[Symbol.asyncDispose]())

  const setting = (seconds: number) => ({
    protocolMessage: { type: EPHEMERAL_SETTING, ephemeralExpiration: seconds },
  })
  const chatWith = (seconds: number | undefined, session = trunk) =>
    session.heardEvent('chat.updated', 'ana', ({ chat }) => chat.disappearsAfterSeconds === seconds)

  /** After how many seconds the message disappears from Carol's phone. */
  async function sentWith(text: string, session = trunk): Promise<number | null | undefined> {
    const { disappearsAfterSeconds } = await session.manager.send('ana', { to: CAROL, text })
    const { message } = await carol.waitForMessage(text)
    const expiration = message.extendedTextMessage?.contextInfo?.expiration || undefined
    expect(disappearsAfterSeconds).toBe(expiration)
    return expiration
  }

  it('get answers that disappear, as the other side has set it, and no longer when it is taken back', async () => {
    expect(await sentWith('before')).toBeUndefined()
    await carol.send(ANA, { ephemeralMessage: { message: setting(DAY) } })
    await chatWith(DAY)
    expect(await sentWith('while they disappear')).toBe(DAY)
    expect((await trunk.manager.chat('ana', CAROL)).disappearsAfterSeconds).toBe(DAY)
    const from = trunk.heard.length
    await carol.send(ANA, setting(0))
    await trunk.heardEvent('chat.updated', 'ana', ({ chat }) => chat.disappearsAfterSeconds === undefined, from)
    expect(await sentWith('after')).toBeUndefined()
  })

  it('are set on the own phone, too', async () => {
    await ana.send(CAROL, setting(7 * DAY))
    await chatWith(7 * DAY)
    expect(await sentWith('set by me')).toBe(7 * DAY)
  })

  it('are known by a message that disappears, when nobody listened while it was set; quotes keep it', async () => {
    const text = { text: 'gone tomorrow', contextInfo: { expiration: DAY } }
    const { id } = await carol.send(ANA, { extendedTextMessage: text })
    await chatWith(DAY)
    await trunk.manager.send('ana', { to: CAROL, text: 'answer', quotedMessageId: id })
    const { message } = await carol.waitForMessage('answer')
    expect(message.extendedTextMessage?.contextInfo).toMatchObject({ expiration: DAY, stanzaId: id })
  })

  it('are known after a restart, and by the next process', async () => {
    await carol.send(ANA, setting(DAY))
    await chatWith(DAY)
    await trunk.manager.close()
    const next = live.manager({ store })
    await next.manager.start()
    await next.status('ana', 'connected')
    expect(await sentWith('from the next process', next)).toBe(DAY)
  })
})
