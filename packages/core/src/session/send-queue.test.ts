import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { SessionWorld } from '../../test/support/session-world.js'
import { deferred } from '../util/deferred.js'

const TO = '15550000009'
const TO_LID = '1555000000900@lid'
const OTHER = '15550000008'
const KILLED = { statusCode: 428, message: 'Connection Terminated' }

/** WhatsApp takes what the newest connection sends. */
function answer(world: SessionWorld): void {
  const { last } = world.connector
  last.onSend = async ({ id }) => void last.emit({ type: 'ack', id })
}

async function connected(): Promise<SessionWorld> {
  const world = await SessionWorld.connected()
  answer(world)
  return world
}

/** A linked session that has been stopped. */
async function offline(settings = {}): Promise<SessionWorld> {
  const world = await SessionWorld.connected({ settings })
  await world.session.stop({ desired: 'stopped' })
  return world
}

async function comesBack(world: SessionWorld): Promise<void> {
  await world.session.start()
  await world.clock.advance(0)
  answer(world)
  await world.connector.last.opened()
  await world.clock.advance(0)
  await settled()
}

const texts = (world: SessionWorld) => world.connector.last.sent.map(({ raw }) => Buffer.from(raw).toString())
const status = async (world: SessionWorld, id: string) => (await world.store.messages.find('s', { id }))[0]?.status

