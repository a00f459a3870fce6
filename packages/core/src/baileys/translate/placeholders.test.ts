import { proto, type WAMessage } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { Preload } from './preload.js'
import { newestOfEach, toHistory } from './to-history.js'
import { toMessage } from './to-message.js'

const ME = '200000000000001@lid'
const CAROL = '15550000003@s.whatsapp.net'
const CAROL_LID = '200000000000003@lid'
const GROUP = '120363000000000001@g.us'
const LIST = '1437398290@broadcast'
const { StubType } = proto.WebMessageInfo

function wa(fields: Partial<WAMessage>, key: Partial<WAMessage['key']> = {}): WAMessage {
  return {
    key: { remoteJid: CAROL, id: 'A1', fromMe: false, participant: '', ...key },
    messageTimestamp: 1_764_000_000,
    ...fields,
  } as WAMessage
}

function messageOf(given: WAMessage) {
  const found = toMessage(given, { me: ME, source: 'live' })
  return found && 'message' in found ? found.message : undefined
}

describe('what has no content', () => {
  it.each<[string, WAMessage, object]>([
    [
      'that could not be decrypted waits',
      wa({ messageStubType: StubType.CIPHERTEXT, messageStubParameters: ['Bad MAC'] }),
      { type: 'placeholder', notice: { kind: 'waiting' } },
    ],
    [
      'that could not be decrypted beside its keys waits',
      wa({ messageStubType: StubType.CIPHERTEXT, message: { senderKeyDistributionMessage: {} } }),
      { type: 'placeholder', notice: { kind: 'waiting' } },
    ],
    ['is on the phone only', wa({}, { isViewOnce: true }), { type: 'placeholder', notice: { kind: 'view_once' } }],
    [
      'is a missed call',
      wa({ messageStubType: StubType.CALL_MISSED_VIDEO }),
      { type: 'call', call: { kind: 'video', outcome: 'missed' } },
    ],
    [
      'is a group that was made',
      wa(
        { messageStubType: StubType.GROUP_CREATE, messageStubParameters: ['Team'] },
        { remoteJid: GROUP, participant: CAROL },
      ),
      { type: 'system', chatId: GROUP, senderId: CAROL, notice: { kind: 'group_create', value: 'Team' } },
    ],
    [
      'is a member who was added',
      wa({ messageStubType: StubType.GROUP_PARTICIPANT_ADD, messageStubParameters: [`{"id":"${CAROL_LID}"}`] }),
      { type: 'system', notice: { kind: 'group_participant_add', people: [CAROL_LID] } },
    ],
    [
      'is a number that changed',
      wa({
        messageStubType: StubType.INDIVIDUAL_CHANGE_NUMBER,
        messageStubParameters: ['15550000009:2@s.whatsapp.net'],
      }),
      { type: 'system', notice: { kind: 'individual_change_number', people: ['15550000009@s.whatsapp.net'] } },
    ],
    ['was deleted', wa({ messageStubType: StubType.REVOKE }), { type: 'text', deletedAt: '2025-11-24T16:00:00.000Z' }],
  ])('%s', (_what, given, expected) => {
    expect(messageOf(given)).toMatchObject(expected)
    const history = historyOf({ chats: [], contacts: [], messages: [given] })
    expect(history.messages).toMatchObject([expected])
  })

  it.each<[string, WAMessage]>([
    ['keys alone', wa({ message: { senderKeyDistributionMessage: {} } })],
    ['nothing at all', wa({})],
    ['a stub that nobody knows', wa({ messageStubType: 9_999 as never })],
    [
      'what one device of the account sends another',
      { ...wa({ messageStubType: StubType.CIPHERTEXT }), category: 'peer' } as WAMessage,
    ],
  ])('shows nothing of %s', (_what, given) => {
    expect(messageOf(given)).toBeUndefined()
  })

  it('is what it has, when there is content beside a stub', () => {
    expect(messageOf(wa({ messageStubType: StubType.CIPHERTEXT, message: { conversation: 'x' } }))).toMatchObject({
      type: 'text',
      text: 'x',
    })
  })
})

describe('an address of any kind', () => {
  const text = { message: { conversation: 'x' } }

  it.each<[string, Partial<WAMessage['key']>, object]>([
    [
      'a list that somebody writes to: their own chat',
      { remoteJid: LIST, remoteJidAlt: CAROL_LID, participant: CAROL },
      { chatId: CAROL, senderId: CAROL, identities: [{ pn: CAROL, lid: CAROL_LID }] },
    ],
    ['a list of the account', { remoteJid: LIST, participant: CAROL, fromMe: true }, { chatId: LIST, senderId: ME }],
    [
      'a status',
      { remoteJid: 'status@broadcast', participant: CAROL },
      { chatId: 'status@broadcast', senderId: CAROL },
    ],
    ['an agent', { remoteJid: '15550000003_1:2@s.whatsapp.net' }, { chatId: CAROL, senderId: CAROL }],
    ['a bot', { remoteJid: '13135550002:3@bot' }, { chatId: '13135550002@bot', senderId: '13135550002@bot' }],
    ['another network', { remoteJid: '100012345@msgr' }, { chatId: '100012345@msgr' }],
    ['what comes next', { remoteJid: '7@NEW' }, { chatId: '7@new', senderId: '7@new' }],
  ])('is the chat of a message: %s', (_what, key, expected) => {
    expect(messageOf(wa(text, key))).toMatchObject({ text: 'x', ...expected })
  })

  it('is a chat of the history', () => {
    const set = {
      chats: [{ id: LIST, name: 'Customers' }],
      contacts: [],
      messages: [wa(text, { remoteJid: LIST, fromMe: true })],
    }
    const history = historyOf(set)
    expect(history.chats).toMatchObject([{ id: LIST, name: 'Customers' }])
    expect(history.messages).toMatchObject([{ chatId: LIST }])
  })
})

function historyOf(set: { chats: object[]; contacts: object[]; messages: WAMessage[] }) {
  const preload = new Preload({ type: 'all', limit: 9 })
  preload.admit(newestOfEach(set as never))
  return toHistory(set as never, { me: ME, preload })
}
