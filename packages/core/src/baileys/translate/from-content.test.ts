import { proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../types/message.js'
import { fromContent } from './from-content.js'
import { toMessage } from './to-message.js'

const ME = '15550000001:1@s.whatsapp.net'
const CAROL = '15550000003@s.whatsapp.net'

const quoted: Message & { raw?: Uint8Array } = {
  id: 'Q1',
  sessionId: 's',
  chatId: CAROL,
  senderId: CAROL,
  fromMe: false,
  timestamp: '2026-01-01T00:00:00.000Z',
  type: 'text',
  text: 'before',
  reactions: [],
  status: 'delivered',
  source: 'live',
}

describe('what is quoted', () => {
  const quotedOf = (raw: Uint8Array) => proto.Message.decode(raw).extendedTextMessage?.contextInfo?.quotedMessage

  it('keeps nothing of what it quotes itself: twenty answers in a row stay as small as one', () => {
    let last = { ...quoted, raw: proto.Message.encode({ conversation: 'x'.repeat(3_000) }).finish() }
    const sizes = Array.from({ length: 20 }, (_, place) => {
      const { id, raw } = fromContent({ content: { text: 'x'.repeat(3_000) }, quoted: last }, ME)
      last = { ...quoted, id, raw }
      return place === 0 ? 0 : raw.length
    })
    expect(Math.max(...sizes)).toBeLessThan(6_500)
  })

  it('is shown without its secret and its wrapper', () => {
    const raw = proto.Message.encode({
      messageContextInfo: { messageSecret: Buffer.alloc(32, 7) },
      ephemeralMessage: { message: { imageMessage: { caption: 'look', contextInfo: { stanzaId: 'X' } } } },
    }).finish()
    const prepared = fromContent({ content: { text: 'nice' }, quoted: { ...quoted, raw } }, ME)
    expect(Object.keys(quotedOf(prepared.raw) ?? {})).toEqual(['imageMessage'])
    expect(quotedOf(prepared.raw)?.imageMessage).toMatchObject({ caption: 'look' })
    expect(quotedOf(prepared.raw)?.imageMessage?.contextInfo).toBeFalsy()
  })
})

describe('what is quoted of a message of parts', () => {
  const contextInfo = { quotedMessage: { conversation: 'x'.repeat(3_000) } }
  const imageMessage = { caption: 'look', fileLength: 2 ** 40, contextInfo }

  it.each<[string, proto.IMessage]>([
    ['the picture in a header', { interactiveMessage: { header: { imageMessage }, body: { text: 'b' } } }],
    [
      'the picture of a card',
      { interactiveMessage: { carouselMessage: { cards: [{ header: { imageMessage }, body: { text: 'b' } }] } } },
    ],
    ['the picture of buttons', { buttonsMessage: { contentText: 'b', imageMessage } }],
    ['the picture of a template', { templateMessage: { hydratedTemplate: { imageMessage } } }],
    ['the picture of a product', { productMessage: { product: { productImage: imageMessage } } }],
    ['the secret of an old poll', { pollCreationMessage: { name: 'b', encKey: Buffer.alloc(3_000, 7) } }],
  ])('is without what it carries inside: %s', (_, content) => {
    const raw = proto.Message.encode(proto.Message.fromObject(content)).finish()
    const prepared = fromContent({ content: { text: 'nice' }, quoted: { ...quoted, raw } }, ME)
    expect(prepared.raw.length).toBeLessThan(300)
    const sent = proto.Message.decode(prepared.raw).extendedTextMessage?.contextInfo?.quotedMessage
    expect(Object.keys(sent ?? {})).toEqual(Object.keys(content))
    expect(JSON.stringify(sent)).not.toContain('contextInfo')
    if (JSON.stringify(content).includes('fileLength')) expect(JSON.stringify(sent)).toContain(`${2 ** 40}`)
  })
})

describe('fromContent', () => {
  it('makes the protobuf of a text, and its searchable form', () => {
    const prepared = fromContent({ content: { text: 'hello' } }, ME)
    expect(prepared).toEqual({
      id: expect.stringMatching(/^3EB0[0-9A-F]{18}$/),
      type: 'text',
      text: 'hello',
      raw: expect.anything(),
    })
    const message = proto.Message.decode(prepared.raw)
    expect(message.extendedTextMessage?.text).toBe('hello')
    expect(message.extendedTextMessage?.contextInfo).toBeFalsy()
    expect(message.messageContextInfo?.messageSecret).toHaveLength(32)
  })

  it('never makes the same id or the same secret twice', () => {
    const all = Array.from({ length: 200 }, () => fromContent({ content: { text: 'x' } }, ME))
    const secrets = all.map(({ raw }) =>
      Buffer.from(proto.Message.decode(raw).messageContextInfo?.messageSecret ?? []).toString('hex'),
    )
    expect(new Set(all.map(({ id }) => id)).size).toBe(200)
    expect(new Set(secrets).size).toBe(200)
  })

  it('makes mentions canonical, in their order', () => {
    const mentions = ['+1 555 000 0003', '200000000000002:4@lid']
    const prepared = fromContent({ content: { text: '@a @b', mentions } }, ME)
    expect(prepared.mentions).toEqual([CAROL, '200000000000002@lid'])
    const { contextInfo } = proto.Message.decode(prepared.raw).extendedTextMessage ?? {}
    expect(contextInfo?.mentionedJid).toEqual(prepared.mentions)
  })

  it('quotes the original where its bytes are kept, and its text where they are not', () => {
    const raw = proto.Message.encode({ imageMessage: { caption: 'a picture' } }).finish()
    for (const [original, expected] of [
      [{ ...quoted, raw }, { imageMessage: { caption: 'a picture' } }],
      [quoted, { conversation: 'before' }],
      [{ ...quoted, text: undefined }, { conversation: '' }],
    ] as const) {
      const prepared = fromContent({ content: { text: 'x' }, quoted: original as typeof quoted }, ME)
      const { contextInfo } = proto.Message.decode(prepared.raw).extendedTextMessage ?? {}
      expect(contextInfo).toMatchObject({ stanzaId: 'Q1', participant: CAROL, quotedMessage: expected })
      expect(prepared.quotedMessageId).toBe('Q1')
    }
  })

  it('is read back as what it was', () => {
    const prepared = fromContent({ content: { text: 'hello', mentions: [CAROL] }, quoted }, ME)
    const wa = {
      key: { remoteJid: CAROL, id: prepared.id, fromMe: true },
      messageTimestamp: 1_764_000_000,
      message: proto.Message.decode(prepared.raw),
    }
    const { raw: _raw, ...fields } = prepared
    expect(toMessage(wa as Parameters<typeof toMessage>[0], { me: ME, source: 'phone' })).toMatchObject({
      message: fields,
    })
  })
})
