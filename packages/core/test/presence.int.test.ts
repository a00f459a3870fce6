import { afterAll, beforeAll, expect, it } from 'vitest'
import { Live } from './support/live.js'

let live: Live

beforeAll(async () => {
  live = await Live.start('presence')
})

afterAll(() => live[Symbol.asyncDispose]())

it('of a person is told from when it was asked for, with when they were last, and of nobody else', async () => {
  const ana = await live.phone('15550000001', 'Ana')
  const ben = await live.phone('15550000002', 'Ben')
  const carol = await live.phone('15550000003', 'Carol')
  const trunk = live.manager()
  await trunk.link('ana', ana)
  const presences = () => trunk.events('presence', 'ana').map(({ senderId, state }) => [senderId, state])

  for (const phone of [ben, carol]) await phone.setAvailable(true)
  const first = await carol.sendText(ana.number, 'nobody has asked')
  await trunk.heardEvent('message', 'ana', ({ message }) => message.id === first.id)
  expect(presences()).toEqual([])

  const { contacts } = trunk.manager.session('ana')
  await contacts.watchPresence('+1 555 000 0002')
  const there = await trunk.heardEvent('presence', 'ana', ({ state }) => state === 'available')
  expect(there).not.toHaveProperty('lastSeenAt')
  for (const phone of [ben, carol]) await phone.setAvailable(false)
  const gone = await trunk.heardEvent('presence', 'ana', ({ state }) => state === 'unavailable')
  expect(gone.lastSeenAt).toMatch(/^\d{4}-.*Z$/)
  await ben.setTyping(ana.number, 'composing')
  await trunk.heardEvent('presence', 'ana', ({ state }) => state === 'composing')
  const people = await trunk.store.chats.phonesOf('ana', [there.senderId])
  expect([there.senderId, people.get(there.senderId)]).toContain(ben.jid)
  expect(new Set(presences().map(([, state]) => state))).toEqual(new Set(['available', 'unavailable', 'composing']))
  expect(trunk.events('presence', 'ana').some(({ senderId }) => [carol.jid, carol.lid].includes(senderId))).toBe(false)
  await expect(contacts.watchPresence('nobody')).rejects.toMatchObject({ code: 'RECIPIENT_INVALID' })
})
