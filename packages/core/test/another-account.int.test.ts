import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

describe('another account under the id of a session that was linked before', () => {
  let live: Live
  let trunk: LiveManager
  let ana: Phone
  let ben: Phone
  let carol: Phone

  beforeEach(async () => {
    live = await Live.start('another-account')
    ana = await live.phone(ANA, 'Ana')
    ben = await live.phone(BEN, 'Ben')
    carol = await live.phone(CAROL, 'Carol')
    trunk = live.manager()
    await trunk.link('shop', ana)
    await carol.sendText(ANA, 'for Ana')
    await trunk.heardEvent('message', 'shop')
    await trunk.manager.logoutSession('shop')
  })

  afterEach(() => live[Symbol.asyncDispose]())

  async function chats() {
    const { items } = await trunk.manager.messages('shop', {})
    return items.map(({ text }) => text)
  }

  it('is not linked by a QR: its phone shows no device, the session says why and keeps what it has', async () => {
    const from = trunk.heard.length
    await trunk.manager.startSession('shop')
    const { qr } = await trunk.heardEvent('qr', 'shop', undefined, from)
    await expect(ben.scanQr(qr)).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
    await trunk.status('shop', 'failed', from)
    const session = await trunk.manager.get('shop')
    expect(session).toMatchObject({ desired: 'running', statusReason: { code: 'ACCOUNT_CHANGED' } })
    expect(session.account).toBeUndefined()
    expect(ben.devices).toEqual([])
    await carol.sendText(BEN, 'for Ben')
    expect(await chats()).toEqual(['for Ana'])
    expect(trunk.heard.slice(from).map(({ name }) => name)).not.toContain('connected')
  })

  it('is not linked by a code either', async () => {
    const from = trunk.heard.length
    const { code } = await trunk.manager.requestPairingCode('shop', { phone: BEN })
    await expect(ben.enterPairingCode(code)).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
    await trunk.status('shop', 'failed', from)
    expect(ben.devices).toEqual([])
  })

  it('leaves the way free for the right one: the next start shows a QR, and its chats go on', async () => {
    const before = trunk.heard.length
    await trunk.manager.startSession('shop')
    const first = await trunk.heardEvent('qr', 'shop', undefined, before)
    await expect(ben.scanQr(first.qr)).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
    await trunk.status('shop', 'failed', before)
    const from = trunk.heard.length
    await trunk.manager.startSession('shop')
    const second = await trunk.heardEvent('qr', 'shop', undefined, from)
    await ana.scanQr(second.qr)
    await trunk.status('shop', 'connected', from)
    await carol.sendText(ANA, 'again')
    await trunk.heardEvent('message', 'shop', ({ message }) => message.text === 'again', from)
    expect(await chats()).toEqual(['again', 'for Ana'])
    expect(ana.devices).toHaveLength(1)
  })

  it('is welcome once the session was cleaned up', async () => {
    await trunk.manager.cleanup('shop')
    await trunk.link('shop', ben)
    await carol.sendText(BEN, 'for Ben')
    await trunk.heardEvent('message', 'shop', ({ message }) => message.text === 'for Ben')
    expect(await chats()).toEqual(['for Ben'])
  })

  it('is refused by another process on the same store, too', async () => {
    await trunk.manager.close()
    const next = live.manager({ store: trunk.store })
    await next.manager.startSession('shop')
    const { qr } = await next.heardEvent('qr', 'shop')
    await expect(ben.scanQr(qr)).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
    await next.status('shop', 'failed')
    expect((await next.manager.get('shop')).statusReason?.code).toBe('ACCOUNT_CHANGED')
  })
})