describe('a queue', () => {
  it('takes a message while the session is offline, and sends it once when it is back', async () => {
    const world = await offline()
    const queued = await world.session.send({ to: TO, text: 'later', queue: true })
    expect(queued).toMatchObject({ status: 'queued', text: 'later', fromMe: true, source: 'api' })
    expect(await status(world, queued.id)).toBe('queued')
    await comesBack(world)
    expect(world.connector.last.sent).toMatchObject([{ id: queued.id, to: TO_LID }])
    expect(await status(world, queued.id)).toBe('sent')
    const { id: messageId } = queued
    expect(world.heard('message.status')).toMatchObject([
      { messageId, status: 'queued', chatId: queued.chatId },
      { messageId, status: 'pending', previousStatus: 'queued' },
    ])
    expect(world.heard('message.status')[0]).not.toHaveProperty('previousStatus')
    expect(world.heard('message-sent')).toMatchObject([{ message: { id: queued.id, chatId: TO_LID } }])
    await comesBackAgain(world)
    expect(world.connector.last.sent).toEqual([])
  })

  it('has no timer and asks nothing of the store while nothing waits', async () => {
    const world = await connected()
    await world.session.send({ to: TO, text: 'now', queue: true })
    await settled()
    expect(texts(world)).toEqual(['now'])
    expect(world.clock.pending).toBe(0)
  })

  it('is counted, and asked about no more once it is empty until something is queued', async () => {
    const world = await connected()
    const { jobs } = world.store
    if (!jobs) throw new Error('It keeps jobs')
    const { count } = jobs
    let asked = 0
    jobs.count = (filter) => {
      asked += 1
      return count(filter)
    }
    expect(await world.session.queuedCount()).toBe(0)
    asked = 0
    for (let n = 0; n < 3; n += 1) expect(await world.session.queuedCount()).toBe(0)
    expect(asked).toBe(0)
    world.connector.last.onSend = () => new Promise(() => {})
    for (const text of ['1', '2', '3']) await world.session.send({ to: TO, text, queue: true })
    await settled()
    expect(await world.session.queuedCount()).toBe(3)
  })

  it('is used by itself while the session is offline where the setting says so, and what comes then follows it', async () => {
    const world = await offline({ queueWhenOffline: true })
    const first = await world.session.send({ to: TO, text: 'first' })
    expect(first.status).toBe('queued')
    await expect(world.session.send({ to: TO, text: 'x', queue: false })).rejects.toMatchObject({
      code: 'SESSION_NOT_CONNECTED',
    })
    await comesBack(world)
    expect((await world.session.send({ to: TO, text: 'second' })).status).toBe('sent')
    expect(texts(world)).toEqual(['first', 'second'])
  })

  it('refuses what no account could send', async () => {
    const world = await SessionWorld.start()
    const sending = world.session.send({ to: TO, text: 'x', queue: true })
    await expect(sending).rejects.toMatchObject({ code: 'SESSION_NOT_CONNECTED' })
  })

  it('sends at the time that was asked for, and holds nothing up until then', async () => {
    const world = await connected()
    const sendAt = new Date(world.clock.now() + 3_600_000).toISOString()
    const tomorrow = await world.session.send({ to: TO, text: 'in an hour', sendAt })
    expect(tomorrow.status).toBe('queued')
    await world.session.send({ to: TO, text: 'now', queue: true })
    await settled()
    expect(texts(world)).toEqual(['now'])
    await world.clock.advance(3_599_000)
    expect(texts(world)).toEqual(['now'])
    await world.clock.advance(1_000)
    await settled()
    expect(texts(world)).toEqual(['now', 'in an hour'])
    expect(world.clock.pending).toBe(0)
  })

  it('keeps the order of a chat, and lets no chat wait for another', async () => {
    const world = await offline()
    for (const text of ['a1', 'a2', 'a3']) await world.session.send({ to: TO, text, queue: true })
    for (const text of ['b1', 'b2']) await world.session.send({ to: OTHER, text, queue: true })
    await world.session.start()
    await world.clock.advance(0)
    answer(world)
    const stuck = deferred()
    const { last } = world.connector
    const { onSend } = last
    last.onSend = async (message) => {
      if (message.to === TO_LID) await stuck.promise
      await onSend(message)
    }
    await last.opened()
    await world.clock.advance(0)
    await settled()
    expect(texts(world)).toEqual(['a1', 'b1', 'b2'])
    stuck.resolve()
    await settled()
    expect(texts(world)).toEqual(['a1', 'b1', 'b2', 'a2', 'a3'])
  })

  it('gives the chats of higher priority their turn first', async () => {
    const world = await offline()
    const priorities = ['low', 'normal', 'high'] as const
    for (const [n, priority] of priorities.entries())
      await world.session.send({ to: `1555000010${n}`, text: priority, priority, queue: true })
    await comesBack(world)
    expect(texts(world)).toEqual(['high', 'normal', 'low'])
  })

  it('fails a message to a number that is not on WhatsApp, and goes on with its chat and others', async () => {
    const world = await offline()
    const lost = await world.session.send({ to: OTHER, text: 'nobody', queue: true })
    await world.session.send({ to: TO, text: 'somebody', queue: true })
    await world.session.start()
    await world.clock.advance(0)
    answer(world)
    const { last } = world.connector
    const { onLookUp } = last
    last.onLookUp = (jid) => (jid.startsWith(OTHER) ? undefined : onLookUp(jid))
    await last.opened()
    await world.clock.advance(0)
    await settled()
    expect(texts(world)).toEqual(['somebody'])
    const [failed] = await world.store.messages.find('s', { id: lost.id })
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'RECIPIENT_NOT_ON_WHATSAPP' } })
    expect(world.clock.pending).toBe(0)
  })

  it('does not send what has expired', async () => {
    const world = await offline()
    const expiresAt = new Date(world.clock.now() + 60_000).toISOString()
    const { id } = await world.session.send({ to: TO, text: 'soon', expiresAt })
    await world.clock.advance(60_000)
    await comesBack(world)
    expect(texts(world)).toEqual([])
    expect(await status(world, id)).toBe('expired')
    expect(world.heard('message.status')).toMatchObject([{ status: 'queued' }, { messageId: id, status: 'expired' }])
  })

  it('cancels what is still queued, and nothing else', async () => {
    const world = await offline()
    const { id } = await world.session.send({ to: TO, text: 'no', queue: true })
    expect(await world.session.cancelMessage({ id })).toMatchObject({ id, status: 'canceled' })
    expect(await world.session.cancelMessage({ id })).toMatchObject({ id, status: 'canceled' })
    await comesBack(world)
    expect(texts(world)).toEqual([])
    const sent = await world.session.send({ to: TO, text: 'yes' })
    await expect(world.session.cancelMessage({ id: sent.id })).rejects.toMatchObject({
      code: 'MESSAGE_NOT_CHANGEABLE',
      details: { reason: 'not-queued' },
    })
    await expect(world.session.cancelMessage({ id: 'none' })).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' })
  })

  it('cancels all of it', async () => {
    const world = await offline()
    const sendAt = new Date(world.clock.now() + 3_600_000).toISOString()
    await world.session.send({ to: TO, text: '1', queue: true })
    await world.session.send({ to: OTHER, text: '2', sendAt })
    expect(await world.session.clearQueue()).toBe(2)
    expect(await world.session.clearQueue()).toBe(0)
    await comesBack(world)
    await world.clock.advance(3_600_000)
    expect(texts(world)).toEqual([])
  })

  it.each([
    ['is deleted', (world: SessionWorld) => world.session.delete('test')],
    ['is logged out', (world: SessionWorld) => world.session.logout('test')],
  ])('ends with all of its messages and jobs when the session %s, and says so', async (_how, end) => {
    const world = await offline()
    const sendAt = new Date(world.clock.now() + 3_600_000).toISOString()
    const ids: string[] = []
    for (const request of [
      { to: TO, text: '1' },
      { to: OTHER, text: '2' },
      { to: TO, text: '3', sendAt },
    ])
      ids.push((await world.session.send({ ...request, queue: true })).id)
    // Its process was killed while it worked on one.
    const kind = 'send:s'
    const [claimed] =
      (await world.store.jobs?.claim({ kind, owner: 'gone', limit: 1, leaseMs: 1e6, now: sendAt })) ?? []
    expect(claimed?.key).toBe(ids[0])
    await end(world)
    for (const id of ids) expect(await status(world, id)).toBe('canceled')
    const heard = world.heard('message.status').filter(({ status }) => status === 'canceled')
    expect(heard.map(({ messageId }) => messageId).sort()).toEqual([...ids].sort())
    for (const state of ['waiting', 'claimed'] as const) expect(await world.store.jobs?.count({ kind, state })).toBe(0)
  })

  it('says of what was handed over when its process was killed, and its session is deleted, that nobody knows', async () => {
    const world = await offline()
    const { id } = await world.session.send({ to: TO, text: 'on the wire', queue: true })
    const pending = { kind: 'status', status: 'pending' } as const
    await world.store.messages.change('s', { id }, pending)
    await world.session.delete('test')
    expect(await status(world, id)).toBe('unknown')
    expect(await world.store.jobs?.count({ kind: 'send:s', state: 'waiting' })).toBe(0)
  })

  it('puts what was not handed over back when the connection is lost, and reports what was as unknown', async () => {
    const world = await connected()
    const { last } = world.connector
    const held = deferred()
    last.onSend = () => held.promise
    const { id } = await world.session.send({ to: TO, text: 'on the wire', queue: true })
    await settled()
    const next = await world.session.send({ to: TO, text: 'next', queue: true })
    held.resolve()
    const ended = last.end(KILLED)
    await ended
    await settled()
    expect(await status(world, id)).toBe('unknown')
    await world.clock.advance(120_000)
    answer(world)
    await world.connector.last.opened()
    await settled()
    expect(texts(world)).toEqual(['next'])
    expect(await status(world, next.id)).toBe('sent')
  })
})

