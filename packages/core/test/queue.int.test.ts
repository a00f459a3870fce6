import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const CHATS = 20
const SENDERS = 10
const MESSAGES = 1_000

let live: Live
let trunk: LiveManager

beforeEach(async () => {
  live = await Live.start('queue')
  trunk = live.manager()
})

afterEach(() => live[Symbol.asyncDispose]())

const statusOf = async (id: string) => (await trunk.manager.message('ana', { id })).status

it('brings what was queued while the account was offline to the phones, in order, once it is back', async () => {
  const carol = await live.phone('15550000003', 'Carol')
  await trunk.link('ana', await live.phone(ANA, 'Ana'))
  await trunk.manager.stopSession('ana')
  const { messages, queue } = trunk.manager.session('ana')
  const texts = ['one', 'two', 'three']
  for (const text of texts) await messages.send({ to: carol.number, text, queue: true })
  const poll = await messages.send({ to: carol.number, type: 'poll', question: '?', options: ['a', 'b'], queue: true })
  expect(await queue.get()).toMatchObject({
    state: 'offline',
    waiting: 4,
    waitingFor: { code: 'SESSION_NOT_CONNECTED' },
  })
  expect((await queue.list()).items.map(({ message }) => message.id)).toContain(poll.id)
  await trunk.manager.startSession('ana')
  await carol.waitForMessage('three')
  const held = carol.messages.filter(({ fromMe, text }) => !fromMe && text !== undefined)
  expect(held.flatMap(({ text = '' }) => (texts.includes(text) ? [text] : []))).toEqual(texts)
  await eventually(
    () => statusOf(poll.id),
    (status) => status === 'delivered',
  )
  await eventually(
    () => queue.get(),
    ({ waiting }) => waiting === 0,
  )
})

it('sends nothing while the queue is paused, also after a restart of the session, and all of it when it is resumed', async () => {
  const carol = await live.phone('15550000003', 'Carol')
  await trunk.link('ana', await live.phone(ANA, 'Ana'))
  const { messages, queue } = trunk.manager.session('ana')
  expect((await queue.pause()).state).toBe('paused')
  const queued = await messages.send({ to: carol.number, text: 'paused', queue: true })
  await messages.send({ to: carol.number, text: 'not queued' })
  const from = trunk.heard.length
  await trunk.manager.restartSession('ana')
  await trunk.status('ana', 'connected', from)
  expect(await queue.get()).toMatchObject({ state: 'paused', waiting: 1, waitingFor: { code: 'QUEUE_PAUSED' } })
  expect(await statusOf(queued.id)).toBe('queued')
  expect((await queue.resume()).state).toBe('running')
  await carol.waitForMessage('paused')
  expect(carol.messages.filter(({ text }) => text === 'paused')).toHaveLength(1)
})

it('keeps the order of each of 20 chats when 10 senders queue 1,000 messages at once, and sends none twice', async () => {
  const number = (n: number) => `1555000${1_000 + n}`
  const phones: Phone[] = []
  for (let n = 0; n < CHATS; n += 1) phones.push(await live.phone(number(n), `Phone ${n}`))
  await trunk.link('ana', await live.phone(ANA, 'Ana'))
  const { messages, queue } = trunk.manager.session('ana')
  const sender = async (name: number) => {
    const mine = Array.from({ length: MESSAGES / SENDERS }, (_, n) => n)
    const items = await messages.sendBatch(mine.map((n) => ({ to: number(n % CHATS), text: `${name} ${n}` })))
    expect(items.filter((item) => 'error' in item)).toEqual([])
  }
  await Promise.all(Array.from({ length: SENDERS }, (_, name) => sender(name)))
  await eventually(
    () => queue.get(),
    ({ waiting }) => waiting === 0,
  )
  await eventually(
    () => trunk.store.messages.listPending('ana'),
    (pending) => pending.length === 0,
  )
  await live.simulator.idle()
  for (const [place, phone] of phones.entries()) {
    const texts = phone.messages.flatMap(({ fromMe, text = '' }) => (fromMe ? [] : [text]))
    expect(new Set(texts).size).toBe(texts.length)
    expect(texts).toHaveLength(MESSAGES / CHATS)
    for (let name = 0; name < SENDERS; name += 1) {
      const ofSender = texts.flatMap((text) => (text.startsWith(`${name} `) ? [Number(text.split(' ')[1])] : []))
      expect(ofSender).toEqual([0, 1, 2, 3, 4].map((turn) => turn * CHATS + place))
    }
  }
}, 120_000)
