import { getEventListeners } from 'node:events'
import { Readable } from 'node:stream'
import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { SessionWorld } from '../../test/support/session-world.js'
import { storeFaults } from '../../test/support/store-faults.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import type { StoredMessage } from '../types/message.js'
import { deferred } from '../util/deferred.js'

const TO = '15550000009'
const TO_LID = '1555000000900@lid'
const DAY_MS = 86_400_000
const KILLED = { statusCode: 428, message: 'Connection Terminated' }

/** A connected session whose server takes every message at once. */
async function answering(): Promise<SessionWorld> {
  const world = await SessionWorld.connected()
  world.connector.last.onSend = async ({ id }) => void world.connector.last.emit({ type: 'ack', id })
  return world
}

const stored = async (world: SessionWorld, id: string): Promise<StoredMessage | undefined> =>
  (await world.store.messages.find('s', { id }))[0]

describe('sending', () => {
  it('stores the message before it is on the wire, and answers it as sent once the server took it', async () => {
    const world = await answering()
    const onTheWire: (string | undefined)[] = []
    const { onSend } = world.connector.last
    world.connector.last.onSend = async (message) => {
      onTheWire.push((await stored(world, message.id))?.status)
      await onSend(message)
    }
    const message = await world.session.send({ to: TO, text: 'hello', clientMessageId: 'c1' })
    expect(onTheWire).toEqual(['pending'])
    expect(message).toMatchObject({
      chatId: TO_LID,
      senderId: '200000000000001@lid',
      fromMe: true,
      text: 'hello',
      status: 'sent',
      source: 'api',
      clientMessageId: 'c1',
    })
    expect(message).not.toHaveProperty('raw')
    expect(world.connector.last.sent).toMatchObject([{ id: message.id, to: TO_LID }])
    expect(world.heard('message-sent').map((event) => event.message.status)).toEqual(['sent'])
    expect(world.session.metrics.pending.counters).toMatchObject({ sent: 1, chats: 1 })
    expect(world.clock.pending).toBe(0)
  })

  it.each(['before', 'after'])('takes an ack that comes %s the wire says that the bytes left', async (when) => {
    const world = await SessionWorld.connected()
    const left = deferred()
    world.connector.last.onSend = () => left.promise
    const sending = world.session.send({ to: TO, text: 'hello' })
    await settled()
    const id = world.connector.last.sent[0]?.id ?? ''
    if (when === 'after') left.resolve()
    await settled()
    await world.connector.last.emit({ type: 'ack', id })
    left.resolve()
    expect(await sending).toMatchObject({ id, status: 'sent' })
  })

  it('a receipt that overtakes the ack wins, and the message is announced once', async () => {
    const world = await SessionWorld.connected()
    const sending = world.session.send({ to: TO, text: 'hello' })
    await settled()
    const id = world.connector.last.sent[0]?.id ?? ''
    const at = '2026-01-01T00:00:01.000Z'
    await world.connector.last.emit({ type: 'receipt', ids: [id], chatId: `${TO}@s.whatsapp.net`, status: 'read', at })
    await world.connector.last.emit({ type: 'ack', id })
    await world.connector.last.emit({ type: 'receipt', ids: [id], chatId: TO_LID, status: 'delivered', at })
    await world.connector.last.emit({ type: 'ack', id })
    expect(await sending).toMatchObject({ status: 'read' })
    expect((await stored(world, id))?.status).toBe('read')
    expect(world.heard('message-sent')).toHaveLength(1)
    expect(world.heard('message.status')).toMatchObject([{ messageId: id, status: 'read', previousStatus: 'pending' }])
    expect(world.session.metrics.pending.counters.sent).toBe(1)
  })

  it('rejects with MESSAGE_REFUSED when the server refuses, and stores why', async () => {
    const world = await SessionWorld.connected()
    world.connector.last.onSend = async ({ id }) =>
      void world.connector.last.emit({ type: 'ack', id, error: { code: '479', message: 'malformed' } })
    await expect(world.session.send({ to: TO, text: 'hello' })).rejects.toMatchObject({
      code: 'MESSAGE_REFUSED',
      details: { reason: '479' },
    })
    const id = world.connector.last.sent[0]?.id ?? ''
    expect(await stored(world, id)).toMatchObject({ status: 'failed', error: { code: '479' } })
    expect(world.heard('message-sent').map(({ message }) => message.status)).toEqual(['failed'])
    expect(world.session.metrics.pending.counters).toMatchObject({ failed: 1 })
  })

  it('gives a message as unknown when the connection is lost before the server answered, and never sends it again', async () => {
    const world = await SessionWorld.connected()
    const sending = world.session.send({ to: TO, text: 'hello' })
    await settled()
    await world.connector.last.end(KILLED)
    expect(await sending).toMatchObject({ status: 'unknown', error: { code: 'CONNECTION_LOST' } })
    await world.clock.advance(10_000)
    await world.connector.last.opened()
    await world.clock.advance(60_000)
    expect(world.connector.connections.flatMap(({ sent }) => sent)).toHaveLength(1)
    // The server had taken it after all: the answer came with the next connection.
    const id = world.connector.connections[1]?.sent[0]?.id ?? ''
    await world.connector.last.emit({
      type: 'receipt',
      ids: [id],
      chatId: TO_LID,
      status: 'delivered',
      at: '2026-01-01T00:01:00.000Z',
    })
    expect((await stored(world, id))?.status).toBe('delivered')
  })

  it('a wire that fails after the connection was lost does not turn unknown into failed: the bytes may have left', async () => {
    const world = await SessionWorld.connected()
    const connection = world.connector.last
    const left = deferred()
    connection.onSend = () => left.promise
    const sending = world.session.send({ to: TO, text: 'hello' })
    await settled()
    await connection.end(KILLED)
    await settled()
    left.reject(new TrunklineError('SESSION_NOT_CONNECTED', { details: { sessionId: 's', status: 'reconnecting' } }))
    expect(await sending).toMatchObject({ status: 'unknown' })
    expect((await stored(world, connection.sent[0]?.id ?? ''))?.status).toBe('unknown')
    expect(world.heard('message-sent').map(({ message }) => message.status)).toEqual(['unknown'])
  })

  it('a wire that fails after the server took the message does not turn sent into failed', async () => {
    const world = await SessionWorld.connected()
    const connection = world.connector.last
    connection.onSend = async ({ id }) => {
      await connection.emit({ type: 'ack', id })
      throw new Error('one of the devices could not be reached')
    }
    expect(await world.session.send({ to: TO, text: 'hello' })).toMatchObject({ status: 'sent' })
    expect((await stored(world, connection.sent[0]?.id ?? ''))?.status).toBe('sent')
  })

  it.each([
    [
      'a wire that is cut',
      new TrunklineError('SESSION_NOT_CONNECTED', { details: { sessionId: 's', status: 'reconnecting' } }),
      'unknown',
      'SESSION_NOT_CONNECTED',
    ],
    ['a mistake before the wire', new Error('cannot encrypt'), 'failed', 'MESSAGE_FAILED'],
    ['a group that the account has left', new TrunklineError('GROUP_FORBIDDEN'), 'failed', 'GROUP_FORBIDDEN'],
    ['a store that failed under the ratchet', new TrunklineError('STORE_UNAVAILABLE'), 'failed', 'STORE_UNAVAILABLE'],
  ] as const)('tells the outcome of %s', async (_name, error, status, code) => {
    const world = await SessionWorld.connected()
    world.connector.last.onSend = () => Promise.reject(error)
    await expect(world.session.send({ to: TO, text: 'hello' })).rejects.toMatchObject({ code })
    expect(await stored(world, world.connector.last.sent[0]?.id ?? '')).toMatchObject({
      status,
      error: { message: expect.any(String) },
    })
    expect(world.heard('message-sent').map(({ message }) => message.status)).toEqual([status])
  })

  it('sends nothing when the message could not be stored', async () => {
    const world = await SessionWorld.connected()
    const faults = storeFaults(world.store)
    faults.failing.add('messages.upsert')
    await expect(world.session.send({ to: TO, text: 'hello' })).rejects.toThrow()
    expect(world.connector.last.sent).toEqual([])
  })

  it('finds the message that was sent to a number whose chat moved to its LID meanwhile', async () => {
    const world = await SessionWorld.connected()
    world.connector.last.onLookUp = (jid) => ({ jid })
    const sending = world.session.send({ to: TO, text: 'hello' })
    await settled()
    const id = world.connector.last.sent[0]?.id ?? ''
    await world.connector.last.emit({ type: 'identities', pairs: [{ pn: `${TO}@s.whatsapp.net`, lid: TO_LID }] })
    await world.connector.last.emit({ type: 'ack', id })
    expect(await sending).toMatchObject({ id, chatId: TO_LID, status: 'sent' })
  })

  it('needs a connection', async () => {
    const world = await SessionWorld.connected()
    await world.session.stop({ desired: 'stopped' })
    await expect(world.session.send({ to: TO, text: 'hello' })).rejects.toMatchObject({
      code: 'SESSION_NOT_CONNECTED',
      details: { sessionId: 's', status: 'stopped' },
    })
  })

  it.each([
    ['nonsense', 'RECIPIENT_INVALID'],
    ['15550000404', 'RECIPIENT_NOT_ON_WHATSAPP'],
  ])('refuses %s as a recipient with %s and stores nothing', async (to, code) => {
    const world = await SessionWorld.connected()
    world.connector.last.onLookUp = () => undefined
    await expect(world.session.send({ to, text: 'hello' })).rejects.toMatchObject({ code })
    expect(await world.store.messages.count('s')).toBe(0)
  })

  it('asks WhatsApp who a number is only as long as it does not know', async () => {
    const world = await answering()
    let asked = 0
    world.connector.last.onLookUp = () => {
      asked += 1
      return { jid: `${TO}@s.whatsapp.net`, lid: TO_LID }
    }
    for (const to of [TO, `+${TO}`, `${TO}@s.whatsapp.net`, TO_LID]) await world.session.send({ to, text: 'x' })
    expect(asked).toBe(1)
    await world.session.send({ to: '120363000000000001@g.us', text: 'x' })
    expect(asked).toBe(1)
  })

  it('quotes a stored message of the chat, and nothing else', async () => {
    const world = await answering()
    const { id } = await world.session.send({ to: TO, text: 'first' })
    const quoting = await world.session.send({ to: TO, text: 'second', quotedMessageId: id })
    expect(quoting.quotedMessageId).toBe(id)
    await expect(world.session.send({ to: TO, text: 'x', quotedMessageId: 'none' })).rejects.toMatchObject({
      code: 'MESSAGE_NOT_FOUND',
    })
    await expect(world.session.send({ to: '15550000010', text: 'x', quotedMessageId: id })).rejects.toMatchObject({
      code: 'MESSAGE_NOT_FOUND',
    })
  })

  it('puts the messages of one chat on the wire in the order of the calls, and lets no chat wait for another', async () => {
    const world = await answering()
    const { onSend } = world.connector.last
    const slow = deferred()
    const order: string[] = []
    world.connector.last.onSend = async (message) => {
      const text = Buffer.from(message.raw).toString()
      if (text === 'a0') await slow.promise
      order.push(text)
      await onSend(message)
    }
    const calls = [0, 1, 2, 3].flatMap((n) => [
      world.session.send({ to: '1555000000100@lid', text: `a${n}` }),
      world.session.send({ to: '1555000000200@lid', text: `b${n}` }),
    ])
    await settled()
    expect(order).toEqual(['b0', 'b1', 'b2', 'b3'])
    slow.resolve()
    await Promise.all(calls)
    expect(order.slice(4)).toEqual(['a0', 'a1', 'a2', 'a3'])
  })

  it('keeps what is written after a file behind it, while no other chat waits for the upload', async () => {
    const world = await answering()
    const released: string[] = []
    world.services.mediaDesk.stage = async (_input, { type }) => ({
      file: { kind: 'document', bytes: 3, sha256: 'ab', read: () => Readable.from([Buffer.from('abc')]) },
      about: { mimetype: 'text/plain' },
      givenSha256: 'ab',
      release: async () => void released.push(type),
    })
    const connection = world.connector.last
    const upload = connection.upload.bind(connection)
    const slow = deferred()
    connection.upload = (file) => slow.promise.then(() => upload(file))
    const [a, b] = ['1555000000100@lid', '1555000000200@lid']
    const calls = [
      world.session.send({ to: a, type: 'document', media: { data: 'YWJj' } }),
      world.session.send({ to: a, text: 'after it' }),
      world.session.send({ to: b, text: 'elsewhere' }),
    ]
    await settled()
    expect(connection.sent.map(({ to }) => to)).toEqual([b])
    slow.resolve()
    const [file, text] = await Promise.all(calls)
    expect(connection.sent.map(({ id }) => id).slice(1)).toEqual([file?.id, text?.id])
    expect(released).toEqual(['document'])
  })

  it('goes on in the chat when a file cannot be uploaded, of which nothing is stored', async () => {
    const world = await answering()
    const to = '1555000000100@lid'
    const failing = world.session.send({ to, type: 'document', media: { data: 'YWJj' } })
    const text = world.session.send({ to, text: 'after it' })
    await expect(failing).rejects.toThrow('Nothing is sent as a file here')
    expect(await text).toMatchObject({ status: 'sent' })
    expect(await world.store.messages.count('s')).toBe(1)
  })
})

