import { proto, type WAMessage } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pairOf, toIso, toMessage } from './to-message.js'

const ME = '200000000000001@lid'
const CAROL = '15550000003@s.whatsapp.net'
const CAROL_LID = '200000000000003@lid'
const GROUP = '120363000000000001@g.us'
const { Type } = proto.Message.ProtocolMessage

function wa(message: proto.IMessage, key: Partial<WAMessage['key']> = {}): WAMessage {
  return {
    key: { remoteJid: CAROL, remoteJidAlt: CAROL_LID, id: 'A1', fromMe: false, participant: '', ...key },
    messageTimestamp: 1_764_000_000,
    pushName: 'Carol',
    message,
  } as WAMessage
}

const context = { me: ME, source: 'live' as const }

describe('toMessage', () => {
  it('translates a text with both addresses of its sender', () => {
    const content = { conversation: 'hello' }
    expect(toMessage(wa(content), context)).toEqual({
      message: {
        id: 'A1',
        chatId: CAROL,
        senderId: CAROL,
        fromMe: false,
        timestamp: '2025-11-24T16:00:00.000Z',
        type: 'text',
        text: 'hello',
        source: 'live',
        pushName: 'Carol',
        identities: [{ pn: CAROL, lid: CAROL_LID }],
        raw: proto.Message.encode(content).finish(),
      },
    })
  })

  const kinds: [name: string, content: proto.IMessage, expected: object][] = [
    ['extended text', { extendedTextMessage: { text: 'hi' } }, { type: 'text', text: 'hi' }],
    [
      'image',
      { imageMessage: { mimetype: 'image/png', fileLength: 12, caption: 'look', width: 3, height: 4 } },
      {
        type: 'image',
        text: 'look',
        media: { mimetype: 'image/png', bytes: 12, caption: 'look', width: 3, height: 4, state: 'remote' },
      },
    ],
    [
      'video',
      { videoMessage: { mimetype: 'video/mp4', fileLength: 9, seconds: 7 } },
      { type: 'video', media: { seconds: 7 } },
    ],
    ['voice', { audioMessage: { mimetype: 'audio/ogg', ptt: true, seconds: 2 } }, { type: 'voice' }],
    ['audio', { audioMessage: { mimetype: 'audio/mpeg' } }, { type: 'audio' }],
    ['document', { documentMessage: { fileName: 'a.pdf' } }, { type: 'document', media: { fileName: 'a.pdf' } }],
    ['sticker', { stickerMessage: { mimetype: 'image/webp' } }, { type: 'sticker' }],
    [
      'location',
      { locationMessage: { degreesLatitude: 1, degreesLongitude: 2, name: 'here' } },
      { type: 'location', location: { latitude: 1, longitude: 2, name: 'here' } },
    ],
    [
      'contact',
      { contactMessage: { displayName: 'Bob', vcard: 'BEGIN:VCARD' } },
      { type: 'contact', contacts: [{ name: 'Bob', vcard: 'BEGIN:VCARD' }] },
    ],
    [
      'poll',
      { pollCreationMessageV3: { name: 'Lunch?', options: [{ optionName: 'yes' }], selectableOptionsCount: 1 } },
      {
        type: 'poll',
        text: 'Lunch?',
        poll: { question: 'Lunch?', options: [{ name: 'yes', voters: [] }], selectableCount: 1 },
      },
    ],
    ['something new', { messageContextInfo: {} }, { type: 'unknown' }],
    [
      'inside an ephemeral wrapper',
      { ephemeralMessage: { message: { conversation: 'soon gone' } } },
      { type: 'text', text: 'soon gone' },
    ],
  ]

  it.each(kinds)('translates %s', (_name, content, expected) => {
    expect(toMessage(wa(content), context)).toMatchObject({ message: expected })
  })

  it('keeps what is answered, in whichever chat it stands, and who is mentioned', () => {
    const contextInfo = {
      stanzaId: 'S1',
      participant: '200000000000009:3@lid',
      remoteJid: 'status@broadcast',
      quotedMessage: {
        ephemeralMessage: {
          message: { extendedTextMessage: { text: 'y'.repeat(2_000), contextInfo: { stanzaId: 'S0' } } },
        },
      },
      nonJidMentions: 1,
      expiration: 86_400,
    }
    const translated = toMessage(wa({ extendedTextMessage: { text: 'nice!', contextInfo } }), context)
    expect(translated).toMatchObject({
      message: {
        text: 'nice!',
        quotedMessageId: 'S1',
        quoted: { chatId: 'status@broadcast', senderId: '200000000000009@lid', type: 'text', text: 'y'.repeat(1_000) },
        everyone: true,
        disappearsAfterSeconds: 86_400,
      },
    })
  })

  it('cuts a text that is longer than any of WhatsApp, and a reaction that is none, and keeps their raw forms', () => {
    const content = { imageMessage: { caption: 'x'.repeat(70_000) } }
    const translated = toMessage(wa(content), context)
    if (!translated || !('message' in translated)) throw new Error('This is a message')
    const { text, media, raw } = translated.message
    expect([text?.length, media?.caption?.length]).toEqual([65_536, 65_536])
    expect(raw).toHaveLength(proto.Message.encode(content).finish().length)
    const reaction = { reactionMessage: { key: { id: 'B2' }, text: '👍'.repeat(100_000) } }
    const reacted = toMessage(wa(reaction), context)
    expect(reacted).toMatchObject({ change: { emoji: '👍'.repeat(16) } })
  })

  it('keeps the quoted id and the mentions', () => {
    const contextInfo = { stanzaId: 'Q1', mentionedJid: ['15550000009@s.whatsapp.net', 'nonsense'] }
    expect(toMessage(wa({ extendedTextMessage: { text: '@x', contextInfo } }), context)).toMatchObject({
      message: { quotedMessageId: 'Q1', mentions: ['15550000009@s.whatsapp.net'] },
    })
  })

  it('takes the account as the sender of what it wrote itself, and the participant in a group', () => {
    expect(toMessage(wa({ conversation: 'x' }, { fromMe: true }), context)).toMatchObject({
      message: { senderId: ME, chatId: CAROL },
    })
    const inGroup = wa(
      { conversation: 'x' },
      { remoteJid: GROUP, remoteJidAlt: undefined, participant: `200000000000003:7@lid`, participantAlt: CAROL },
    )
    expect(toMessage(inGroup, context)).toMatchObject({
      message: { chatId: GROUP, senderId: CAROL_LID, identities: [{ pn: CAROL, lid: CAROL_LID }] },
    })
  })

  it('translates edits, deletions and reactions into changes of the message they are about', () => {
    const key = { id: 'B2', remoteJid: CAROL }
    expect(toMessage(wa({ protocolMessage: { key, type: Type.REVOKE } }), context)).toMatchObject({
      change: { kind: 'delete', messageId: 'B2', senderId: CAROL },
    })
    expect(
      toMessage(
        wa({
          protocolMessage: {
            key,
            type: Type.MESSAGE_EDIT,
            editedMessage: { conversation: 'better' },
            timestampMs: 1_764_000_001_000,
          },
        }),
        context,
      ),
    ).toMatchObject({ change: { kind: 'edit', messageId: 'B2', text: 'better', at: '2025-11-24T16:00:01.000Z' } })
    expect(toMessage(wa({ reactionMessage: { key, text: '👍' } }), context)).toMatchObject({
      change: { kind: 'reaction', messageId: 'B2', emoji: '👍' },
    })
    expect(toMessage(wa({ reactionMessage: { key, text: '' } }), context)).toMatchObject({ change: { emoji: '' } })
  })

  it.each([
    ['a key share', { protocolMessage: { type: Type.APP_STATE_SYNC_KEY_SHARE, appStateSyncKeyShare: {} } }],
    ['a history notification', { protocolMessage: { type: Type.HISTORY_SYNC_NOTIFICATION } }],
    ['a sender key', { senderKeyDistributionMessage: { groupId: GROUP } }],
  ] as [string, proto.IMessage][])('shows nothing of %s', (_name, content) => {
    expect(toMessage(wa(content), context)).toBeUndefined()
  })

  it('shows nothing of a stub without a message, or without an id', () => {
    expect(toMessage({ ...wa({}), message: null } as WAMessage, context)).toBeUndefined()
    expect(toMessage(wa({ conversation: 'x' }, { id: '' }), context)).toBeUndefined()
  })
})

