import { createCipheriv, hkdfSync } from 'node:crypto'
import { proto, type WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import type { SealUse } from './seal.js'
import { toMessage } from './to-message.js'

const [CAROL, CAROL_LID] = ['15550000003@s.whatsapp.net', '200000000000003@lid']
const SECRET = Buffer.alloc(32, 7)
const target = {
  raw: proto.Message.encode({ conversation: 'before', messageContextInfo: { messageSecret: SECRET } }).finish(),
  authorIds: [CAROL_LID],
  senderIds: [CAROL_LID],
}
const key = { remoteJid: CAROL, fromMe: true, id: 'M' }

interface SealOptions {
  use: SealUse
  author?: string
  sender?: string
}

/** As a phone seals it (`generateMsgSecretKey` of whatsmeow). */
function seal(plaintext: Uint8Array, { use, author = CAROL, sender = author }: SealOptions) {
  const info = `M${author}${sender}${use}`
  const cipherKey = new Uint8Array(hkdfSync('sha256', SECRET, new Uint8Array(32), info, 32))
  const encIv = Buffer.alloc(12, 3)
  const cipher = createCipheriv('aes-256-gcm', cipherKey, encIv)
  if (use === 'Event Response' || use === 'Poll Vote') cipher.setAAD(Buffer.from(`M\0${sender}`))
  return { encIv, encPayload: Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]) }
}

function changeOf(message: proto.IMessage) {
  const wire = proto.Message.decode(proto.Message.encode(message).finish())
  const wa = {
    key: { remoteJid: CAROL, remoteJidAlt: CAROL_LID, id: 'C', fromMe: false },
    messageTimestamp: 1_764_000_000,
    message: wire,
  }
  const translated = toMessage(wa as WAMessage, { me: '200000000000001@lid', source: 'live' })
  return translated && 'change' in translated ? translated.change : undefined
}

function opened(message: proto.IMessage, sealedFor = target) {
  const change = changeOf(message)
  if (change?.kind !== 'sealed') throw new Error('This is not sealed')
  return change.open(sealedFor)
}

const edit = (secretEncType: number, encrypted: ReturnType<typeof seal>) => ({
  secretEncryptedMessage: { targetMessageKey: key, ...encrypted, secretEncType },
})
const words = (message: proto.IMessage) => proto.Message.encode(message).finish()
const asProtocol: proto.IMessage = {
  protocolMessage: { type: 14, key, editedMessage: { conversation: 'after' }, timestampMs: 1_764_000_060_000 },
}

describe('a sealed edit', () => {
  it.each<[string, proto.IMessage, string]>([
    ['as it was sent before', asProtocol, '2025-11-24T16:01:00.000Z'],
    ['wrapped as it was sent before', { editedMessage: { message: asProtocol } }, '2025-11-24T16:01:00.000Z'],
    ['as the new message alone', { conversation: 'after' }, '2025-11-24T16:00:00.000Z'],
  ])('is read %s', (_form, plaintext, at) => {
    for (const author of [CAROL, CAROL_LID]) {
      for (const sender of [CAROL, CAROL_LID]) {
        const message = edit(2, seal(words(plaintext), { use: 'Message Edit', author, sender }))
        expect(opened(message)).toMatchObject({ kind: 'edit', text: 'after', at })
      }
    }
  })

  it('is one of an event, too', () => {
    const event = { eventMessage: { name: 'Later', startTime: 1_764_000_000 } }
    const message = edit(1, seal(words(event), { use: 'Event Edit' }))
    expect(opened(message)).toMatchObject({ kind: 'edit', text: 'Later', event: { name: 'Later' } })
  })

  it('stays closed to another message, other people, and whatever somebody made up', () => {
    const right = seal(words(asProtocol), { use: 'Message Edit' })
    const other = { ...target, raw: words({ conversation: 'no secret' }) }
    expect(opened(edit(2, right), other)).toBeUndefined()
    expect(opened(edit(1, right))).toBeUndefined()
    expect(
      opened(edit(2, seal(words(asProtocol), { use: 'Message Edit', author: '15550000009@s.whatsapp.net' }))),
    ).toBe(undefined)
    expect(opened(edit(2, { encIv: Buffer.alloc(12), encPayload: Buffer.alloc(40) }))).toBeUndefined()
    expect(opened(edit(2, { encIv: Buffer.alloc(0), encPayload: Buffer.alloc(3) }))).toBeUndefined()
    expect(opened(edit(2, seal(Buffer.from([0xff, 0xff]), { use: 'Message Edit' })))).toBeUndefined()
  })

  it('keeps itself, to be stored where it fits nothing', () => {
    const message = edit(2, seal(words(asProtocol), { use: 'Message Edit' }))
    const change = changeOf(message)
    expect(change).toMatchObject({ messageId: 'M', senderId: CAROL, kept: { id: 'C', type: 'hidden' } })
    const raw = proto.Message.decode(change?.kept?.raw ?? new Uint8Array())
    expect(raw.secretEncryptedMessage?.secretEncType).toBe(2)
  })
})

describe('other things that are sealed', () => {
  it('are answers to events', () => {
    const answer = proto.Message.EventResponseMessage.encode({
      response: 1,
      extraGuestCount: 2,
      timestampMs: 1_764_000_060_000,
    })
    const message = {
      encEventResponseMessage: { eventCreationMessageKey: key, ...seal(answer.finish(), { use: 'Event Response' }) },
    }
    const at = '2025-11-24T16:01:00.000Z'
    expect(opened(message)).toEqual({ kind: 'response', response: 'going', extraGuests: 2, at })
  })

  it('are reactions', () => {
    const reaction = proto.Message.ReactionMessage.encode({ text: '👍' }).finish()
    const message = { encReactionMessage: { targetMessageKey: key, ...seal(reaction, { use: 'Enc Reaction' }) } }
    expect(opened(message)).toEqual({ kind: 'reaction', emoji: '👍' })
  })

  it('are comments, which are messages about another one', () => {
    const message = {
      encCommentMessage: {
        targetMessageKey: key,
        ...seal(words({ conversation: 'well said' }), { use: 'Enc Comment' }),
      },
    }
    expect(opened(message)).toMatchObject({
      kind: 'message',
      message: { id: 'C', type: 'text', text: 'well said', quotedMessageId: 'M' },
    })
  })
})

describe('an edit', () => {
  const edited = (editedMessage: proto.IMessage) => changeOf({ protocolMessage: { type: 14, key, editedMessage } })

  it.each<[string, proto.IMessage, object]>([
    ['of a caption', { imageMessage: { caption: 'second' } }, { type: 'image', text: 'second' }],
    ['that takes a caption away', { imageMessage: { mimetype: 'image/png' } }, { type: 'image', text: undefined }],
    [
      'of an interactive message',
      { interactiveMessage: { body: { text: 'new' } } },
      { type: 'interactive', text: 'new' },
    ],
    [
      'with people named in it',
      { extendedTextMessage: { text: '@x', contextInfo: { mentionedJid: [CAROL] } } },
      { text: '@x', mentions: [CAROL] },
    ],
  ])('%s is one', (_name, content, expected) => {
    const change = edited(content)
    expect(change).toMatchObject({ kind: 'edit', messageId: 'M' })
    expect({ text: undefined, ...change }).toMatchObject(expected)
  })
})
