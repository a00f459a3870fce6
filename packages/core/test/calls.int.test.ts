import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'

let live: Live
let trunk: LiveManager
let ben: Phone

beforeEach(async () => {
  live = await Live.start('calls')
  const ana = await live.phone(ANA, 'Ana')
  ben = await live.phone(BEN, 'Ben')
  trunk = live.manager()
  await trunk.link('ana', ana)
})

afterEach(() => live[Symbol.asyncDispose]())

it.each([
  ['a call', false, 'audio'],
  ['a video call', true, 'video'],
] as const)(
  '%s that nobody takes is seen, stands in the chat as missed, and does not count as unread',
  async (_what, video, kind) => {
    const { id: said } = await ben.sendText(ANA, 'may I call?')
    await trunk.heardEvent('message', 'ana')
    const { id } = await ben.call(ANA, { video })
    const offer = await trunk.heardEvent('call', 'ana', ({ state }) => state === 'offer')
    expect(offer).toMatchObject({ callId: id, from: ben.lid, kind })
    await ben.hangUp(id)
    await trunk.heardEvent('call', 'ana', ({ state }) => state === 'timeout')
    const { message } = await trunk.heardEvent('message.notice', 'ana')
    expect(message).toMatchObject({ id, type: 'call', call: { kind, outcome: 'missed' }, senderId: ben.lid })
    const { items } = await trunk.manager.messages('ana', { chatId: BEN })
    expect(items.map((item) => item.id)).toEqual([id, said])
    expect(await trunk.manager.chat('ana', BEN)).toMatchObject({ unreadCount: 1, lastMessage: { id } })
  },
)
