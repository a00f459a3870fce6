import { type BinaryNode, proto, type WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../ports/connector.js'
import { describeUnread } from './placeholders.js'
import { toGroupNotice } from './to-group-notice.js'
import { toChatChange, toContactChanges } from './to-history.js'
import { toMessage } from './to-message.js'

const ME = '200000000000001@lid'
const CAROL = '15550000003@s.whatsapp.net'
/** As much as somebody's own client can put into one field. */
const LONG = 'x'.repeat(100_000)
const many = <Item>(count: number, item: (n: number) => Item): Item[] =>
  Array.from({ length: count }, (_, n) => item(n))

function told(message: proto.IMessage, fields: Partial<WAMessage> = {}) {
  const key = { remoteJid: CAROL, id: 'A1', fromMe: false }
  return toMessage({ key, messageTimestamp: 1_764_000_000, message, ...fields }, { me: ME, source: 'live' })
}

function messageOf(message: proto.IMessage, fields: Partial<WAMessage> = {}): WireMessage {
  const found = told(message, fields)
  if (!found || !('message' in found)) throw new Error('No message')
  return found.message
}

const LENGTH_OF_REST = 1_000

describe('a message in which its sender has put too much', () => {
  it.each<[string, proto.IMessage]>([
    ['words', { conversation: LONG }],
    ['a caption, a file name and a mimetype', { documentMessage: { caption: LONG, fileName: LONG, mimetype: LONG } }],
    ['a hash', { imageMessage: { mimetype: 'image/png', fileSha256: Buffer.alloc(100_000) } }],
    [
      'a question and its options',
      { pollCreationMessage: { name: LONG, options: many(9, () => ({ optionName: LONG })) } },
    ],
    ['options', { pollCreationMessage: { name: 'q', options: many(20_000, (n) => ({ optionName: `${n}` })) } }],
    ['a contact', { contactMessage: { displayName: LONG, vcard: LONG } }],
    [
      'contacts',
      { contactsArrayMessage: { contacts: many(500, () => ({ displayName: 'c', vcard: LONG.slice(0, 9_000) })) } },
    ],
    ['a place', { locationMessage: { degreesLatitude: 1, degreesLongitude: 1, name: LONG, address: LONG } }],
    [
      'buttons',
      {
        buttonsMessage: {
          contentText: LONG,
          buttons: many(900, () => ({ buttonId: LONG.slice(0, 4_000), buttonText: { displayText: 'b' } })),
        },
      },
    ],
    ['an answer', { buttonsResponseMessage: { selectedButtonId: LONG, selectedDisplayText: LONG } }],
    [
      'the fields of a form',
      {
        interactiveResponseMessage: {
          body: { text: 'done' },
          nativeFlowResponseMessage: { name: 'flow', paramsJson: JSON.stringify({ id: LONG, more: LONG }) },
        },
      },
    ],
    ['an invitation', { groupInviteMessage: { groupJid: '1@g.us', groupName: LONG, inviteCode: LONG, caption: LONG } }],
    [
      'people and what it answers',
      {
        extendedTextMessage: {
          text: 'hi',
          contextInfo: {
            mentionedJid: many(20_000, (n) => `${15_550_000_000 + n}@s.whatsapp.net`),
            stanzaId: LONG,
            participant: `${LONG}@bot`,
            quotedMessage: { conversation: LONG },
            externalAdReply: { title: LONG, body: LONG, sourceUrl: LONG, sourceId: LONG },
          },
        },
      },
    ],
    ['an event', { eventMessage: { name: LONG, description: LONG, joinLink: LONG, startTime: 1 } }],
    ['an order', { orderMessage: { orderId: LONG, orderTitle: LONG, message: LONG } }],
  ])('is told within bounds, and kept whole: %s', (_, content) => {
    const { raw, ...said } = messageOf(content)
    // A text with its caption, and all lists together.
    expect(JSON.stringify(said).length).toBeLessThan(2 * 65_536 + 262_144 + 8 * 4_096 + LENGTH_OF_REST)
    expect(Buffer.from(raw ?? []).equals(proto.Message.encode(content).finish())).toBe(true)
    for (const text of textsIn(said)) expect(text.length).toBeLessThanOrEqual(65_536)
  })

  it('cuts texts and names, leaves out ids and links, and ends lists', () => {
    const text = messageOf({ conversation: LONG })
    expect(text.text).toBe(LONG.slice(0, 65_536))
    const poll = messageOf({
      pollCreationMessage: { name: LONG, options: [{ optionName: LONG }, { optionName: 'b' }] },
    })
    expect(poll.poll?.options.map(({ name }) => name.length)).toEqual([4_096, 1])
    const answer = messageOf({ buttonsResponseMessage: { selectedButtonId: LONG, selectedDisplayText: 'Yes' } })
    expect(answer).toMatchObject({ text: 'Yes', selection: {} })
    expect(answer.selection).not.toHaveProperty('id')
    const mentionedJid = many(2_000, (n) => `${15_550_000_000 + n}@s.whatsapp.net`)
    const mentions = messageOf({ extendedTextMessage: { text: 'hi', contextInfo: { mentionedJid } } })
    expect(mentions.mentions).toEqual(mentionedJid.slice(0, 1_024))
  })

  it('keeps what people write as it is', () => {
    const content: proto.IMessage = {
      buttonsMessage: {
        contentText: 'Which one?',
        footerText: 'Soon',
        buttons: many(10, (n) => ({ buttonId: `b${n}`, buttonText: { displayText: `Button ${n}` } })),
        contextInfo: { mentionedJid: [CAROL] },
      },
    }
    expect(messageOf(content)).toMatchObject({
      text: 'Which one?\nSoon',
      buttons: many(10, (n) => ({ id: `b${n}`, text: `Button ${n}` })),
      mentions: [CAROL],
    })
  })

  it('bounds an edit, a line of the chat, and the name of who wrote', () => {
    const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type
    const editedMessage = { extendedTextMessage: { text: LONG } }
    const edit = told({ protocolMessage: { type: MESSAGE_EDIT, key: { id: 'B' }, editedMessage } })
    expect(edit).toMatchObject({ change: { kind: 'edit', text: LONG.slice(0, 65_536) } })
    const line = describeUnread({
      key: { remoteJid: '1-2@g.us', id: 'A' },
      messageStubType: proto.WebMessageInfo.StubType.GROUP_CREATE,
      messageStubParameters: [LONG, ...many(5_000, (n) => `${15_550_000_000 + n}@s.whatsapp.net`)],
    })
    expect(line?.notice?.value).toHaveLength(4_096)
    expect(line?.notice?.people).toHaveLength(1_024)
    expect(messageOf({ conversation: 'hi' }, { pushName: LONG }).pushName).toHaveLength(4_096)
  })
})

describe('names of chats, contacts and groups', () => {
  it('are bounded wherever they come from', () => {
    expect(toChatChange({ id: CAROL, name: LONG })?.name).toHaveLength(4_096)
    const [contact] = toContactChanges([{ id: CAROL, name: LONG, notify: LONG }])
    expect([contact?.name?.length, contact?.pushName?.length]).toEqual([4_096, 4_096])
    const told = (child: BinaryNode) =>
      toGroupNotice({ tag: 'notification', attrs: { from: '1400000000-2@g.us', type: 'w:gp2' }, content: [child] })
    const body = { tag: 'body', attrs: {}, content: Buffer.from(LONG) }
    expect(told({ tag: 'subject', attrs: { subject: LONG } })?.changes).toEqual([
      { kind: 'subject', subject: LONG.slice(0, 4_096) },
    ])
    expect(told({ tag: 'description', attrs: {}, content: [body] })?.changes).toEqual([
      { kind: 'description', description: LONG.slice(0, 65_536) },
    ])
  })
})

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

describe('a message whose numbers are none', () => {
  const NOWHERE = { degreesLatitude: Number.NaN, degreesLongitude: Number.POSITIVE_INFINITY, name: 'Nowhere' }
  const MOST = '18446744073709551615'

  it.each<[string, object]>([
    ['a place', { locationMessage: NOWHERE }],
    ['a moving place', { liveLocationMessage: { ...NOWHERE, caption: 'here' } }],
    ['the place of an event', { eventMessage: { name: 'e', location: NOWHERE, startTime: MOST } }],
    ['the place above a text', { buttonsMessage: { contentText: 'b', locationMessage: NOWHERE } }],
    ['the size of a file', { imageMessage: { fileLength: MOST, seconds: 4_294_967_295 } }],
    ['the size of a document', { documentMessage: { fileLength: MOST, pageCount: 4_294_967_295 } }],
    ['the length of a call', { callLogMesssage: { durationSecs: '-9223372036854775808' } }],
    ['the votes of a poll', { pollResultSnapshotMessage: { name: 'q', pollVotes: [{ optionVoteCount: MOST }] } }],
    ['an amount', { requestPaymentMessage: { amount1000: MOST, currencyCodeIso4217: 'EUR' } }],
    ['the time of a call to come', { scheduledCallCreationMessage: { title: 't', scheduledTimestampMs: MOST } }],
  ])('is the same once it has been JSON, and counts nothing that a number cannot hold: %s', (_, content) => {
    const { raw: _raw, ...message } = messageOf(proto.Message.decode(encoded(content)))
    expect(JSON.parse(JSON.stringify(message))).toEqual(message)
    for (const [number] of JSON.stringify(message).matchAll(/(?<=:)-?\d+/g))
      expect(Number.isSafeInteger(Number(number))).toBe(true)
  })
})

function encoded(content: object): Uint8Array {
  return proto.Message.encode(proto.Message.fromObject(content)).finish()
}
