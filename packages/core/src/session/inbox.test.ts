import { describe, expect, it } from 'vitest'
import { SessionWorld } from '../../test/support/session-world.js'
import { storeFaults } from '../../test/support/store-faults.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { WireChange, WireMessage } from '../ports/connector.js'
import type { SessionRecord } from '../ports/session-store.js'

const CAROL = '15550000003@s.whatsapp.net'
const CAROL_LID = '200000000000003@lid'
const BOB_LID = '200000000000002@lid'
const GROUP = '120363000000000001@g.us'
const PAIR = { pn: CAROL, lid: CAROL_LID }
const at = '2026-01-01T00:00:01.000Z'

const wire = (id: string, fields: Partial<WireMessage> = {}): WireMessage => ({
  id,
  chatId: CAROL,
  senderId: CAROL,
  fromMe: false,
  timestamp: '2026-01-01T00:00:00.000Z',
  type: 'text',
  text: `text of ${id}`,
  source: 'live',
  identities: [],
  raw: Buffer.from(id),
  ...fields,
})

async function setUp(changes: Partial<SessionRecord> = {}) {
  const world = await SessionWorld.connected(changes)
  const { last } = world.connector
  return {
    world,
    connection: last,
    messages: (...messages: WireMessage[]) =>
      last.emit({ type: 'messages', inbound: messages.map((message) => ({ message })) }),
    change: (change: WireChange) => last.emit({ type: 'messages', inbound: [{ change }] }),
  }
}

