import { readFile, writeFile } from 'node:fs/promises'
import { proto, type WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { isSaid } from '../../records/stored.js'
import { CONTENT_TABLE, type ContentField } from './content-table.js'
import { PROTOCOL_TABLE } from './protocol-table.js'
import { toMessage } from './to-message.js'

const CAROL = '15550000003@s.whatsapp.net'
const key = { remoteJid: CAROL, id: 'T1' }
const fields = Object.keys(proto.Message.prototype).filter((name) => name !== 'toJSON') as ContentField[]
const picture = { mimetype: 'image/png', fileLength: 3 }
const media = { mimetype: 'image/png', bytes: 3, state: 'remote' }

/** As it comes over the wire. */
function translated(message: proto.IMessage) {
  const wire = proto.Message.decode(proto.Message.encode(message).finish())
  const wa = { key: { remoteJid: CAROL, id: 'A1', fromMe: false }, messageTimestamp: 1_764_000_000, message: wire }
  return toMessage(wa as WAMessage, { me: '200000000000001@lid', source: 'live' })
}

function messageOf(content: proto.IMessage) {
  const found = translated(content)
  return found && 'message' in found ? found.message : undefined
}

describe('the table of contents', () => {
  it('has a row for each field of the pinned Baileys', () => {
    expect(Object.keys(CONTENT_TABLE).sort()).toEqual(fields.toSorted())
    const types = Object.keys(proto.Message.ProtocolMessage.Type).filter((name) => Number.isNaN(Number(name)))
    expect(Object.keys(PROTOCOL_TABLE).sort()).toEqual(types.sort())
  })

  it.each(fields)('opens %s when, and only when, it holds a whole message', (field) => {
    const inner = { message: { conversation: 'inside' } }
    // What is no message inside does not take these fields in, or fails to: no wrapper, either way.
    const isWrapper = () => {
      const decoded = proto.Message.decode(proto.Message.encode({ [field]: inner }).finish())
      return decoded[field] instanceof proto.Message.FutureProofMessage
    }
    const others: ContentField[] = ['deviceSentMessage', 'commentMessage']
    const holds = others.includes(field) || safely(isWrapper)
    expect(CONTENT_TABLE[field].becomes === 'what is inside').toBe(holds)
    if (holds) expect(messageOf({ [field]: inner })).toMatchObject({ type: 'text', text: 'inside' })
  })

  const shown: [content: proto.IMessage, expected: object][] = [
    [{ conversation: 'hi' }, { type: 'text', text: 'hi' }],
    [{ extendedTextMessage: { text: 'hi' } }, { type: 'text', text: 'hi' }],
    [{ imageMessage: picture }, { type: 'image', media }],
    [{ videoMessage: { ...picture, caption: 'c' } }, { type: 'video', text: 'c', media: { ...media, caption: 'c' } }],
    [{ ptvMessage: picture }, { type: 'video', media }],
    [{ audioMessage: picture }, { type: 'audio', media }],
    [{ documentMessage: picture }, { type: 'document', media }],
    [{ stickerMessage: picture }, { type: 'sticker', media }],
    [{ stickerPackMessage: { name: 'Cats', fileLength: 3 } }, { type: 'sticker', text: 'Cats' }],
    [
      { locationMessage: { degreesLatitude: 1, degreesLongitude: 2, comment: 'here' } },
      { type: 'location', text: 'here', location: { latitude: 1, longitude: 2 } },
    ],
    [{ liveLocationMessage: { caption: 'on my way' } }, { type: 'location', text: 'on my way' }],
    [{ contactMessage: { displayName: 'Bob' } }, { type: 'contact', contacts: [{ name: 'Bob', vcard: '' }] }],
    [{ contactsArrayMessage: { contacts: [{}] } }, { type: 'contact', contacts: [{ name: '', vcard: '' }] }],
    [{ pollCreationMessage: { name: 'q' } }, { type: 'poll', text: 'q' }],
    [{ pollCreationMessageV2: { name: 'q' } }, { type: 'poll', text: 'q' }],
    [{ pollCreationMessageV3: { name: 'q' } }, { type: 'poll', text: 'q' }],
    [{ pollCreationMessageV5: { name: 'q' } }, { type: 'poll', text: 'q' }],
    ...(['pollResultSnapshotMessage', 'pollResultSnapshotMessageV3'] as const).map(
      (field): [proto.IMessage, object] => [
        { [field]: { name: 'q', pollVotes: [{ optionName: 'a', optionVoteCount: 3 }] } },
        { type: 'poll', text: 'q', poll: { question: 'q', options: [{ name: 'a', voters: [], count: 3 }] } },
      ],
    ),
    [
      {
        eventMessage: {
          name: 'Party',
          description: 'Bring cake',
          startTime: 1_764_000_000,
          location: { name: 'Home' },
        },
      },
      {
        type: 'event',
        text: 'Party\nBring cake\nHome',
        event: { name: 'Party', startsAt: '2025-11-24T16:00:00.000Z', location: { name: 'Home' } },
      },
    ],
    [
      {
        groupInviteMessage: {
          groupJid: '120363000000000001@g.us',
          groupName: 'Team',
          inviteCode: 'x',
          caption: 'Join!',
        },
      },
      { type: 'invite', text: 'Team\nJoin!', invite: { chatId: '120363000000000001@g.us', name: 'Team', code: 'x' } },
    ],
    [{ newsletterAdminInviteMessage: { newsletterName: 'News' } }, { type: 'invite', text: 'News' }],
    [
      { newsletterFollowerInviteMessageV2: { newsletterName: 'News', caption: 'c' } },
      { type: 'invite', text: 'News\nc' },
    ],
    [
      { scheduledCallCreationMessage: { title: 'Weekly', callType: 2, scheduledTimestampMs: 1_764_000_000_000 } },
      { type: 'call', text: 'Weekly', call: { kind: 'video', startsAt: '2025-11-24T16:00:00.000Z' } },
    ],
    [{ bcallMessage: { caption: 'Live now' } }, { type: 'call', text: 'Live now' }],
    [
      { callLogMesssage: { isVideo: true, callOutcome: 1 } },
      { type: 'call', call: { kind: 'video', outcome: 'missed' } },
    ],
    [
      { templateMessage: { hydratedTemplate: { hydratedContentText: 'Hi, this is a reminder' } } },
      { type: 'interactive', text: 'Hi, this is a reminder' },
    ],
    [
      { highlyStructuredMessage: { hydratedHsm: { hydratedTemplate: { hydratedContentText: 'hsm' } } } },
      { type: 'interactive', text: 'hsm' },
    ],
    [
      {
        buttonsMessage: {
          contentText: 'Choose',
          footerText: 'foot',
          imageMessage: picture,
          buttons: [{ buttonId: 'a', buttonText: { displayText: 'A' } }],
        },
      },
      { type: 'interactive', text: 'Choose\nfoot', media, buttons: [{ text: 'A', id: 'a' }] },
    ],
    [
      {
        listMessage: {
          title: 'Menu',
          description: 'Pick one',
          sections: [{ rows: [{ title: 'Soup', rowId: 'r', description: 'hot' }] }],
        },
      },
      {
        type: 'interactive',
        text: 'Menu\nPick one',
        buttons: [{ text: 'Soup', id: 'r', description: 'hot' }],
      },
    ],
    [
      {
        interactiveMessage: {
          header: { title: 'Shop', imageMessage: picture },
          body: { text: 'Look' },
          footer: { text: 'foot' },
          nativeFlowMessage: {
            buttons: [{ name: 'quick_reply', buttonParamsJson: '{"display_text":"Yes","id":"y"}' }, { name: '' }],
          },
        },
      },
      { type: 'interactive', text: 'Shop\nLook\nfoot', media, buttons: [{ text: 'Yes', id: 'y' }] },
    ],
    [
      { buttonsResponseMessage: { selectedButtonId: 'a', selectedDisplayText: 'A' } },
      { type: 'text', text: 'A', selection: { id: 'a' } },
    ],
    [
      { templateButtonReplyMessage: { selectedId: 'y', selectedDisplayText: 'Yes' } },
      { type: 'text', text: 'Yes', selection: { id: 'y' } },
    ],
    [
      { listResponseMessage: { title: 'Soup', singleSelectReply: { selectedRowId: 'r' } } },
      { type: 'text', text: 'Soup', selection: { id: 'r' } },
    ],
    [
      {
        interactiveResponseMessage: {
          body: { text: 'Yes please' },
          nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"y"}' },
        },
      },
      { type: 'text', text: 'Yes please', selection: { id: 'y' } },
    ],
    [
      {
        productMessage: {
          product: { title: 'Cup', productImage: picture, currencyCode: 'EUR', priceAmount1000: 12_500 },
          body: 'Nice cup',
        },
      },
      { type: 'product', text: 'Cup\nNice cup', media, amount: { currency: 'EUR', value: '12.5' } },
    ],
    [
      {
        orderMessage: {
          orderId: 'o',
          itemCount: 2,
          message: 'Please',
          totalAmount1000: 3_000,
          totalCurrencyCode: 'EUR',
        },
      },
      { type: 'order', text: 'Please', order: { id: 'o', itemCount: 2 }, amount: { currency: 'EUR', value: '3' } },
    ],
    [
      { invoiceMessage: { note: 'June', attachmentMimetype: 'application/pdf' } },
      { type: 'payment', text: 'June', media: { mimetype: 'application/pdf' } },
    ],
    [{ sendPaymentMessage: { noteMessage: { conversation: 'thanks' } } }, { type: 'payment', text: 'thanks' }],
    [
      { requestPaymentMessage: { amount: { value: 1_250, offset: 100, currencyCode: 'BRL' } } },
      { type: 'payment', text: '12.5 BRL', amount: { currency: 'BRL', value: '12.5' } },
    ],
    [
      { richResponseMessage: { submessages: [{ messageText: 'It is' }, { messageText: '42' }] } },
      { type: 'text', text: 'It is\n42' },
    ],
    [{ questionResponseMessage: { text: 'blue', key } }, { type: 'text', text: 'blue', quotedMessageId: 'T1' }],
    [{ statusQuestionAnswerMessage: { text: 'red', key } }, { type: 'text', text: 'red', quotedMessageId: 'T1' }],
    [
      { statusQuotedMessage: { type: 1, text: 'nice', originalStatusId: key } },
      { type: 'text', text: 'nice', quotedMessageId: 'T1' },
    ],
    [{ declinePaymentRequestMessage: { key } }, { type: 'system', notice: { kind: 'payment_declined' } }],
    [{ cancelPaymentRequestMessage: { key } }, { type: 'system', notice: { kind: 'payment_canceled' } }],
    [{ paymentInviteMessage: { serviceType: 3 } }, { type: 'system', notice: { kind: 'payment_invite' } }],
    [{ requestPhoneNumberMessage: {} }, { type: 'system', notice: { kind: 'number_requested' } }],
    [{ scheduledCallEditMessage: { key, editType: 1 } }, { type: 'system', notice: { kind: 'call_canceled' } }],
    [{ call: { callKey: new Uint8Array(32) } }, { type: 'system', notice: { kind: 'call' } }],
    [{ messageHistoryBundle: {} }, { type: 'system', notice: { kind: 'history_shared' } }],
    [{ messageHistoryNotice: {} }, { type: 'system', notice: { kind: 'history_shared' } }],
    [{ placeholderMessage: { type: 0 } }, { type: 'placeholder', notice: { kind: 'masked' } }],
    [{ albumMessage: { expectedImageCount: 2 } }, { type: 'hidden' }],
    [{ pinInChatMessage: { key, type: 1, senderTimestampMs: 1 } }, { type: 'hidden' }],
    [{ keepInChatMessage: { key, keepType: 1 } }, { type: 'hidden' }],
    [{ statusNotificationMessage: { type: 1 } }, { type: 'hidden' }],
    [{ statusStickerInteractionMessage: {} }, { type: 'hidden' }],
    [{ stickerSyncRmrMessage: {} }, { type: 'hidden' }],
    [{ chat: { id: 'x' } }, { type: 'hidden' }],
  ]

  it('shows an example of each field below', () => {
    const examples = shown.map(([content]) => Object.keys(content)[0])
    const described = fields.filter((field) => 'describe' in CONTENT_TABLE[field])
    expect(examples.sort()).toEqual(described.sort())
  })

  it.each(shown.map(([content, expected]) => [Object.keys(content)[0] as ContentField, content, expected] as const))(
    '%s is what its row says, and its raw form is kept',
    (field, content, expected) => {
      const message = messageOf(content)
      expect(message).toMatchObject({ ...expected, raw: proto.Message.encode(content).finish() })
      expect(message?.type).toBe(CONTENT_TABLE[field].becomes)
      const wordless = ['system', 'placeholder', 'hidden', 'unknown'].includes(message?.type ?? '')
      expect(message && isSaid(message)).toBe(!wordless && field !== 'callLogMesssage')
    },
  )

  it('is shown in docs/compatibility.md', async () => {
    const path = new URL('../../../../../docs/compatibility.md', import.meta.url)
    const document = await readFile(path, 'utf8')
    const [begin, end] = ['<!-- message types: begin -->\n', '<!-- message types: end -->']
    const [before = '', rest = ''] = document.split(begin)
    const right = `${before}${begin}${tables()}${end}${rest.split(end)[1]}`
    if (process.env.UPDATE_DOCUMENTS) await writeFile(path, right)
    else expect(document, 'run this test with UPDATE_DOCUMENTS=1').toBe(right)
  })
})