describe('a queue that is told again', () => {
  it('makes one message of fifty requests at once, and answers the same one to all', async () => {
    const world = await offline()
    const request = { to: TO, text: 'once', queue: true, clientMessageId: 'c1' }
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.session.send({ ...request })))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(world.heard('message.status')).toHaveLength(1)
    await comesBack(world)
    expect(texts(world)).toEqual(['once'])
    expect(await world.session.send(request)).toMatchObject({ id: answers[0]?.id, status: 'sent' })
  })

  it.each([
    ['text', { text: 'other' }],
    ['recipient', { to: OTHER }],
    ['time', { sendAt: '2030-01-01T00:00:00Z' }],
    ['priority', { priority: 'high' as const }],
  ])('refuses another %s under the same id', async (_name, other) => {
    const world = await offline()
    const request = { to: TO, text: 'once', queue: true, clientMessageId: 'c1' }
    await world.session.send(request)
    await expect(world.session.send({ ...request, ...other })).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
  })

  it('knows a request for 24 hours after it was sent, and as long as it waits', async () => {
    const world = await offline()
    const request = { to: TO, text: 'once', queue: true, clientMessageId: 'c1' }
    const first = await world.session.send(request)
    await world.clock.advance(48 * 3_600_000)
    expect((await world.session.send(request)).id).toBe(first.id)
    await comesBack(world)
    await world.clock.advance(24 * 3_600_000 - 1_000)
    expect((await world.session.send(request)).id).toBe(first.id)
    await world.clock.advance(1_000)
    const second = await world.session.send(request)
    expect(second.id).not.toBe(first.id)
    expect((await world.session.send(request)).id).toBe(second.id)
    await settled()
    expect(texts(world)).toEqual(['once', 'once'])
  })

  it('makes one message after a crash between the job and its row', async () => {
    const world = await offline()
    const { record } = world.store.messages
    world.store.messages.record = () => Promise.reject(new Error('killed'))
    const request = { to: TO, text: 'once', queue: true, clientMessageId: 'c1' }
    await expect(world.session.send(request)).rejects.toThrow('killed')
    world.store.messages.record = record
    const { id } = await world.session.send(request)
    await comesBack(world)
    expect(world.connector.last.sent.map((sent) => sent.id)).toEqual([id])
  })
})

describe('a batch', () => {
  it('has an outcome for each, in their order, and says what is wrong with one', async () => {
    const world = await offline()
    const outcomes = await world.session.sendBatch([
      { to: TO, text: '1', clientMessageId: 'a' },
      { to: TO, text: '2' },
      { to: TO, text: 'other', clientMessageId: 'a' },
      { to: TO, text: '1', clientMessageId: 'a' },
      { to: TO, text: '3', quotedMessageId: 'none' },
      { to: OTHER, text: 'late', expiresAt: '2020-01-01T00:00:00Z' },
    ])
    const codes = outcomes.map((outcome) => ('error' in outcome ? outcome.error.code : outcome.message.text))
    const conflict = 'IDEMPOTENCY_CONFLICT'
    expect(codes).toEqual(['1', '2', conflict, '1', 'MESSAGE_NOT_FOUND', 'VALIDATION_FAILED'])
    await comesBack(world)
    expect(texts(world)).toEqual(['1', '2'])
  })
})

async function comesBackAgain(world: SessionWorld): Promise<void> {
  await world.session.stop({ desired: 'stopped' })
  await comesBack(world)
}