describe('an inbound message', () => {
  it('is stored under the canonical ids, announced, counted, and settled last', async () => {
    const { world, connection } = await setUp()
    const steps: string[] = []
    const settle = async () => {
      steps.push(`settled after ${world.heard('message').length} event`)
    }
    const message = wire('A', { identities: [PAIR], pushName: 'Carol' })
    await connection.emit({ type: 'messages', inbound: [{ message, settle }] })
    expect(steps).toEqual(['settled after 1 event'])
    expect(await world.store.messages.find('s', { id: 'A' })).toMatchObject([
      { chatId: CAROL_LID, senderId: CAROL_LID, status: 'delivered', raw: new Uint8Array(Buffer.from('A')) },
    ])
    const [event] = world.heard('message')
    expect(event?.message).toMatchObject({ id: 'A', sessionId: 's', chatId: CAROL_LID, text: 'text of A' })
    for (const field of ['raw', 'pushName', 'identities']) expect(event?.message).not.toHaveProperty(field)
    expect(world.session.metrics.pending).toMatchObject({ counters: { received: 1, chats: 1 } })
    expect(world.heard('contact.updated').map(({ contact }) => contact.pushName)).toEqual(['Carol'])
  })

  it('that nobody said is stored and told apart, and neither counted nor unread', async () => {
    const { world, messages } = await setUp()
    const { text: _, ...wordless } = wire('')
    const types = ['system', 'placeholder', 'hidden', 'unknown', 'call'] as const
    await messages(wire('A'), ...types.map((type) => ({ ...wordless, id: type, type })), {
      ...wordless,
      id: 'own',
      type: 'unknown',
      fromMe: true,
      source: 'phone',
    })
    expect(world.heard('message').map(({ message }) => message.id)).toEqual(['A'])
    expect(world.heard('message-sent')).toEqual([])
    expect(world.heard('message.notice').map(({ message }) => message.id)).toEqual([...types, 'own'])
    expect(world.session.metrics.pending.counters).toMatchObject({ received: 1 })
    expect(await world.store.chats.get('s', CAROL)).toMatchObject({ unreadCount: 1 })
  })

  it('that comes again is stored, announced and counted once', async () => {
    const { world, messages } = await setUp()
    await messages(wire('A'))
    await messages(wire('A'), wire('B'))
    expect(world.heard('message').map(({ message }) => message.id)).toEqual(['A', 'B'])
    expect(world.session.metrics.pending.counters.received).toBe(2)
    expect(await world.store.messages.count('s')).toBe(2)
  })

  it('that was decrypted before a crash is announced again, under the number it had', async () => {
    const { world, connection, messages } = await setUp()
    await messages(wire('A'))
    const seq = world.heard('message')[0]?.seq
    await connection.emit({ type: 'messages', inbound: [{ message: wire('A'), drained: true }] })
    expect(world.heard('message').map((event) => event.seq)).toEqual([seq, seq])
    expect(world.session.metrics.pending.counters.received).toBe(1)
  })

  it('that could not be stored is neither announced nor settled: the connection ends, and it comes again', async () => {
    const { world, connection } = await setUp()
    const faults = storeFaults(world.store)
    faults.failing.add('messages.record')
    let settled = 0
    const settle = async () => {
      settled += 1
    }
    await connection.emit({ type: 'messages', inbound: [{ message: wire('A'), settle }] })
    await world.clock.advance(0)
    expect([settled, world.heard('message').length]).toEqual([0, 0])
    expect(world.session.state.record.statusReason?.code).toBe('STORE_UNAVAILABLE')
    expect(world.connector.open).toEqual([])
    faults.failing.clear()
    await world.clock.advance(10_000)
    await world.connector.last.opened()
    await world.connector.last.emit({ type: 'messages', inbound: [{ message: wire('A'), settle }] })
    expect([settled, world.heard('message').length]).toEqual([1, 1])
  })

  it('names people by one address, wherever their names stand', async () => {
    const { world, messages, change } = await setUp()
    await messages(
      wire('A', {
        identities: [PAIR],
        mentions: [CAROL, CAROL_LID, BOB_LID],
        quoted: { chatId: GROUP, senderId: CAROL, text: 'before' },
        notice: { kind: 'added', people: [CAROL] },
      }),
    )
    expect((await world.store.messages.find('s', { id: 'A' }))[0]).toMatchObject({
      mentions: [CAROL_LID, BOB_LID],
      quoted: { chatId: GROUP, senderId: CAROL_LID, text: 'before' },
      notice: { kind: 'added', people: [CAROL_LID] },
    })
    const edit = { kind: 'edit' as const, text: '@c', mentions: [CAROL] }
    await change({ ...edit, id: 'C', messageId: 'A', chatId: CAROL, senderId: CAROL, at, identities: [] })
    expect((await world.store.messages.find('s', { id: 'A' }))[0]).toMatchObject({ text: '@c', mentions: [CAROL_LID] })
  })

  it('written on the phone is announced as sent, and counted as that', async () => {
    const { world, messages } = await setUp()
    await messages(wire('A', { fromMe: true, source: 'phone', senderId: '200000000000001@lid' }))
    expect(world.heard('message')).toEqual([])
    expect(world.heard('message-sent')).toMatchObject([{ message: { id: 'A', status: 'sent', source: 'phone' } }])
    expect(world.session.metrics.pending.counters).toMatchObject({ sent: 1 })
  })

  it('moves the chat to its LID as soon as the two are known to be one person', async () => {
    const { world, messages } = await setUp()
    await messages(wire('A'))
    await messages(wire('B', { identities: [PAIR] }))
    expect(world.heard('chat.updated')).toMatchObject([{ mergedFrom: CAROL, chat: { id: CAROL_LID, unreadCount: 1 } }])
    const { items } = await world.store.messages.page('s', { limit: 10, chatId: CAROL_LID })
    expect(items.map(({ id }) => id).sort()).toEqual(['A', 'B'])
    // Before the message that told it.
    const names = world.events.map(({ name }) => name)
    expect(names.lastIndexOf('message')).toBeGreaterThan(names.indexOf('chat.updated'))
  })

  it('tells the name of its sender when it changes, not with every message', async () => {
    const { world, messages } = await setUp()
    const names = ['Carol', 'Carol', 'Caroline', 'Caroline']
    for (const [n, pushName] of names.entries()) await messages(wire(`M${n}`, { pushName }))
    await messages(wire('mine', { fromMe: true, pushName: 'Me' }))
    expect(world.heard('contact.updated').map(({ contact }) => contact.pushName)).toEqual(['Carol', 'Caroline'])
  })

  it.each([
    [true, ['A', 'B']],
    [false, []],
  ])('is marked as read where the settings say so (%s), and only once', async (readOnReceive, read) => {
    const { connection, messages } = await setUp({ settings: { readOnReceive } })
    await messages(wire('A'), wire('B'), wire('mine', { fromMe: true }))
    await messages(wire('A'))
    expect(connection.markedRead).toEqual(read)
  })

  it('is there also when it cannot be marked as read', async () => {
    const { world, connection, messages } = await setUp({ settings: { readOnReceive: true } })
    connection.markRead = () => Promise.reject(new Error('no answer'))
    await messages(wire('A'))
    expect(world.heard('message')).toHaveLength(1)
    expect(world.session.status).toBe('connected')
  })
})

