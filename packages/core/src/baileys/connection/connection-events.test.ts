import { EventEmitter } from 'node:events'
import { type AuthenticationCreds, initAuthCreds, proto, type WAMessage, type WASocket } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import type { ConnectionEvent } from '../../ports/connector.js'
import type { SessionSettings } from '../../types/session.js'
import type { Journal } from '../signal-engine.js'
import { ConnectionEvents } from './connection-events.js'
import { hearSocket } from './hear-socket.js'
import { InboundJournal } from './inbound-journal.js'

const ME = '200000000000001@lid'
const CAROL = '15550000003@s.whatsapp.net'
const CAROL_LID = '200000000000003@lid'
const GROUP = '120363000000000001@g.us'
const { Status } = proto.WebMessageInfo

function setUp({ settings = {}, qrLifetimeMs }: { settings?: SessionSettings; qrLifetimeMs?: number } = {}) {
  const heard: ConnectionEvent[] = []
  const settled: string[] = []
  const changedGroups: string[] = []
  const rejected: string[] = []
  const creds: AuthenticationCreds = {
    ...initAuthCreds(),
    me: { id: '15550000001:3@s.whatsapp.net', lid: '200000000000001:3@lid' },
  }
  const engine: Journal = {
    expect: () => undefined,
    list: async () => [],
    settle: (ids) => void settled.push(...ids),
    flush: async () => undefined,
  }
  const journal = new InboundJournal(engine, (ciphertext) => Buffer.from(ciphertext).toString())
  const events = new ConnectionEvents({
    creds,
    settings,
    journal,
    awaited: undefined,
    qrLifetimeMs,
    emit: (event) => void heard.push(event),
    emitLater: (make) => void heard.push(make()),
    groupChanged: (groupId) => void changedGroups.push(groupId),
    rejectCall: async (callId) => {
      rejected.push(callId)
      throw new Error('too late')
    },
  })
  /** A message as it came: encrypted. */
  const arrives = (id: string) =>
    journal.arriving({
      tag: 'message',
      attrs: { id, from: CAROL },
      content: [{ tag: 'enc', attrs: {}, content: Buffer.from(`entry of ${id}`) }],
    })
  return { events, taps: events.taps, heard, settled, changedGroups, rejected, arrives }
}

const wa = (id: string, message: proto.IMessage | null, key: Partial<WAMessage['key']> = {}): WAMessage =>
  ({ key: { remoteJid: CAROL, id, fromMe: false, ...key }, messageTimestamp: 1_764_000_000, message }) as WAMessage

