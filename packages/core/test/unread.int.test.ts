import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'

let live: Live
let trunk: LiveManager
let ana: Phone
let carol: Phone

beforeEach(async () => {
  live = await Live.start('unread')
  ana = await live.phone(ANA, 'Ana')
  carol = await live.phone(CAROL, 'Carol')
  trunk = live.manager()
  await trunk.link('ana', ana)
})

afterEach(() => live[Symbol.asyncDispose]())

const unread = async (chatId: string) => (await trunk.manager.chat('ana', chatId)).unreadCount

async function writesThree(to: string): Promise<string[]> {
  const ids: string[] = []
  for (const text of ['one', 'two', 'three']) ids.push((await carol.sendText(to, text)).id)
  for (const id of ids) {
    await trunk.heardEvent('message', 'ana', ({ message }) => message.id === id)
    await ana.waitForMessage({ id })
  }
  return ids
}

it('a chat that is read on the phone is read here', async () => {
  const ids = await writesThree(ANA)
  expect(await unread(CAROL)).toBe(3)
  await ana.markRead(...ids)
  await trunk.heardEvent('chat.updated', 'ana', ({ chat }) => chat.lid === carol.lid && chat.unreadCount === 0)
  expect(await unread(CAROL)).toBe(0)
})

it('a group that is read on the phone is read here', async () => {
  const { jid } = await live.simulator.createGroup({ subject: 'Team', creator: CAROL, participants: [ANA] })
  const ids = await writesThree(jid)
  expect(await unread(jid)).toBe(3)
  await ana.markRead(...ids)
  await trunk.heardEvent('chat.updated', 'ana', ({ chat }) => chat.id === jid && chat.unreadCount === 0)
})

it('a chat that is answered is read, from the phone and by the API', async () => {
  await writesThree(ANA)
  await ana.sendText(CAROL, 'from the phone')
  await trunk.heardEvent('message-sent', 'ana', ({ message }) => message.text === 'from the phone')
  expect(await unread(CAROL)).toBe(0)
  await writesThree(ANA)
  expect(await unread(CAROL)).toBe(3)
  await trunk.manager.send('ana', { to: CAROL, text: 'by the API' })
  expect(await unread(CAROL)).toBe(0)
})

it('what comes after the last message that was read on the phone stays unread', async () => {
  const [first = '', second = ''] = await writesThree(ANA)
  await ana.markRead(first, second)
  await eventually(
    () => unread(CAROL),
    (count) => count === 1,
  )
})