describe('a change of an earlier message', () => {
  const base = { id: 'C', messageId: 'A', chatId: CAROL, senderId: CAROL, at, identities: [] }
  const group = { chatId: GROUP, senderId: CAROL_LID }

  it.each([
    [{ kind: 'edit', ...base, text: 'better' }, 'message.edited', { text: 'better', editedAt: at }],
    [{ kind: 'delete', ...base }, 'message.deleted', { deletedAt: at }],
    [
      { kind: 'reaction', ...base, emoji: '👍' },
      'message.reaction',
      { reactions: [{ senderId: CAROL, emoji: '👍', at }] },
    ],
  ] as const)('is stored and announced once: %j', async (change, name, expected) => {
    const { world, messages, change: tell } = await setUp()
    await messages(wire('A'))
    await tell(change)
    await tell(change)
    expect(world.heard(name)).toHaveLength(1)
    expect(world.heard(name)[0]?.message).toMatchObject(expected)
    expect((await world.store.messages.find('s', { id: 'A' }))[0]).toMatchObject(expected)
  })

  it.each([
    [
      'an edit by somebody else in a group',
      { kind: 'edit', ...base, chatId: GROUP, senderId: BOB_LID, text: 'forged' },
    ],
    ['an edit from another chat', { kind: 'edit', ...base, chatId: BOB_LID, senderId: BOB_LID, text: 'forged' }],
    ['a deletion from another chat', { kind: 'delete', ...base, chatId: BOB_LID, senderId: BOB_LID }],
    ['a reaction from another chat', { kind: 'reaction', ...base, chatId: BOB_LID, senderId: BOB_LID, emoji: '👍' }],
  ] as [string, WireChange][])('does not happen by %s', async (_name, change) => {
    const { world, messages, change: tell } = await setUp()
    await messages(wire('A', change.chatId === GROUP ? group : {}))
    const before = await world.store.messages.find('s', { id: 'A' })
    await tell(change)
    expect(await world.store.messages.find('s', { id: 'A' })).toEqual(before)
    expect(world.session.status).toBe('connected')
  })

  it('in a group may be a deletion by an administrator, under either address, and by nobody else', async () => {
    const { world, connection, messages, change } = await setUp()
    await messages(wire('A', group))
    const byBob = { kind: 'delete' as const, ...base, chatId: GROUP, senderId: BOB_LID, authorId: CAROL_LID }
    await change(byBob)
    expect((await world.store.messages.find('s', { id: 'A' }))[0]).toMatchObject({ text: 'text of A' })
    expect(world.heard('message.deleted')).toEqual([])
    expect(world.logger.lines.map(({ level }) => level)).toContain('warn')
    connection.onGroupAdmins = async () => [BOB_LID]
    await change({ ...byBob, authorId: BOB_LID })
    expect(world.heard('message.deleted')).toEqual([])
    await change(byBob)
    expect(world.heard('message.deleted')).toHaveLength(1)
  })

  it('by somebody else is kept, and settled, when nobody tells who the administrators are', async () => {
    const { world, connection, messages } = await setUp()
    await messages(wire('A', group))
    connection.onGroupAdmins = () => Promise.reject(new Error('item-not-found'))
    const steps: string[] = []
    const deletion: WireChange = { kind: 'delete', ...base, chatId: GROUP, senderId: BOB_LID }
    await connection.emit({
      type: 'messages',
      inbound: [{ change: deletion, settle: async () => void steps.push('settled') }],
    })
    expect((await world.store.messages.find('s', { id: 'A' }))[0]).toMatchObject({ text: 'text of A' })
    expect(steps).toEqual(['settled'])
  })

  it('by an administrator from before a crash is done after the login, and settled then', async () => {
    const { world, connection, messages } = await setUp()
    await messages(wire('A', group))
    const steps: string[] = []
    connection.onGroupAdmins = () =>
      Promise.reject(new TrunklineError('SESSION_NOT_CONNECTED', { details: { sessionId: 's', status: 'connecting' } }))
    const deletion: WireChange = { kind: 'delete', ...base, chatId: GROUP, senderId: BOB_LID }
    const inbound = [{ change: deletion, drained: true, settle: async () => void steps.push('settled') }]
    await connection.emit({ type: 'messages', inbound })
    await connection.emit({ type: 'messages', inbound })
    expect(steps).toEqual([])
    connection.onGroupAdmins = async () => [BOB_LID]
    await connection.opened()
    expect(steps).toEqual(['settled'])
    expect(world.heard('message.deleted')).toHaveLength(1)
  })

  it('does not happen to our own message by the other side', async () => {
    const { world, messages, change } = await setUp()
    await messages(wire('A', { fromMe: true, senderId: '200000000000001@lid' }))
    await change({ kind: 'edit', ...base, text: 'forged' })
    await change({ kind: 'delete', ...base })
    expect((await world.store.messages.find('s', { id: 'A' }))[0]).toMatchObject({ text: 'text of A' })
    expect([...world.heard('message.edited'), ...world.heard('message.deleted')]).toEqual([])
  })

  it('that comes before its message waits for it, says nothing until then, and is settled after it', async () => {
    const { world, connection, messages } = await setUp()
    const steps: string[] = []
    const tell = (name: string, change: WireChange) =>
      connection.emit({
        type: 'messages',
        inbound: [
          {
            change,
            settle: async () => void steps.push(`${name} after ${world.heard('message.deleted').length} deletion`),
          },
        ],
      })
    await tell('reaction', { kind: 'reaction', ...base, id: 'C1', emoji: '👍' })
    await tell('deletion', { kind: 'delete', ...base, id: 'C2' })
    await messages(wire('B'))
    expect([steps, world.heard('message.deleted')]).toEqual([[], []])
    await messages(wire('A', { identities: [PAIR] }))
    expect(steps).toEqual(['reaction after 0 deletion', 'deletion after 1 deletion'])
    expect(await world.store.messages.find('s', { id: 'A' })).toMatchObject([{ chatId: CAROL_LID, deletedAt: at }])
    const names = world.events.map(({ name }) => name).filter((name) => name.startsWith('message'))
    expect(names).toEqual(['message', 'message', 'message.reaction', 'message.deleted'])
  })

  it('that comes before the history that holds its message is done to it', async () => {
    const { world, connection, change } = await setUp()
    await change({ kind: 'edit', ...base, text: 'better' })
    const history = { chats: [], contacts: [], identities: [], done: true }
    await connection.emit({ type: 'history', messages: [wire('A', { source: 'history' })], ...history })
    expect(await world.store.messages.find('s', { id: 'A' })).toMatchObject([{ text: 'better' }])
    expect(world.heard('message.edited')).toHaveLength(1)
  })

  it('that a history tells is stored and not announced', async () => {
    const { world, connection } = await setUp()
    const change: WireChange = { kind: 'reaction', ...base, emoji: '👍' }
    const history = { chats: [], contacts: [], identities: [], done: true, changes: [change] }
    await connection.emit({ type: 'history', messages: [wire('A', { source: 'history' })], ...history })
    expect(await world.store.messages.find('s', { id: 'A' })).toMatchObject([{ reactions: [{ emoji: '👍' }] }])
    expect(world.heard('message.reaction')).toEqual([])
  })

  it('is announced when a crash came between storing and announcing it, and not as news when it did not', async () => {
    const { world, connection, messages, change: tell } = await setUp()
    const change: WireChange = { kind: 'edit', ...base, text: 'better' }
    await messages(wire('A'))
    const ref = { id: 'A' }
    await world.store.messages.change('s', ref, { kind: 'edit', text: 'better', at })
    await connection.emit({ type: 'messages', inbound: [{ change, drained: true }] })
    await connection.emit({ type: 'messages', inbound: [{ change, drained: true }] })
    await tell(change)
    const heard = world.heard('message.edited')
    expect(heard.map(({ message }) => message.text)).toEqual(['better', 'better'])
    expect(heard[1]?.seq).toBe(heard[0]?.seq)
  })

  it('names the address that a person is known by, also when it tells both for the first time', async () => {
    const { world, messages, change } = await setUp()
    await messages(wire('A', { chatId: GROUP, senderId: BOB_LID }))
    await change({ kind: 'reaction', ...base, chatId: GROUP, identities: [PAIR], emoji: '👍' })
    expect(world.heard('message.reaction')).toMatchObject([{ reaction: { senderId: CAROL_LID } }])
  })
})