describe('a call that is given up', () => {
  const givenUp = { code: 'OPERATION_ABORTED' }

  it('before it began sends and stores nothing', async () => {
    const world = await answering()
    const signal = AbortSignal.abort()
    for (const request of [{}, { clientMessageId: 'c' }])
      await expect(world.session.send({ to: TO, text: 'x', signal, ...request })).rejects.toMatchObject(givenUp)
    expect(world.connector.last.sent).toEqual([])
    expect(await world.store.messages.count('s')).toBe(0)
  })

  it.each([
    ['WhatsApp is asked who the recipient is', 'lookUp'],
    ['the message is prepared', 'prepare'],
  ] as const)('while %s sends and stores nothing', async (_name, method) => {
    const world = await answering()
    const connection = world.connector.last
    const [gate, giveUp] = [deferred(), new AbortController()]
    const original = connection[method].bind(connection) as (given: never) => Promise<never>
    Object.assign(connection, { [method]: (given: never) => gate.promise.then(() => original(given)) })
    const sending = world.session.send({ to: TO, text: 'x', signal: giveUp.signal })
    await settled()
    giveUp.abort()
    await expect(sending).rejects.toMatchObject(givenUp)
    gate.resolve()
    await settled()
    expect(connection.sent).toEqual([])
    expect(await world.store.messages.count('s')).toBe(0)
    expect(world.clock.pending).toBe(0)
  })

  it('while it waits for another message of its chat, or for the same request, sends nothing', async () => {
    const world = await answering()
    const { onSend } = world.connector.last
    const [slow, giveUp] = [deferred(), new AbortController()]
    world.connector.last.onSend = async (message) => {
      await slow.promise
      await onSend(message)
    }
    const first = world.session.send({ to: TO_LID, text: 'first', clientMessageId: 'c' })
    await settled()
    const { signal } = giveUp
    const waiting = [
      world.session.send({ to: TO_LID, text: 'second', signal }),
      world.session.send({ to: TO_LID, text: 'first', clientMessageId: 'c', signal }),
    ]
    await settled()
    giveUp.abort()
    for (const one of waiting) await expect(one).rejects.toMatchObject(givenUp)
    slow.resolve()
    expect(await first).toMatchObject({ status: 'sent' })
    await settled()
    expect(world.connector.last.sent).toHaveLength(1)
    expect(await world.store.messages.count('s')).toBe(1)
  })

  it('while the message is stored sends nothing, and tells that it failed', async () => {
    const world = await answering()
    const [gate, giveUp] = [deferred(), new AbortController()]
    const { upsert } = world.store.messages
    world.store.messages.upsert = async (...given) => {
      const upserted = await upsert.apply(world.store.messages, given)
      await gate.promise
      return upserted
    }
    const sending = world.session.send({ to: TO, text: 'x', signal: giveUp.signal })
    await settled()
    giveUp.abort()
    await expect(sending).rejects.toMatchObject(givenUp)
    gate.resolve()
    await settled()
    expect(world.connector.last.sent).toEqual([])
    expect(await world.store.messages.listPending('s')).toEqual([])
    expect(world.heard('message-sent').map(({ message }) => [message.status, message.error?.code])).toEqual([
      ['failed', 'OPERATION_ABORTED'],
    ])
  })

  it('may share its signal with many others: nothing warns of a leak, and nothing is left of them', async () => {
    const world = await answering()
    const { signal } = new AbortController()
    const warnings: string[] = []
    const warn = ({ name }: Error) => warnings.push(name)
    process.on('warning', warn)
    const sending = Array.from({ length: 30 }, (_, n) =>
      world.session.send({ to: TO, text: `${n}`, signal, ...(n % 2 === 0 ? { clientMessageId: `c${n}` } : {}) }),
    )
    await Promise.all(sending)
    await settled()
    process.off('warning', warn)
    expect(warnings).toEqual([])
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(world.connector.last.sent).toHaveLength(30)
  })

  it('once the message is on its way leaves it there: its outcome is told as an event', async () => {
    const world = await SessionWorld.connected()
    const giveUp = new AbortController()
    const sending = world.session.send({ to: TO, text: 'x', clientMessageId: 'c', signal: giveUp.signal })
    await settled()
    giveUp.abort()
    await expect(sending).rejects.toMatchObject(givenUp)
    expect(world.clock.pending).toBe(0)
    const id = world.connector.last.sent[0]?.id ?? ''
    await world.connector.last.emit({ type: 'ack', id })
    expect(world.heard('message-sent').map(({ message }) => [message.id, message.status])).toEqual([[id, 'sent']])
    expect(await world.session.send({ to: TO, text: 'x', clientMessageId: 'c' })).toMatchObject({ id, status: 'sent' })
    expect(world.connector.last.sent).toHaveLength(1)
  })
})

