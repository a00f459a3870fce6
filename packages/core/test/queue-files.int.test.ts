import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type Store } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const TO = '15550000002'
const FILE = Buffer.from('what was promised, page by page, '.repeat(3_000))
const OTHER = Buffer.from('what came '.repeat(500))
const data = FILE.toString('base64')

let live: Live
let trunk: LiveManager
let ben: Phone

beforeEach(async () => {
  live = await Live.start('queued files')
  ben = await live.phone(TO, 'Ben')
})
afterEach(() => live[Symbol.asyncDispose]())

async function linked(store: Store = createMemoryStore()): Promise<void> {
  trunk = live.manager({ store })
  await trunk.link('ana', await live.phone('15550000001', 'Ana'))
}

const session = () => trunk.manager.session('ana')
const document = (fileName: string) => ({ to: TO, type: 'document', media: { data, fileName } }) as const

async function bytesOf(id: string): Promise<Buffer> {
  const { read } = await session().media.open({ id })
  const chunks: Uint8Array[] = []
  for await (const chunk of read()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('a file that is queued', () => {
  it('needs no connection: it can be opened at once, also in a batch, and comes to the phone when the session is back', async () => {
    await linked()
    await trunk.manager.stopSession('ana')
    const { messages } = session()
    const one = await messages.send({ ...document('one.txt'), caption: 'page one', queue: true })
    expect(one).toMatchObject({ status: 'queued', media: { bytes: FILE.length, fileName: 'one.txt', state: 'stored' } })
    expect((await bytesOf(one.id)).equals(FILE)).toBe(true)
    const [, bad, third] = await messages.sendBatch([
      { to: TO, text: 'in between' },
      { to: TO, type: 'document', media: { data: '' } },
      document('three.txt'),
    ])
    expect(bad).toMatchObject({ index: 1, error: { code: 'VALIDATION_FAILED' } })
    if (!third || 'error' in third) throw new Error('The last of the batch was refused')
    expect((await messages.get({ id: one.id }, { raw: true })).raw).toBeUndefined()
    await trunk.manager.startSession('ana')
    await ben.waitForMessage({ id: third.message.id })
    expect(ben.messages.map(({ id }) => id).filter((id) => [one.id, third.message.id].includes(id))).toEqual([
      one.id,
      third.message.id,
    ])
    for (const { id } of [one, third.message]) expect((await ben.fileOf(id)).equals(FILE)).toBe(true)
    await eventually(
      async () => (await messages.get({ id: third.message.id })).status,
      (status) => status === 'delivered',
    )
    // Who could not decrypt it can ask for it again.
    expect((await messages.get({ id: one.id }, { raw: true })).raw?.length).toBeGreaterThan(0)
  })

  it('is brought to WhatsApp when its time has come, however far away that was', async () => {
    await linked()
    const { messages, queue } = session()
    const inTwoMonths = new Date(Date.now() + 60 * 86_400_000).toISOString()
    const { id } = await messages.send({ ...document('later.txt'), sendAt: inTwoMonths })
    expect((await messages.get({ id }, { raw: true })).raw).toBeUndefined()
    const soon = new Date(Date.now() + 1_500).toISOString()
    const second = await messages.send({ ...document('soon.txt'), sendAt: soon })
    await ben.waitForMessage({ id: second.id })
    expect((await ben.fileOf(second.id)).equals(FILE)).toBe(true)
    expect(await queue.get()).toMatchObject({ waiting: 1 })
  })

  it('goes when the last message that waits with it is canceled or has expired, and not before', async () => {
    await linked()
    await trunk.manager.stopSession('ana')
    const { messages, queue } = session()
    const expiresAt = new Date(Date.now() + 1_500).toISOString()
    const short = await messages.send({ ...document('short.txt'), expiresAt })
    const [one, two] = [
      await messages.send({ ...document('one.txt'), queue: true }),
      await messages.send({ ...document('two.txt'), sendAt: new Date(Date.now() + 86_400_000).toISOString() }),
    ]
    const stateOf = async (id: string) => (await messages.get({ id })).media?.state
    await messages.cancel({ id: one.id })
    await eventually(
      async () => (await messages.get({ id: short.id })).status,
      (status) => status === 'expired',
    )
    for (const { id } of [short, one, two]) expect((await bytesOf(id)).equals(FILE)).toBe(true)
    expect(await queue.clear()).toEqual({ canceled: 1 })
    await eventually(
      () => stateOf(two.id),
      (state) => state === 'expired',
    )
    for (const { id } of [short, one, two])
      await expect(session().media.open({ id })).rejects.toMatchObject({ code: 'MEDIA_NOT_AVAILABLE' })
    expect(await trunk.store.media?.prune({ maxBytes: 0 })).toBe(0)
  })

  it('stays when a message has it that was sent, or that came', async () => {
    await linked()
    const { messages } = session()
    const { id } = await ben.sendMedia('15550000001', 'document', OTHER)
    await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
    await bytesOf(id)
    await trunk.manager.stopSession('ana')
    const first = await messages.send({ ...document('first.txt'), queue: true })
    const later = { sendAt: new Date(Date.now() + 86_400_000).toISOString() }
    const second = await messages.send({ ...document('second.txt'), ...later })
    const third = await messages.send({ ...document('third.txt'), media: { data: OTHER.toString('base64') }, ...later })
    await trunk.manager.startSession('ana')
    await ben.waitForMessage({ id: first.id })
    for (const one of [second, third]) await messages.cancel({ id: one.id })
    await trunk.manager.stopSession('ana')
    expect((await bytesOf(first.id)).equals(FILE)).toBe(true)
    expect((await bytesOf(id)).equals(OTHER)).toBe(true)
  })

  it('fails with a reason when it is not kept any more', async () => {
    await linked()
    await trunk.manager.stopSession('ana')
    const { id } = await session().messages.send({ ...document('lost.txt'), queue: true })
    await trunk.store.media?.prune({ maxBytes: 0 })
    await trunk.manager.startSession('ana')
    await trunk.heardEvent('message-sent', 'ana', ({ message }) => message.id === id)
    expect(await session().messages.get({ id })).toMatchObject({
      status: 'failed',
      error: { code: 'MEDIA_NOT_AVAILABLE' },
    })
  })

  it('of a store that keeps none is refused without a connection, and further ahead than WhatsApp keeps it', async () => {
    const { media: _, ...store } = createMemoryStore()
    await linked(store)
    const { messages } = session()
    const fieldOf = (error: { details?: { errors?: { field: string }[] } }) => error.details?.errors?.[0]?.field
    const ahead = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
    expect((await messages.send({ ...document('a.txt'), sendAt: ahead(13) })).status).toBe('queued')
    expect(await messages.send({ ...document('a.txt'), sendAt: ahead(15) }).catch(fieldOf)).toBe('sendAt')
    await trunk.manager.stopSession('ana')
    expect(await messages.send({ ...document('a.txt'), queue: true }).catch(fieldOf)).toBe('media')
  })
})