describe('a sealed change', () => {
  const kept = wire('C', { type: 'hidden', senderId: CAROL })
  const sealed = (open: Extract<WireChange, { kind: 'sealed' }>['open'], senderId = CAROL): WireChange => ({
    kind: 'sealed',
    id: 'C',
    messageId: 'A',
    chatId: CAROL,
    senderId,
    at,
    identities: [],
    kept: { ...kept, senderId },
    open,
  })

  it('is opened with the message at hand and done to it, and leaves nothing else', async () => {
    const { world, messages, change } = await setUp()
    await messages(wire('A'))
    await change(sealed(({ raw }) => ({ kind: 'edit', text: `${Buffer.from(raw)} edited`, at })))
    expect(await world.store.messages.find('s', { id: 'A' })).toMatchObject([{ text: 'A edited', editedAt: at }])
    expect(world.heard('message.edited')).toHaveLength(1)
    expect(await world.store.messages.count('s')).toBe(1)
    expect(await world.store.chats.get('s', CAROL)).toMatchObject({ unreadCount: 1, lastMessage: { id: 'A' } })
  })

  it('waits for its message', async () => {
    const { world, messages, change } = await setUp()
    await change(sealed(() => ({ kind: 'reaction', emoji: '👍' })))
    await messages(wire('A'))
    expect(await world.store.messages.find('s', { id: 'A' })).toMatchObject([{ reactions: [{ emoji: '👍' }] }])
    expect(world.heard('message.reaction')).toHaveLength(1)
  })

  it('is an answer to an event', async () => {
    const { world, messages, change } = await setUp()
    await messages(wire('A', { type: 'event', event: { name: 'Party' } }))
    await change(sealed(() => ({ kind: 'response', response: 'going', at })))
    expect(world.heard('event.response')).toMatchObject([
      { response: { senderId: CAROL, response: 'going' }, message: { event: { responses: [{ senderId: CAROL }] } } },
    ])
  })

  it('is a message of its own, such as a comment', async () => {
    const { world, messages, change } = await setUp()
    await messages(wire('A'))
    await change(sealed(() => ({ kind: 'message', message: { ...kept, type: 'text', text: 'well said' } })))
    expect(world.heard('message').map(({ message }) => message.text)).toEqual(['text of A', 'well said'])
  })

  it.each([
    ['does not fit its message', sealed(() => undefined)],
    ['is an edit by somebody else', sealed(() => ({ kind: 'edit', text: 'forged', at }), BOB_LID)],
  ])('that %s is kept as it came', async (_why, change) => {
    const { world, messages, change: tell } = await setUp()
    await messages(wire('A'))
    await tell(change)
    expect(await world.store.messages.find('s', { id: 'A' })).toMatchObject([{ text: 'text of A' }])
    expect(await world.store.messages.find('s', { id: 'C' })).toMatchObject([{ type: 'hidden' }])
    expect(world.heard('message')).toHaveLength(1)
  })

  it('that is given up, because its message never came, is kept as it came', async () => {
    const { world, change } = await setUp()
    await change({ ...sealed(() => undefined), at: '2025-01-01T00:00:00.000Z' })
    expect(await world.store.messages.find('s', { id: 'C' })).toMatchObject([{ type: 'hidden' }])
  })
})