describe('an answer of the server', () => {
  it('does not wait for messages that come in and are being stored', async () => {
    const world = await SessionWorld.connected()
    const connection = world.connector.last
    const gate = deferred()
    const { record } = world.store.messages
    world.store.messages.record = async (sessionId, step, options) => {
      if (step.messages?.length) await gate.promise
      return record.call(world.store.messages, sessionId, step, options)
    }
    const message = { id: 'IN', chatId: TO_LID, senderId: TO_LID, fromMe: false, raw: Buffer.from('IN') }
    const fields = { timestamp: '2026-01-01T00:00:00.000Z', type: 'text', text: 'x', source: 'live' } as const
    const handling = connection.options.onEvent({
      type: 'messages',
      inbound: [{ message: { ...message, ...fields, identities: [] } }],
    })
    const sending = world.session.send({ to: TO_LID, text: 'hello' })
    await settled()
    await connection.options.onEvent({ type: 'ack', id: connection.sent[0]?.id ?? '' })
    expect(await sending).toMatchObject({ status: 'sent' })
    gate.resolve()
    await handling
    const told = world.events.filter(({ name }) => name.startsWith('message'))
    expect(told.map(({ name }) => name)).toEqual(['message-sent', 'message'])
    const seqs = world.events.map(({ event }) => event.seq)
    expect(seqs).toEqual([...seqs].sort((left, right) => left - right))
  })

  it('gives the message the time at which the server took it, whatever our clock says, also behind a receipt', async () => {
    const world = await SessionWorld.connected()
    world.clock.jump(3_600_000)
    const connection = world.connector.last
    const at = '2026-01-01T00:00:03.000Z'
    for (const receiptFirst of [false, true]) {
      const sending = world.session.send({ to: TO_LID, text: 'hello' })
      await settled()
      const id = connection.sent.at(-1)?.id ?? ''
      if (receiptFirst) await connection.emit({ type: 'receipt', ids: [id], chatId: TO_LID, status: 'delivered', at })
      await connection.emit({ type: 'ack', id, at })
      expect(await sending).toMatchObject({ id, timestamp: at })
      expect(world.heard('message-sent').at(-1)?.message.timestamp).toBe(at)
      // What is sent next takes it from there.
      expect(await stored(world, id)).toMatchObject({ timestamp: at })
    }
    void world.session.send({ to: TO_LID, text: 'next' })
    await settled()
    expect((await stored(world, connection.sent.at(-1)?.id ?? ''))?.timestamp).toBe(at)
    await connection.end(KILLED)
  })

  it('finds its message although the chat moves to its LID in that moment', async () => {
    const world = await SessionWorld.connected()
    const phone = `${TO}@s.whatsapp.net`
    world.connector.last.onLookUp = (jid) => ({ jid })
    const sending = world.session.send({ to: TO, text: 'hello' })
    await settled()
    const { resolve } = world.store.chats
    world.store.chats.resolve = async (sessionId, jids) => {
      const resolved = await resolve.call(world.store.chats, sessionId, jids)
      await world.store.chats.mapIdentities(sessionId, [{ pn: phone, lid: TO_LID }])
      return resolved
    }
    await world.connector.last.emit({ type: 'ack', id: world.connector.last.sent[0]?.id ?? '' })
    expect(await sending).toMatchObject({ chatId: TO_LID, status: 'sent' })
  })
})