describe('messages', () => {
  it.each([
    ['notify', false, 'live'],
    // Messages that waited for us arrive as `append`: taking them for history would lose them.
    ['append', false, 'offline'],
    ['notify', true, 'phone'],
    ['append', true, 'phone'],
  ] as const)('of the kind %s (from me: %s) are %s', (type, fromMe, source) => {
    const { taps, heard } = setUp()
    taps['messages.upsert']?.({ messages: [wa('A', { conversation: 'x' }, { fromMe })], type })
    expect(heard).toMatchObject([
      { type: 'messages', inbound: [{ message: { id: 'A', source, senderId: fromMe ? ME : CAROL } }] },
    ])
  })

  it('come with what forgets them in the journal once they are stored', async () => {
    const { taps, heard, settled, arrives } = setUp()
    arrives('A')
    taps['messages.upsert']?.({ messages: [wa('A', { conversation: 'x' })], type: 'notify' })
    expect(settled).toEqual([])
    const [event] = heard
    if (event?.type === 'messages') await event.inbound[0]?.settle?.()
    expect(settled).toEqual(['entry of A'])
  })

  it('that Baileys handles itself are forgotten with the next one: it works on one after the other', () => {
    const { taps, heard, settled, arrives } = setUp()
    for (const id of ['A', 'B']) arrives(id)
    const machinery = { protocolMessage: { type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE } }
    taps['messages.upsert']?.({ messages: [wa('A', machinery)], type: 'notify' })
    expect(settled).toEqual([])
    taps['messages.upsert']?.({ messages: [wa('B', null)], type: 'notify' })
    expect(heard).toEqual([])
    expect(settled).toEqual(['entry of A'])
  })

  it('that bring a history are forgotten once that is stored', async () => {
    const { taps, heard, settled, arrives } = setUp()
    for (const id of ['A', 'B']) arrives(id)
    const notification = { protocolMessage: { type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION } }
    taps['messages.upsert']?.({ messages: [wa('A', notification)], type: 'notify' })
    taps['messaging-history.set']?.({ chats: [], contacts: [], messages: [] })
    taps['messages.upsert']?.({ messages: [wa('B', { conversation: 'x' })], type: 'notify' })
    expect(settled).toEqual([])
    const [event] = heard
    if (event?.type === 'history') await event.settle?.()
    expect(settled).toEqual(['entry of A'])
  })

  it('that change others come as changes', () => {
    const { taps, heard } = setUp()
    const reaction = { reactionMessage: { key: { id: 'B' }, text: '👍' } }
    taps['messages.upsert']?.({ messages: [wa('A', reaction)], type: 'notify' })
    expect(heard).toMatchObject([{ type: 'messages', inbound: [{ change: { kind: 'reaction', messageId: 'B' } }] }])
  })

  it('of a journal come back as what was missed, or as written on the phone', () => {
    expect(ConnectionEvents.recovered(wa('A', { conversation: 'x' }), '200000000000001:3@lid')).toMatchObject({
      message: { id: 'A', source: 'offline' },
    })
    expect(
      ConnectionEvents.recovered(wa('A', { conversation: 'x' }, { fromMe: true }), '200000000000001:3@lid'),
    ).toMatchObject({
      message: { source: 'phone', senderId: ME },
    })
    expect(ConnectionEvents.recovered(wa('A', null), ME)).toBeUndefined()
  })
})

describe('receipts', () => {
  it.each([
    [Status.DELIVERY_ACK, 'delivered'],
    [Status.READ, 'read'],
    [Status.PLAYED, 'played'],
  ])('of the status %i are %s', (status, reached) => {
    const { taps, heard } = setUp()
    const key = { remoteJid: CAROL, id: 'A', fromMe: true }
    taps['messages.update']?.([{ key, update: { status, messageTimestamp: 1_764_000_000 } }])
    expect(heard).toEqual([
      { type: 'receipt', ids: ['A'], chatId: CAROL, status: reached, at: '2025-11-24T16:00:00.000Z' },
    ])
  })

  it.each([
    [
      "a status of the server's own",
      { key: { remoteJid: CAROL, id: 'A', fromMe: true }, update: { status: Status.SERVER_ACK } },
    ],
    ['no status', { key: { remoteJid: CAROL, id: 'A', fromMe: true }, update: {} }],
    [
      "somebody else's message that came",
      { key: { remoteJid: CAROL, id: 'A', fromMe: false }, update: { status: Status.DELIVERY_ACK } },
    ],
    ['no chat', { key: { id: 'A', fromMe: true }, update: { status: Status.READ } }],
  ])('say nothing for %s', (_name, update) => {
    const { taps, heard } = setUp()
    taps['messages.update']?.([update])
    expect(heard).toEqual([])
  })

  it("tell what the account has read on another of its devices, in a group by the account's address", () => {
    const { taps, heard } = setUp()
    taps['messages.update']?.([
      { key: { remoteJid: CAROL, id: 'A', fromMe: false }, update: { status: Status.READ } },
      { key: { remoteJid: CAROL, id: 'B', fromMe: false }, update: { status: Status.READ } },
    ])
    const group = '120363000000000001@g.us'
    const [own, other] = ['200000000000001@lid', CAROL].map((participant) => ({
      key: { remoteJid: group, id: 'G', fromMe: true, participant },
      receipt: { userJid: participant, readTimestamp: 1 },
    }))
    if (own && other) taps['message-receipt.update']?.([own, other])
    expect(heard).toMatchObject([
      { type: 'read', chatId: CAROL, ids: ['A', 'B'] },
      { type: 'read', chatId: group, ids: ['G'] },
      { type: 'receipt', chatId: group, ids: ['G'], status: 'read' },
    ])
  })

  it('follow what was deleted for the account alone', () => {
    const { taps, heard } = setUp()
    taps['messages.delete']?.({ keys: [{ remoteJid: CAROL, id: 'A' }] })
    taps['messages.delete']?.({ jid: CAROL, all: true })
    expect(heard).toEqual([{ type: 'removed', chatId: CAROL, ids: ['A'] }])
  })

  it('are one for all messages of a chat that are told at once', () => {
    const { taps, heard } = setUp()
    const of = (id: string, remoteJid: string, status: number) => ({
      key: { remoteJid, id, fromMe: true },
      update: { status, messageTimestamp: 1_764_000_000 },
    })
    taps['messages.update']?.([
      of('A', CAROL, Status.READ),
      of('B', GROUP, Status.READ),
      of('C', CAROL, Status.READ),
      of('D', CAROL, Status.DELIVERY_ACK),
    ])
    expect(heard).toMatchObject([
      { ids: ['A', 'C'], chatId: CAROL, status: 'read' },
      { ids: ['B'], chatId: GROUP, status: 'read' },
      { ids: ['D'], chatId: CAROL, status: 'delivered' },
    ])
  })

  it('in groups come from each member', () => {
    const { taps, heard } = setUp()
    const key = { remoteJid: GROUP, id: 'A', fromMe: true }
    taps['message-receipt.update']?.([
      { key, receipt: { userJid: CAROL, receiptTimestamp: 1_764_000_000 } },
      { key, receipt: { userJid: CAROL, readTimestamp: 1_764_000_001 } },
    ])
    expect(heard).toMatchObject([{ status: 'delivered' }, { status: 'read', at: '2025-11-24T16:00:01.000Z' }])
  })
})

