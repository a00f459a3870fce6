import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createMemoryNetwork, createMemoryStore } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const LIMIT = 3
const CHATS = 7

let live: Live
let phones: Phone[]
let one: LiveManager
let two: LiveManager

beforeEach(async () => {
  live = await Live.start('pacing over nodes')
  phones = []
  for (let n = 0; n < CHATS; n += 1) phones.push(await live.phone(`1555000010${n}`, `Phone ${n}`))
  const store = createMemoryStore()
  const network = createMemoryNetwork()
  ;[one, two] = ['one', 'two'].map((owner) => live.manager({ store, owner, cluster: { bus: network.bus() } })) as [
    LiveManager,
    LiveManager,
  ]
  await one.manager.start()
  await two.manager.start()
  await one.link('ana', await live.phone(ANA, 'Ana'))
})
afterEach(() => live[Symbol.asyncDispose]())

const received = () =>
  phones.flatMap(({ messages }) => messages.flatMap(({ fromMe, text }) => (fromMe ? [] : (text ?? []))))
const queueOf = ({ manager }: LiveManager) => manager.session('ana').queue.get()

it('an account sends no more than it may from two nodes at once, nor after it has moved from one to the other', async () => {
  const pacing = (perDay: number) => ({ settings: { pacing: { preset: 'off', perDay } as const } })
  await two.manager.update('ana', pacing(LIMIT))
  await eventually(
    async () => (await one.manager.get('ana')).settings.pacing?.perDay,
    (perDay) => perDay === LIMIT,
  )
  const texts = phones.slice(0, -1).map((_, n) => `number ${n}`)
  const queued = texts.map((text, n) =>
    [one, two][n % 2]?.manager.send('ana', { to: phones[n]?.number ?? '', text, queue: true }),
  )
  await Promise.all(queued)
  const isFull = ({ waiting, waitingFor }: Awaited<ReturnType<typeof queueOf>>) =>
    waiting === texts.length - LIMIT && waitingFor?.code === 'PACING_DAY'
  await eventually(() => queueOf(one), isFull)
  expect(await queueOf(two)).toEqual(await queueOf(one))
  await eventually(received, ({ length }) => length === LIMIT)
  await one.manager.close()
  await two.status('ana', 'connected')
  await two.manager.send('ana', { to: phones.at(-1)?.number ?? '', text: 'one more', queue: true })
  const waiting = await eventually(
    () => queueOf(two),
    (queue) => queue.waitingFor?.code === 'PACING_DAY',
  )
  expect(waiting).toMatchObject({ waiting: texts.length - LIMIT + 1, used: { day: LIMIT } })
  expect(received()).toHaveLength(LIMIT)
  await two.manager.update('ana', pacing(100))
  await eventually(received, ({ length }) => length >= CHATS)
  expect(received().sort()).toEqual([...texts, 'one more'].sort())
})
