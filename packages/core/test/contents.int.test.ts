import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { Phone } from '@trunkline/simulator'
import { type BinaryNode, proto } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'
const anaJid = `${ANA}@s.whatsapp.net`

/** As a phone seals it. */
function sealed(plaintext: Uint8Array, { secret, info }: { secret: Uint8Array; info: string }) {
  const key = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(32), info, 32))
  const encIv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, encIv)
  return { encIv, encPayload: Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]) }
}

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

  it.each(['pn', 'lid'] as const)(
    'opens an edit that is sealed, of a phone that addresses by %s',
    async (addressing) => {
      const secret = randomBytes(32)
      const { id } = await carol.send(ANA, {
        conversation: 'price is 10',
        messageContextInfo: { messageSecret: secret },
      })
      const { message } = await received(id)
      const key = { remoteJid: carol.jid, fromMe: true, id }
      const edited = { type: 14, key, editedMessage: { conversation: 'price is 20' }, timestampMs: Date.now() }
      const plaintext = proto.Message.encode({ protocolMessage: edited }).finish()
      const me = addressing === 'pn' ? carol.jid : carol.lid
      const seal = sealed(plaintext, { secret, info: `${id}${me}${me}Message Edit` })
      await carol.send(ANA, { secretEncryptedMessage: { targetMessageKey: key, ...seal, secretEncType: 2 } })
      const event = await trunk.heardEvent('message.edited', 'ana')
      expect(event.message).toMatchObject({ id, text: 'price is 20', editedAt: expect.any(String) })
      const { items } = await trunk.manager.messages('ana', { chatId: message.chatId })
      expect(items).toMatchObject([{ id, text: 'price is 20' }])
      expect(await chat()).toMatchObject({ unreadCount: 1, lastMessage: { text: 'price is 20' } })
      expect(trunk.events('message', 'ana')).toHaveLength(1)
    },
  )

  it('edits a caption in both places, and takes it away from both', async () => {
    const { id } = await carol.send(ANA, { imageMessage: { mimetype: 'image/png', caption: 'first' } })
    await received(id)
    const edit = (imageMessage: proto.Message.IImageMessage, timestampMs: number) => {
      const key = { remoteJid: anaJid, fromMe: true, id }
      return carol.send(ANA, { protocolMessage: { type: 14, key, editedMessage: { imageMessage }, timestampMs } })
    }
    await edit({ mimetype: 'image/png', caption: 'second' }, Date.now())
    const once = await trunk.heardEvent('message.edited', 'ana')
    expect(once.message).toMatchObject({ text: 'second', media: { caption: 'second' } })
    await edit({ mimetype: 'image/png' }, Date.now() + 1_000)
    const twice = await trunk.heardEvent('message.edited', 'ana', ({ seq }) => seq > once.seq)
    expect(twice.message).not.toHaveProperty('text')
    expect(twice.message.media).not.toHaveProperty('caption')
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

  it('holds no half of a character, on whatever store, and keeps it in the protobuf', async () => {
    const { id } = await carol.send(ANA, { conversation: 'cut \uD83D off' })
    const { message } = await received(id)
    expect(message.text).toMatch(/^cut \uFFFD+ off$/)
    const [stored] = await trunk.store.messages.find('ana', { id })
    expect(stored?.text).toBe(message.text)
    expect(stored?.raw).toBeDefined()
  })

  describe('what cannot be read', () => {
    const replaced = (change: (stanza: BinaryNode) => BinaryNode, times = 1) =>
      live.simulator.faults.on(
        { number: ANA, device: 1, direction: 'out', tag: 'message' },
        { do: 'replace', with: change },
        { times },
      )

    it.each([
      ['view_once', 'view_once'],
      ['view_once_unavailable_fanout', 'view_once'],
      ['hosted_unavailable_fanout', 'hosted'],
    ])('leaves a trace at its place: %s', async (type, kind) => {
      replaced((stanza) => ({ ...stanza, content: [{ tag: 'unavailable', attrs: { type } }] }))
      const { id } = await carol.sendText(ANA, 'for the phone only')
      const { message } = await trunk.heardEvent('message.notice', 'ana')
      expect(message).toMatchObject({ id, type: 'placeholder', notice: { kind } })
      expect(await chat()).toMatchObject({ unreadCount: 0, lastMessage: { id, type: 'placeholder' } })
      expect(trunk.events('message', 'ana')).toEqual([])
    })

    it('waits at its place, and is a message once it comes', async () => {
      live.simulator.faults.on(
        { number: ANA, device: 1, direction: 'out', tag: 'message' },
        { do: 'corrupt' },
        { times: 1 },
      )
      const { id } = await carol.sendText(ANA, 'hard to read')
      const { message } = await received(id)
      expect(message).toMatchObject({ type: 'text', text: 'hard to read' })
      expect(trunk.events('message.notice', 'ana').map(({ message: notice }) => notice)).toMatchObject([
        { id, type: 'placeholder', notice: { kind: 'waiting' } },
      ])
      expect(await chat()).toMatchObject({ unreadCount: 1, lastMessage: { id, text: 'hard to read' } })
      expect(await trunk.store.messages.count('ana')).toBe(1)
    })

    describe('in a group', () => {
      const team = () => live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA] })

      it('leaves a placeholder that counts for nothing when it is corrupted for good', async () => {
        const { jid } = await team()
        live.simulator.faults.on({ number: ANA, device: 1, direction: 'out', tag: 'message' }, { do: 'corrupt' })
        const { id } = await carol.sendText(jid, 'nobody can read this')
        const { message } = await trunk.heardEvent('message.notice', 'ana', (event) => event.message.id === id)
        expect(message).toMatchObject({
          chatId: jid,
          senderId: carol.lid,
          type: 'placeholder',
          notice: { kind: 'waiting' },
        })
        expect(await trunk.manager.chat('ana', jid)).toMatchObject({ unreadCount: 0, lastMessage: { id } })
        expect(trunk.events('message', 'ana')).toEqual([])
        const { items } = await trunk.manager.messages('ana', { chatId: jid })
        expect(items.map(({ type }) => type)).toEqual(['placeholder', 'system'])
      })

      it('is a message once its words come, whose keys could be read before', async () => {
        const { jid } = await team()
        const corrupted = (stanza: BinaryNode): BinaryNode => {
          const content = Array.isArray(stanza.content) ? stanza.content : []
          const isWords = ({ attrs }: BinaryNode) => attrs.type === 'skmsg'
          return {
            ...stanza,
            content: content.map((one) => (isWords(one) ? { ...one, content: Buffer.alloc(90) } : one)),
          }
        }
        replaced(corrupted)
        const { id } = await carol.sendText(jid, 'hard to read')
        const { message } = await received(id)
        expect(message).toMatchObject({ chatId: jid, type: 'text', text: 'hard to read' })
        const notices = trunk.events('message.notice', 'ana').map(({ message: notice }) => notice)
        expect(notices.filter((notice) => notice.id === id)).toMatchObject([
          { id, type: 'placeholder', notice: { kind: 'waiting' } },
        ])
        expect(await trunk.manager.chat('ana', jid)).toMatchObject({
          unreadCount: 1,
          lastMessage: { id, type: 'text' },
        })
      })
    })

    it('is not lost when it comes through a list of people', async () => {
      replaced(({ attrs, ...stanza }) => ({
        ...stanza,
        attrs: { ...attrs, from: '1437398290@broadcast', participant: carol.jid },
      }))
      const { id } = await carol.sendText(ANA, 'to all of you')
      await received(id)
      expect((await chat()).lastMessage).toMatchObject({ id, text: 'to all of you', senderId: carol.lid })
    })
  })
})