describe('a vote', () => {
  const group = { chatId: GROUP, senderId: BOB_LID }
  const options = [
    { name: 'yes', voters: [] },
    { name: 'no', voters: [] },
  ]
  const poll = { type: 'poll' as const, poll: { question: '?', options, selectableCount: 1 } }
  const vote = (open: Extract<WireChange, { kind: 'vote' }>['open']): WireChange => ({
    kind: 'vote',
    id: 'V',
    messageId: 'A',
    chatId: GROUP,
    senderId: CAROL,
    at,
    identities: [PAIR],
    open,
  })

  it('is opened with the poll and every address of the two people, stored and announced once', async () => {
    const { world, messages, change } = await setUp()
    await messages(wire('A', { ...poll, chatId: GROUP, senderId: '200000000000001@lid', fromMe: true }))
    const opened: unknown[] = []
    const voted = vote((sealed) => {
      opened.push(sealed)
      return ['no']
    })
    await change(voted)
    await change(voted)
    expect(opened[0]).toEqual({
      raw: new Uint8Array(Buffer.from('A')),
      authorIds: ['200000000000001@lid', '15550000001@s.whatsapp.net'],
      senderIds: [CAROL_LID, CAROL],
    })
    expect(world.heard('poll.vote')).toMatchObject([
      { voterId: CAROL_LID, options: ['no'], message: { id: 'A', poll: { votes: [{ voterId: CAROL_LID, at }] } } },
    ])
    expect(world.heard('poll.vote')[0]?.message).not.toHaveProperty('raw')
  })

  it('that does not fit its poll, or is about no poll, changes nothing and is settled', async () => {
    const { world, connection, messages } = await setUp()
    await messages(wire('A', { ...poll, ...group }), wire('B', group))
    let settled = 0
    const settle = async () => {
      settled += 1
    }
    const before = await world.store.messages.page('s', { limit: 9 })
    for (const messageId of ['A', 'B']) {
      const change = { ...vote(() => undefined), messageId }
      await connection.emit({ type: 'messages', inbound: [{ change, settle }] })
    }
    expect(settled).toBe(2)
    expect(await world.store.messages.page('s', { limit: 9 })).toEqual(before)
    expect(world.heard('poll.vote')).toEqual([])
  })
})

