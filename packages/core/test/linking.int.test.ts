import { type BinaryNode, hmacSign, proto } from '@whiskeysockets/baileys'
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

  it.each([
    { code: 400, text: 'bad-request' },
    { code: 403, text: 'forbidden' },
    { code: 429, text: 'rate-overlimit' },
  ])('shows no code that WhatsApp has refused ($code), and one that it takes afterwards', async ({ code, text }) => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.manager.create({ id: 'ana', start: false })
    live.simulator.faults.on({ direction: 'in', tag: 'iq', xmlns: 'md' }, { do: 'error', code, text }, { times: 1 })
    await expect(trunk.manager.requestPairingCode('ana', { phone: ANA })).rejects.toMatchObject({
      code: 'PAIRING_CODE_FAILED',
      details: { statusCode: code, reason: text, ...(code === 429 ? { retryAt: expect.any(String) } : {}) },
    })
    expect(trunk.events('pairing-code', 'ana')).toEqual([])
    expect((await trunk.manager.get('ana')).status).toBe('awaiting_scan')
    const pairing = await trunk.manager.requestPairingCode('ana', { phone: ANA })
    await ana.enterPairingCode(pairing.code)
    await trunk.status('ana', 'connected')
  })

  it.each(['0055 11 98888 0001', '011988880001', '+0 11 98888 0001'])(
    'asks for no code for a number without a country code: %s',
    async (phone) => {
      const trunk = live.manager()
      await trunk.manager.create({ id: 'ana', start: false })
      await expect(trunk.manager.requestPairingCode('ana', { phone })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
        details: { errors: [{ field: 'phone' }] },
      })
    },
  )

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
    await expect(ana.scanQr(qr)).rejects.toMatchObject({ code: 'PASSKEY_REQUIRED' })
    await trunk.status('ana', 'passkey_required')
    expect(await trunk.manager.details('ana')).toMatchObject({
      statusReason: { code: 'PASSKEY_REQUIRED', action: expect.any(String) },
      advice: expect.stringContaining('passkey'),
    })
    await expect(trunk.manager.requestPairingCode('ana', { phone: ANA })).rejects.toMatchObject({
      code: 'PASSKEY_REQUIRED',
    })
    await ana.confirmPasskey()
    await trunk.status('ana', 'connected')
  })

  it('asks for the passkey after a pairing code, too', async () => {
    const ana = await live.simulator.createPhone({ number: ANA, name: 'Ana', passkeyRequired: true })
    const trunk = live.manager()
    await trunk.manager.create({ id: 'ana', start: false })
    const { code } = await trunk.manager.requestPairingCode('ana', { phone: ANA })
    await expect(ana.enterPairingCode(code)).rejects.toMatchObject({ code: 'PASSKEY_REQUIRED' })
    await trunk.status('ana', 'passkey_required')
    await ana.confirmPasskey()
    await trunk.status('ana', 'connected')
  })

  it('takes the right code after a wrong one, and a new code after a lost connection', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.manager.create({ id: 'ana' })
    const first = await trunk.manager.requestPairingCode('ana', { phone: ANA })
    await expect(ana.enterPairingCode('AAAAAAAA')).rejects.toMatchObject({ code: 'PAIRING_CODE_WRONG' })
    expect((await trunk.manager.get('ana')).status).toBe('awaiting_code')

    const from = trunk.heard.length
    live.simulator.faults.dropAll()
    await trunk.heardEvent('qr', 'ana', undefined, from)
    const second = await trunk.manager.requestPairingCode('ana', { phone: ANA })
    expect(second.code).not.toBe(first.code)
    await ana.enterPairingCode(second.code)
    await trunk.status('ana', 'connected', from)
  })

  it.each([
    { what: 'is not sealed with the secret of the QR', seal: false, message: 'Invalid account signature' },
    { what: 'is not signed by the account', seal: true, message: 'Failed to verify account signature' },
  ])('refuses a link that $what, waits for a person, and links with the next QR', async ({ seal, message }) => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.manager.create({ id: 'ana' })
    const { qr } = await trunk.heardEvent('qr', 'ana')
    const secret = Buffer.from(qr.split(',')[3] ?? '', 'base64')
    const tamper = (stanza: BinaryNode) => withForgedIdentity(stanza, seal ? secret : Buffer.alloc(32))
    live.simulator.faults.on({ child: 'pair-success' }, { do: 'replace', with: tamper }, { times: 1 })
    await expect(ana.scanQr(qr)).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
    await trunk.status('ana', 'failed')
    expect(await trunk.manager.get('ana')).toMatchObject({ statusReason: { code: 'PAIRING_REJECTED', message } })
    expect(ana.devices).toEqual([])

    const from = trunk.heard.length
    await trunk.manager.startSession('ana')
    const next = await trunk.heardEvent('qr', 'ana', undefined, from)
    await ana.scanQr(next.qr)
    await trunk.status('ana', 'connected', from)
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

  it('shows a new QR when a link was signed and stored, but WhatsApp never got it', async () => {
    const store = createMemoryStore()
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager({ store })
    await trunk.manager.create({ id: 'ana' })
    const { qr } = await trunk.heardEvent('qr', 'ana')
    const from = trunk.heard.length
    live.simulator.faults.on({ direction: 'in', child: 'pair-device-sign' }, { do: 'kill' }, { times: 1 })
    await expect(ana.scanQr(qr)).rejects.toMatchObject({ code: 'PAIRING_FAILED' })
    const next = await trunk.heardEvent('qr', 'ana', undefined, from)
    const { account, device } = await trunk.manager.details('ana')
    expect([account, device]).toEqual([undefined, undefined])
    expect(await store.auth.listArchives('ana')).toMatchObject([{ reason: 'The link never reached WhatsApp' }])

    await ana.scanQr(next.qr)
    await trunk.status('ana', 'connected', from)
    expect(trunk.events('session.status', 'ana').map(({ status }) => status)).not.toContain('logged_out')
    expect(ana.devices).toHaveLength(1)
  })

  it('keeps the history that the phone sends at linking as chats and messages, without announcing each one', async () => {
    const carol = await live.phone(CAROL, 'Carol')
    const messages = [
      { text: 'one', at: '2026-01-01T10:00:00Z' },
      {
        text: 'two',
        fromMe: true,
        at: '2026-01-01T10:01:00Z',
        reactions: [{ emoji: '👍', at: '2026-01-01T10:05:00Z' }],
      },
      {
        message: { pollCreationMessage: { name: 'three', options: [{ optionName: 'a' }, { optionName: 'b' }] } },
        at: '2026-01-01T10:02:00Z',
        votes: [{ fromMe: true, options: ['b'], at: '2026-01-01T10:06:00Z' }],
      },
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
    expect(items[1]?.reactions).toEqual([{ senderId: carol.lid, emoji: '👍', at: '2026-01-01T10:05:00.000Z' }])
    const [, { voters } = {}] = items[0]?.poll?.options ?? []
    expect(voters).toEqual([items[1]?.senderId])
    expect(await trunk.manager.chat('ana', CAROL)).toMatchObject({ id: carol.lid, phone: CAROL })
    expect(trunk.events('message', 'ana')).toEqual([])
  })
})

/** A pair-success in which the account's signature is wrong, sealed with a secret. */
function withForgedIdentity(stanza: BinaryNode, secret: Uint8Array): BinaryNode {
  if (stanza.tag === 'device-identity' && stanza.content instanceof Uint8Array) {
    const { details } = proto.ADVSignedDeviceIdentityHMAC.decode(stanza.content)
    const signed = proto.ADVSignedDeviceIdentity.decode(details ?? new Uint8Array())
    const forged = proto.ADVSignedDeviceIdentity.encode({ ...signed, accountSignature: Buffer.alloc(64, 1) }).finish()
    const hmac = hmacSign(Buffer.from(forged), secret)
    return { ...stanza, content: proto.ADVSignedDeviceIdentityHMAC.encode({ details: forged, hmac }).finish() }
  }
  if (!Array.isArray(stanza.content)) return stanza
  return { ...stanza, content: stanza.content.map((child) => withForgedIdentity(child, secret)) }
}