describe('a client message id', () => {
  it('sends once, however often it is used at the same time, and gives every caller the same answer', async () => {
    const world = await answering()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => world.session.send({ to: TO, text: 'once', clientMessageId: 'c1' })),
    )
    expect(world.connector.last.sent).toHaveLength(1)
    expect(new Set(answers.map((answer) => JSON.stringify(answer, Object.keys(answer).sort()))).size).toBe(1)
    expect(await world.store.messages.count('s')).toBe(1)
  })

  it.each([
    ['another text', { text: 'other' }],
    ['another recipient', { to: '15550000010' }],
    ['a quote', { quotedMessageId: 'M0' }],
    ['mentions', { mentions: ['15550000003'] }],
    ['no recipient at all', { to: 'nonsense' }],
  ])('with %s is IDEMPOTENCY_CONFLICT', async (_name, change) => {
    const world = await answering()
    const request = { to: TO, text: 'once', clientMessageId: 'c1' }
    await world.session.send(request)
    await expect(world.session.send({ ...request, ...change })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    expect(world.connector.last.sent).toHaveLength(1)
  })

  it.each([
    ['the same number in another form', '+1 (555) 000-0009'],
    ['the JID of the number', `${TO}@s.whatsapp.net`],
    ['the LID', TO_LID],
  ])('is the same request with %s', async (_name, to) => {
    const world = await answering()
    const first = await world.session.send({ to: TO, text: 'once', clientMessageId: 'c1' })
    expect(await world.session.send({ to, text: 'once', clientMessageId: 'c1' })).toEqual(first)
  })

  it.each([undefined, '5555000000009900@lid'])(
    'is the same request where WhatsApp knows the number under another one, as in Brazil (LID %s)',
    async (lid) => {
      const world = await answering()
      world.connector.last.onLookUp = () => ({ jid: '551187654321@s.whatsapp.net', ...(lid ? { lid } : {}) })
      const request = { to: '5511987654321', text: 'once', clientMessageId: 'c1' }
      const first = await world.session.send(request)
      expect(await world.session.send(request)).toEqual(first)
      expect(world.connector.last.sent).toHaveLength(1)
    },
  )

  it('is known with all that it asked for after a restart, and after the message was edited', async () => {
    const world = await answering()
    const request = { to: TO, text: 'hi @15550000003', mentions: ['15550000003'], clientMessageId: 'c1' }
    const first = await world.session.send(request)
    const change = { kind: 'edit' as const, text: 'edited', at: '2026-01-01T00:00:09.000Z' }
    await world.store.messages.change('s', { id: first.id }, change)
    await world.session.restart()
    await settled()
    await world.connector.last.opened()
    expect(await world.session.send({ ...request, mentions: ['+1 555 000 0003'] })).toMatchObject({
      id: first.id,
      text: 'edited',
    })
    for (const mentions of [[], ['15550000004'], ['15550000003', '15550000004']])
      await expect(world.session.send({ ...request, mentions })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    expect(world.connector.connections.flatMap(({ sent }) => sent)).toHaveLength(1)
  })

  it('of a message that was stored before there were hashes is compared by its text and its quote', async () => {
    const world = await answering()
    const old = { status: 'sent', source: 'api', type: 'text', fromMe: true, text: 'once' } as const
    const { account } = world.session.state.record
    const sent = { id: 'OLD', sessionId: 's', chatId: TO_LID, senderId: account?.lid ?? '', clientMessageId: 'c1' }
    await world.store.messages.upsert('s', [{ ...sent, ...old, reactions: [], timestamp: '2025-12-31T23:00:00.000Z' }])
    const request = { to: TO_LID, text: 'once', clientMessageId: 'c1' }
    expect(await world.session.send(request)).toMatchObject({ id: 'OLD' })
    await expect(world.session.send({ ...request, text: 'other' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
    expect(world.connector.last.sent).toEqual([])
  })

  it('is known for 24 hours, and free then', async () => {
    const world = await answering()
    const request = { to: TO, text: 'once', clientMessageId: 'c1' }
    const first = await world.session.send(request)
    await world.clock.advance(DAY_MS - 1_000)
    expect((await world.session.send(request)).id).toBe(first.id)
    await expect(world.session.send({ ...request, text: 'twice' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
    await world.clock.advance(1_000)
    const second = await world.session.send({ ...request, text: 'twice' })
    expect(second.id).not.toBe(first.id)
    expect((await world.session.send({ ...request, text: 'twice' })).id).toBe(second.id)
    expect(world.connector.last.sent).toHaveLength(2)
  })

  it('can be used again when the first try never got as far as a message', async () => {
    const world = await answering()
    const { onLookUp } = world.connector.last
    world.connector.last.onLookUp = () => undefined
    const request = { to: TO, text: 'once', clientMessageId: 'c1' }
    await expect(world.session.send(request)).rejects.toMatchObject({ code: 'RECIPIENT_NOT_ON_WHATSAPP' })
    world.connector.last.onLookUp = onLookUp
    expect(await world.session.send(request)).toMatchObject({ status: 'sent' })
  })
})

describe('after a crash', () => {
  const pending = (id: string): StoredMessage => ({
    id,
    sessionId: 's',
    chatId: TO_LID,
    senderId: '200000000000001@lid',
    fromMe: true,
    timestamp: '2025-12-31T23:59:59.000Z',
    type: 'text',
    text: 'left behind',
    reactions: [],
    status: 'pending',
    source: 'api',
  })

  it('what was pending is unknown once connected, announced once, and not sent', async () => {
    const world = await SessionWorld.connected()
    await world.session.stop({ desired: 'stopped' })
    await world.store.messages.upsert('s', [pending('A'), pending('B')])
    await world.session.start()
    await settled()
    await world.connector.last.opened()
    for (const id of ['A', 'B']) expect((await stored(world, id))?.status).toBe('unknown')
    expect(world.heard('message-sent').map(({ message }) => message.id)).toEqual(['A', 'B'])
    expect(world.connector.last.sent).toEqual([])
    await world.session.restart()
    await settled()
    await world.connector.last.opened()
    expect(world.heard('message-sent')).toHaveLength(2)
  })

  it('is over before anything new can be sent', async () => {
    const world = await SessionWorld.connected()
    await world.session.stop({ desired: 'stopped' })
    const gate = deferred()
    const { listPending } = world.store.messages
    world.store.messages.listPending = async (sessionId) => {
      await gate.promise
      return listPending.call(world.store.messages, sessionId)
    }
    await world.session.start()
    await settled()
    void world.connector.last.opened()
    await settled()
    await expect(world.session.send({ to: TO_LID, text: 'early' })).rejects.toMatchObject({
      code: 'SESSION_NOT_CONNECTED',
    })
    gate.resolve()
    await settled()
    const sending = world.session.send({ to: TO_LID, text: 'in time' })
    await settled()
    const id = world.connector.last.sent[0]?.id ?? ''
    expect((await stored(world, id))?.status).toBe('pending')
    await world.connector.last.emit({ type: 'ack', id })
    expect((await sending).status).toBe('sent')
  })

  it('a message whose outcome could not be stored when the connection was lost is unknown after the next open', async () => {
    const world = await SessionWorld.connected()
    const faults = storeFaults(world.store)
    const sending = world.session.send({ to: TO_LID, text: 'hello' })
    await settled()
    faults.failing.add('messages.record')
    await world.connector.last.end(KILLED)
    await sending
    const id = world.connector.connections[1]?.sent[0]?.id ?? ''
    expect((await stored(world, id))?.status).toBe('pending')
    faults.failing.clear()
    await world.clock.advance(10_000)
    await world.connector.last.opened()
    expect((await stored(world, id))?.status).toBe('unknown')
  })
})