describe('what the phone tells at linking', () => {
  it('is stored under canonical ids, without an event for each message', async () => {
    const { world, connection } = await setUp()
    await connection.emit({
      type: 'history',
      messages: [wire('A', { source: 'history' }), wire('B', { source: 'history', chatId: GROUP })],
      chats: [
        { id: CAROL, name: 'Carol', archived: true },
        { id: GROUP, name: 'Friends' },
      ],
      contacts: [{ id: CAROL, name: 'Carol' }],
      identities: [PAIR],
      progress: 50,
      done: false,
    })
    expect(world.heard('message')).toEqual([])
    expect(world.heard('history.progress')).toMatchObject([{ chats: 2, messages: 2, progress: 50, done: false }])
    expect(await world.store.chats.get('s', CAROL_LID)).toMatchObject({ name: 'Carol', archived: true, unreadCount: 0 })
    expect(await world.store.messages.find('s', { id: 'B' })).toMatchObject([{ chatId: GROUP, senderId: CAROL_LID }])
    expect(world.heard('contact.updated')).toMatchObject([{ contact: { id: CAROL_LID, name: 'Carol' } }])
    expect(world.session.metrics.pending.counters).toMatchObject({ chats: 2 })
    expect(world.session.metrics.pending.counters.received).toBeUndefined()
  })

  it('changes chats under their canonical ids', async () => {
    const { world, connection } = await setUp()
    await connection.emit({ type: 'identities', pairs: [PAIR] })
    await connection.emit({ type: 'chats', changes: [{ id: CAROL, pinned: true }] })
    expect(world.heard('chat.updated')).toMatchObject([{ chat: { id: CAROL_LID, pinned: true } }])
  })
})

describe('what passes by', () => {
  it('is announced without being stored: presence is no part of the log, a call is', async () => {
    const { world, connection } = await setUp()
    const before = await world.store.events.lastSeq('s')
    await connection.emit({ type: 'presence', chatId: CAROL, senderId: CAROL, state: 'composing' })
    expect(world.heard('presence')).toMatchObject([{ seq: before, state: 'composing' }])
    await connection.emit({ type: 'call', callId: 'c', from: CAROL, kind: 'audio', state: 'offer' })
    expect(world.heard('call')).toMatchObject([{ seq: before + 1, callId: 'c' }])
    expect(world.heard('call')[0]).not.toHaveProperty('type')
  })

  it("gives WhatsApp our own message again when a recipient could not read it, and nobody else's", async () => {
    const { connection, messages } = await setUp()
    await messages(wire('theirs'), wire('ours', { fromMe: true, senderId: '200000000000001@lid' }))
    const asked = (id: string, askerId = CAROL) => ({ id, chatId: CAROL, askerId, identities: [] })
    const { getMessage } = connection.options
    expect(await getMessage(asked('ours'))).toEqual(new Uint8Array(Buffer.from('ours')))
    expect(await getMessage(asked('theirs'))).toBeUndefined()
    expect(await getMessage(asked('none'))).toBeUndefined()
    expect(await getMessage(asked('ours', '15550000009@s.whatsapp.net'))).toBeUndefined()
    expect(await getMessage({ ...asked('ours', CAROL_LID), identities: [{ pn: CAROL, lid: CAROL_LID }] })).toBeDefined()
    expect(await getMessage(asked('ours', CAROL_LID))).toBeDefined()
  })
})