describe('acks', () => {
  it('say that the server took a message, or why it did not', () => {
    const { events, heard } = setUp()
    events.ack({ tag: 'ack', attrs: { id: 'A', class: 'message' } })
    events.ack({ tag: 'ack', attrs: { id: 'B', class: 'message', error: '463' } })
    events.ack({ tag: 'ack', attrs: { id: 'C', class: 'message', error: '999' } })
    events.ack({ tag: 'ack', attrs: { class: 'message' } })
    expect(heard).toEqual([
      { type: 'ack', id: 'A' },
      { type: 'ack', id: 'B', error: { code: '463', message: expect.stringContaining('new chats') } },
      { type: 'ack', id: 'C', error: { code: '999', message: 'WhatsApp refused the message (999)' } },
    ])
  })
})

describe('QRs', () => {
  const pairDevice = (refs: number) => ({
    tag: 'iq',
    attrs: {},
    content: [
      { tag: 'pair-device', attrs: {}, content: Array.from({ length: refs }, () => ({ tag: 'ref', attrs: {} })) },
    ],
  })

  it('live for a minute, then for twenty seconds each, as many as the server gave refs', () => {
    const { events, heard } = setUp()
    events.pairDevice(pairDevice(3))
    for (const qr of ['first', 'second', 'third']) events.qr(qr)
    expect(heard).toEqual([
      { type: 'qr', qr: 'first', attempt: 1, maxAttempts: 3, lifetimeMs: 60_000, remainingMs: 100_000 },
      { type: 'qr', qr: 'second', attempt: 2, maxAttempts: 3, lifetimeMs: 20_000, remainingMs: 40_000 },
      { type: 'qr', qr: 'third', attempt: 3, maxAttempts: 3, lifetimeMs: 20_000, remainingMs: 20_000 },
    ])
    events.pairDevice(pairDevice(2))
    events.qr('again')
    expect(heard.at(-1)).toMatchObject({ attempt: 1, maxAttempts: 2 })
  })

  it('live as long as they are told to', () => {
    const { events, heard } = setUp({ qrLifetimeMs: 5_000 })
    events.pairDevice(pairDevice(2))
    events.qr('first')
    expect(heard).toMatchObject([{ lifetimeMs: 5_000, remainingMs: 10_000 }])
  })
})