describe('what businesses send and what comes back', () => {
  const cases: [name: string, content: proto.IMessage, expected: object][] = [
    [
      'a template with title, footer, picture and three kinds of buttons',
      {
        templateMessage: {
          hydratedFourRowTemplate: {
            hydratedTitleText: 'Title',
            hydratedContentText: 'Text',
            hydratedFooterText: 'Foot',
            imageMessage: picture,
            hydratedButtons: [
              { quickReplyButton: { displayText: 'Yes', id: 'y' } },
              { urlButton: { displayText: 'Site', url: 'https://example.com' } },
              { callButton: { displayText: 'Call', phoneNumber: '+15550000009' } },
            ],
          },
        },
      },
      {
        type: 'interactive',
        text: 'Title\nText\nFoot',
        media,
        buttons: [
          { text: 'Yes', id: 'y' },
          { text: 'Site', url: 'https://example.com' },
          { text: 'Call', phone: '+15550000009' },
        ],
      },
    ],
    [
      'a template that is an interactive message',
      { templateMessage: { interactiveMessageTemplate: { body: { text: 'Look' } } } },
      { type: 'interactive', text: 'Look' },
    ],
    [
      'a template of four rows, by the words that fill it',
      { templateMessage: { fourRowTemplate: { content: { elementName: 'order_ready', params: ['Ana', '#42'] } } } },
      { type: 'interactive', text: 'Ana\n#42' },
    ],
    [
      'cards, one below the other, with the first picture and all buttons',
      {
        viewOnceMessage: {
          message: {
            interactiveMessage: {
              body: { text: 'New in' },
              carouselMessage: {
                cards: [
                  { header: { imageMessage: picture }, body: { text: 'Red' } },
                  {
                    body: { text: 'Blue' },
                    nativeFlowMessage: {
                      buttons: [
                        { name: 'cta_url', buttonParamsJson: '{"display_text":"Buy","url":"https://example.com"}' },
                      ],
                    },
                  },
                ],
              },
            },
          },
        },
      },
      {
        type: 'interactive',
        text: 'New in\nRed\nBlue',
        media,
        buttons: [{ text: 'Buy', url: 'https://example.com' }],
      },
    ],
    [
      'an interactive message with a product in its header',
      { interactiveMessage: { header: { productMessage: { product: { title: 'Cup', productImage: picture } } } } },
      { type: 'interactive', text: 'Cup', media },
    ],
    [
      'the parts of a form that was filled in',
      {
        interactiveResponseMessage: {
          body: { text: 'Sent' },
          nativeFlowResponseMessage: { name: 'flow', paramsJson: '{"size":"L"}' },
        },
      },
      { type: 'text', text: 'Sent', selection: { data: '{"size":"L"}' } },
    ],
    [
      'an answer without words, by its id',
      { buttonsResponseMessage: { selectedButtonId: 'a' } },
      { type: 'text', text: 'a', selection: { id: 'a' } },
    ],
    [
      'an answer whose JSON is broken',
      { interactiveResponseMessage: { body: { text: 'x' }, nativeFlowResponseMessage: { paramsJson: '{"id":' } } },
      { type: 'text', text: 'x', selection: { data: '{"id":' } },
    ],
    [
      'the click on an advertisement, without a text',
      {
        extendedTextMessage: {
          contextInfo: { externalAdReply: { title: 'Sale', body: 'Half price', sourceUrl: 'https://example.com' } },
        },
      },
      { type: 'text', text: 'Sale\nHalf price', ad: { title: 'Sale', text: 'Half price', url: 'https://example.com' } },
    ],
    [
      'the click on an advertisement, with a text',
      {
        extendedTextMessage: {
          text: 'Is it there?',
          contextInfo: { externalAdReply: { title: 'Sale', sourceId: '7' } },
        },
      },
      { type: 'text', text: 'Is it there?', ad: { id: '7', title: 'Sale' } },
    ],
    [
      'a comment, with what it is about',
      { commentMessage: { message: { conversation: 'well said' }, targetMessageKey: key } },
      { type: 'text', text: 'well said', quotedMessageId: 'T1' },
    ],
    [
      'a sticker that moves',
      { lottieStickerMessage: { message: { stickerMessage: { mimetype: 'application/was', isAnimated: true } } } },
      { type: 'sticker', media: { mimetype: 'application/was' } },
    ],
    [
      'a mention in a status',
      { statusMentionMessage: { message: { protocolMessage: { type: 25, key } } } },
      { type: 'system', notice: { kind: 'status_mention' } },
    ],
    [
      'a timer that was set',
      { ephemeralMessage: { message: { protocolMessage: { type: 3, ephemeralExpiration: 86_400 } } } },
      { type: 'system', notice: { kind: 'disappearing_messages', value: '86400' } },
    ],
    [
      'that sharing is limited',
      { limitSharingMessage: { message: { protocolMessage: { type: 27 } } } },
      { type: 'hidden' },
    ],
    [
      'the better copy of a picture',
      {
        associatedChildMessage: { message: { imageMessage: picture } },
        messageContextInfo: { messageAssociation: { associationType: 10, parentMessageKey: key } },
      },
      { type: 'hidden' },
    ],
    [
      'the better copy of a picture, said inside',
      {
        associatedChildMessage: {
          message: { imageMessage: picture, messageContextInfo: { messageAssociation: { associationType: 10 } } },
        },
      },
      { type: 'hidden' },
    ],
    [
      'a part of an album',
      {
        associatedChildMessage: { message: { imageMessage: picture } },
        messageContextInfo: { messageAssociation: { associationType: 1, parentMessageKey: key } },
      },
      { type: 'image', media },
    ],
    ['a text of nothing', { extendedTextMessage: { text: '' } }, { type: 'unknown' }],
    ['buttons of nothing', { buttonsMessage: {} }, { type: 'unknown' }],
    ['what a newer WhatsApp sends', { messageContextInfo: { messageSecret: new Uint8Array(32) } }, { type: 'unknown' }],
    ['a wrapper around nothing', { viewOnceMessage: {} }, { type: 'unknown' }],
  ]

  it.each(cases)('reads %s', (_name, content, expected) => {
    expect(messageOf(content)).toMatchObject(expected)
  })

  it('opens twelve wrappers, and keeps what is deeper as unknown', () => {
    const wrapped = (depth: number): proto.IMessage =>
      depth === 0 ? { conversation: 'deep' } : { ephemeralMessage: { message: wrapped(depth - 1) } }
    expect(messageOf(wrapped(11))).toMatchObject({ type: 'text', text: 'deep' })
    expect(messageOf(wrapped(20))).toMatchObject({ type: 'unknown' })
  })

  it('knows nothing of a protocol message that is newer, and keeps it hidden', () => {
    expect(messageOf({ protocolMessage: { type: 999 as never, key } })).toMatchObject({ type: 'hidden' })
  })
})

function safely(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}

function tables(): string {
  const rows = fields.map((field) => `| \`${field}\` | ${CONTENT_TABLE[field].sees} | ${ours(field)} |`)
  const protocol = Object.entries(PROTOCOL_TABLE).map(
    ([type, { sees, becomes }]) =>
      `| \`${type}\` | ${sees} | ${becomes === 'nothing' || becomes === 'change' ? becomes : `\`${becomes}\``} |`,
  )
  return [
    '| field of `Message` | a person sees | we make of it |',
    '|---|---|---|',
    ...rows,
    '',
    '| type of `protocolMessage` | a person sees | we make of it |',
    '|---|---|---|',
    ...protocol,
    '',
  ].join('\n')
}

function ours(field: ContentField): string {
  const { becomes } = CONTENT_TABLE[field]
  return becomes === 'what is inside' || becomes === 'change' || becomes === 'nothing' ? becomes : `\`${becomes}\``
}
