import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../src/index.js'
import { eventually, Live } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'

describe('linking', () => {
  let live: Live

  beforeEach(async () => {
    live = await Live.start('linking')
  })

  afterEach(() => live[Symbol.asyncDispose]())

  it('links by a code that is typed on the phone', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.manager.create({ id: 'ana', start: false })
    const code = await trunk.manager.requestPairingCode('ana', { phone: `+${ANA}` })
    expect(code).toMatchObject({ sessionId: 'ana', phone: ANA, code: expect.stringMatching(/^[A-Z0-9]{8}$/) })
    expect(Date.parse(code.expiresAt)).toBeGreaterThan(Date.now() + 60_000)
    expect((await trunk.manager.get('ana')).status).toBe('awaiting_code')
    expect(trunk.events('pairing-code', 'ana')).toHaveLength(1)
    await ana.enterPairingCode(code.code)
    await trunk.status('ana', 'connected')
    await expect(trunk.manager.requestPairingCode('ana', { phone: ANA })).rejects.toMatchObject({
      code: 'SESSION_ALREADY_LINKED',
    })
    expect(live.simulator.unhandled).toEqual([])
    expect(live.simulator.violations).toEqual([])
  })

  it('leaves nothing behind of a pairing code that nobody typed: the next start links again', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.manager.create({ id: 'ana' })
    await trunk.manager.requestPairingCode('ana', { phone: ANA })
    await trunk.manager.stopSession('ana')
    const from = trunk.heard.length
    await trunk.manager.startSession('ana')
    const { qr } = await trunk.heardEvent('qr', 'ana', undefined, from)
    await ana.scanQr(qr)
    await trunk.status('ana', 'connected', from)
  })

  it('links again at once when the connection drops while the QR is shown', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.manager.create({ id: 'ana' })
    await trunk.heardEvent('qr', 'ana')
    const from = trunk.heard.length
    live.simulator.faults.dropAll()
    const { qr } = await trunk.heardEvent('qr', 'ana', undefined, from)
    await ana.scanQr(qr)
    await trunk.status('ana', 'connected', from)
  })

  it('shows the QR as it is now by a call, too', async () => {
    const trunk = live.manager()
    await trunk.manager.create({ id: 'ana' })
    const event = await trunk.heardEvent('qr', 'ana')
    expect(await trunk.manager.qr('ana')).toMatchObject({ qr: event.qr, attempt: 1, maxAttempts: 6 })
    await trunk.manager.stopSession('ana')
    await expect(trunk.manager.qr('ana')).rejects.toMatchObject({ code: 'QR_NOT_AVAILABLE' })
  })

  it('says that WhatsApp asks for a passkey, and goes on when it was given', async () => {
    const ana = await live.simulator.createPhone({ number: ANA, name: 'Ana', passkeyRequired: true })
    const trunk = live.manager()
    await trunk.manager.create({ id: 'ana' })
    const { qr } = await trunk.heardEvent('qr', 'ana')
    await ana.scanQr(qr).catch(() => undefined)
    await trunk.status('ana', 'passkey_required')
    expect(await trunk.manager.get('ana')).toMatchObject({
      statusReason: { code: 'PASSKEY_REQUIRED', action: expect.any(String) },
    })
  })

  it('signs the link only once its credentials are stored: no crash leaves a device that nobody has the keys of', async () => {
    const store = createMemoryStore()
    const order: string[] = []
    const { commit } = store.auth
    store.auth.commit = async (...parameters) => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      await commit(...parameters)
      if (parameters[1].creds) order.push('stored')
    }
    live.simulator.tap(({ direction, node }) => {
      const signed = Array.isArray(node.content) && node.content.some(({ tag }) => tag === 'pair-device-sign')
      if (direction === 'in' && signed) order.push('signed')
    })
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager({ store })
    await trunk.manager.create({ id: 'ana' })
    const { qr } = await trunk.heardEvent('qr', 'ana')
    order.length = 0
    await ana.scanQr(qr)
    expect(order.slice(0, 2)).toEqual(['stored', 'signed'])
  })

  it('keeps the history that the phone sends at linking as chats and messages, without announcing each one', async () => {
    const carol = await live.phone(CAROL, 'Carol')
    const messages = [
      { text: 'one', at: '2026-01-01T10:00:00Z' },
      { text: 'two', fromMe: true, at: '2026-01-01T10:01:00Z' },
      { text: 'three', at: '2026-01-01T10:02:00Z' },
    ]
    const history = [{ with: CAROL, name: 'Carol', unreadCount: 1, messages }]
    const ana = await live.simulator.createPhone({ number: ANA, name: 'Ana', history })
    const trunk = live.manager()
    await trunk.link('ana', ana)
    const { items } = await eventually(
      () => trunk.manager.messages('ana', { chatId: CAROL }),
      (page) => page.items.length === 3,
    )
    expect(items.map(({ text, source }) => [text, source])).toEqual([
      ['three', 'history'],
      ['two', 'history'],
      ['one', 'history'],
    ])
    expect(await trunk.manager.chat('ana', CAROL)).toMatchObject({ id: carol.lid, phone: CAROL })
    expect(trunk.events('message', 'ana')).toEqual([])
  })
})