it.each(['passkey_prologue_request', 'crsc_continuation'])('asks for a passkey on %s', (type) => {
  const { events, heard } = setUp()
  const ws = new EventEmitter()
  const ignored = () => undefined
  const hooks = new Proxy({}, { get: () => ignored }) as Parameters<typeof hearSocket>[2]
  hearSocket({ ws, ev: new EventEmitter() } as unknown as WASocket, events, hooks)
  ws.emit(`CB:notification,type:${type}`)
  expect(heard).toEqual([{ type: 'passkey' }])
})

describe('calls', () => {
  const offer = { id: 'C', from: CAROL, status: 'offer', isVideo: true } as Parameters<
    NonNullable<ReturnType<typeof setUp>['taps']['call']>
  >[0][number]

  it('are told, and rejected only where the settings say so, however that goes', async () => {
    for (const rejectCalls of [true, false]) {
      const { taps, heard, rejected } = setUp({ settings: { rejectCalls } })
      taps.call?.([offer, { ...offer, status: 'terminate' }, { ...offer, from: 'nobody' }])
      await Promise.resolve()
      expect(heard).toMatchObject([
        { type: 'call', callId: 'C', from: CAROL, kind: 'video', state: 'offer' },
        { type: 'call', state: 'terminate' },
      ])
      expect(rejected).toEqual(rejectCalls ? ['C'] : [])
    }
  })
})

describe('everything else', () => {
  it('is that a picture is another one, or gone, and not that a contact has another name', () => {
    const { taps, heard } = setUp()
    taps['contacts.update']?.([
      { id: CAROL, imgUrl: 'changed' },
      { id: GROUP, imgUrl: 'removed' },
      { id: CAROL, notify: 'Caro' },
      { imgUrl: 'changed' },
    ])
    expect(heard).toEqual([
      { type: 'picture', id: CAROL },
      { type: 'picture', id: GROUP },
    ])
  })

  it('is identities, names and chats, where they say something', () => {
    const { taps, heard } = setUp()
    taps['lid-mapping.update']?.({ pn: CAROL, lid: CAROL_LID })
    taps['lid-mapping.update']?.({ pn: GROUP, lid: CAROL_LID })
    taps['contacts.upsert']?.([{ id: CAROL, lid: CAROL_LID, name: 'Carol' }])
    taps['contacts.upsert']?.([{ id: CAROL }])
    taps['chats.update']?.([
      { id: CAROL, conversationTimestamp: 1 },
      { id: GROUP, archived: true },
    ])
    taps['chats.update']?.([{ id: CAROL, unreadCount: 3 }])
    expect(heard).toEqual([
      { type: 'identities', pairs: [{ pn: CAROL, lid: CAROL_LID }] },
      { type: 'identities', pairs: [{ pn: CAROL, lid: CAROL_LID }] },
      { type: 'contacts', changes: [{ id: CAROL, name: 'Carol' }] },
      { type: 'chats', changes: [{ id: GROUP, archived: true }] },
    ])
  })

  it('is who writes, in chats and groups', () => {
    const { taps, heard } = setUp()
    taps['presence.update']?.({ id: CAROL, presences: { [CAROL]: { lastKnownPresence: 'composing' } } })
    taps['presence.update']?.({ id: GROUP, presences: { '200000000000003:7@lid': { lastKnownPresence: 'recording' } } })
    const unknown = { lastKnownPresence: 'dancing' } as unknown as { lastKnownPresence: 'composing' }
    taps['presence.update']?.({ id: CAROL, presences: { [CAROL]: unknown } })
    expect(heard).toEqual([
      { type: 'presence', chatId: CAROL, senderId: CAROL, state: 'composing' },
      { type: 'presence', chatId: GROUP, senderId: CAROL_LID, state: 'recording' },
    ])
  })

  it('makes a changed group be asked for again', () => {
    const { events, taps, changedGroups } = setUp()
    taps['groups.update']?.([{ id: GROUP }, {}])
    events.groupNotice({ tag: 'notification', attrs: { from: '120363000000000009@g.us', type: 'w:gp2' }, content: [] })
    expect(changedGroups).toEqual([GROUP, '120363000000000009@g.us'])
  })
})