describe('what a hostile sender writes', () => {
  const key = { id: 'B2', remoteJid: CAROL }
  const edited = (timestampMs: number | Uint8Array) =>
    wa({
      protocolMessage: {
        key,
        type: Type.MESSAGE_EDIT,
        editedMessage: { conversation: 'x' },
        timestampMs: timestampMs as number,
      },
    })

  it.each([9e18, Number.MAX_VALUE, -1, Number.NaN, 253_402_300_800_000])(
    'an edit at the time %s is one at the time of its message',
    (timestampMs) => {
      expect(toMessage(edited(timestampMs), context)).toMatchObject({
        change: { kind: 'edit', at: '2025-11-24T16:00:00.000Z' },
      })
    },
  )

  it.each([9e18, -5, Number.NaN, null, undefined])('a time of %s is one that can be stored', (seconds) => {
    expect(toIso(seconds)).toBe('1970-01-01T00:00:00.000Z')
  })

  it.each([
    ['a location without coordinates', { locationMessage: {} }],
    ['an empty list of contacts', { contactsArrayMessage: {} }],
    ['a contact without a name', { contactMessage: {} }],
    ['a poll without options', { pollCreationMessage: {} }],
    ['a document without anything', { documentMessage: {} }],
    ['an edit of nothing', { protocolMessage: { key, type: Type.MESSAGE_EDIT } }],
    ['a deletion of nothing', { protocolMessage: { type: Type.REVOKE } }],
    ['a reaction to nothing', { reactionMessage: { text: '👍' } }],
    ['a wrapper around nothing', { ephemeralMessage: {} }],
    [
      'wrappers in wrappers',
      { viewOnceMessage: { message: { ephemeralMessage: { message: { viewOnceMessageV2: {} } } } } },
    ],
  ] as [string, proto.IMessage][])('%s fails nothing', (_name, content) => {
    expect(() => toMessage(wa(content), context)).not.toThrow()
  })

  it('fails nothing, whatever bytes decode to a message', () => {
    // An error here would end the connection, and with a journal that is drained at each start it would never open again.
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.boolean(), (bytes, fromMe) => {
        let message: proto.IMessage
        try {
          message = proto.Message.decode(bytes)
        } catch {
          return
        }
        toMessage(wa(message, { fromMe }), context)
      }),
      { seed: 20261124, numRuns: 3_000 },
    )
  })

  it('fails nothing, whatever bits of a real message are changed', () => {
    const contextInfo = { stanzaId: 'Q1', mentionedJid: [CAROL], quotedMessage: { conversation: 'x' } }
    const real = [
      {
        imageMessage: {
          mimetype: 'image/png',
          fileLength: 12,
          fileSha256: new Uint8Array(32),
          caption: 'x',
          contextInfo,
        },
      },
      { pollCreationMessageV3: { name: '?', options: [{ optionName: 'a' }, { optionName: 'b' }], contextInfo } },
      {
        protocolMessage: {
          key,
          type: Type.MESSAGE_EDIT,
          editedMessage: { conversation: 'x' },
          timestampMs: 1_764_000_000_000,
        },
      },
      { reactionMessage: { key, text: '👍', senderTimestampMs: 1_764_000_000_000 } },
      { contactsArrayMessage: { contacts: [{ displayName: 'Bob', vcard: 'x' }], contextInfo } },
    ].map((content) => proto.Message.encode(content).finish())
    fc.assert(
      fc.property(
        fc.constantFrom(...real),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
        (bytes, changes) => {
          const changed = Uint8Array.from(bytes)
          for (const [at, value] of changes) changed[at % changed.length] = value
          let message: proto.IMessage
          try {
            message = proto.Message.decode(changed)
          } catch {
            return
          }
          toMessage(wa(message), context)
        },
      ),
      { seed: 7, numRuns: 3_000 },
    )
  })
})

describe('pairOf', () => {
  it.each([
    [CAROL, CAROL_LID, { pn: CAROL, lid: CAROL_LID }],
    [CAROL_LID, CAROL, { pn: CAROL, lid: CAROL_LID }],
    ['15550000003:4@s.whatsapp.net', '200000000000003:4@lid', { pn: CAROL, lid: CAROL_LID }],
    [CAROL, CAROL, undefined],
    [GROUP, CAROL_LID, undefined],
    [CAROL, undefined, undefined],
  ])('%s and %s', (one, other, expected) => {
    expect(pairOf(one, other)).toEqual(expected)
  })
})
