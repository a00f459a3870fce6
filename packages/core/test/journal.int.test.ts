import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../src/index.js'
import { deferred } from '../src/util/deferred.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

describe('the journal of decrypted messages', () => {
  let live: Live

  beforeEach(async () => {
    live = await Live.start('journal')
  })

  afterEach(() => live[Symbol.asyncDispose]())

  it('holds nothing that was stored: of phones, linked devices, groups and the own phone', async () => {
    const [ana, ben, carol] = [
      await live.phone(ANA, 'Ana'),
      await live.phone(BEN, 'Ben'),
      await live.phone(CAROL, 'Carol'),
    ]
    const trunk = live.manager()
    await Promise.all([trunk.link('ana', ana), trunk.link('ben', ben)])
    const group = await live.simulator.createGroup({ subject: 'Friends', creator: CAROL, participants: [ANA, BEN] })
    const arrived = (session: string, text: string) =>
      trunk.heardEvent('message', session, ({ message }) => message.text === text)

    await trunk.manager.send('ben', { to: ANA, text: 'from a linked device' })
    await arrived('ana', 'from a linked device')
    await carol.sendText(ANA, 'from a phone')
    await arrived('ana', 'from a phone')
    await trunk.manager.send('ben', { to: group.jid, text: 'to the group, linked' })
    await arrived('ana', 'to the group, linked')
    await carol.sendText(group.jid, 'to the group')
    await arrived('ana', 'to the group')
    await ana.sendText(CAROL, 'from my own phone')
    await trunk.heardEvent('message-sent', 'ana', ({ message }) => message.text === 'from my own phone')
    await trunk.manager.close()

    expect(await held(trunk, 'ana')).toEqual([])
    expect(await held(trunk, 'ben')).toEqual([])
  })

  it('gives the sender key of a group back when the store failed twice before it was taken over: nothing is asked for again', async () => {
    const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
    const store = createMemoryStore()
    const commit = store.auth.commit.bind(store.auth)
    let failures = 2
    store.auth.commit = async (sessionId, batch, options) => {
      if (failures > 0 && batch.puts?.some(({ type }) => type === 'sender-key')) {
        failures -= 1
        throw new Error('the store is away')
      }
      await commit(sessionId, batch, options)
    }
    const trunk = live.manager({ store })
    await trunk.link('ana', ana)
    const group = await live.simulator.createGroup({ subject: 'Friends', creator: CAROL, participants: [ANA] })
    let retries = 0
    live.simulator.tap(({ node, direction }) => {
      if (direction === 'in' && node.tag === 'receipt' && node.attrs.type === 'retry') retries += 1
    })
    await carol.sendText(group.jid, 'to the group')
    await carol.sendText(ANA, 'in private')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'in private')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === 'to the group')
    expect(failures).toBe(0)
    expect(retries).toBe(0)
    expect(trunk.events('message', 'ana')).toHaveLength(2)
  })

  it('is not overrun while the store of messages is slow: what has no room is decrypted later', async () => {
    const [ana, ben, carol] = [
      await live.phone(ANA, 'Ana'),
      await live.phone(BEN, 'Ben'),
      await live.phone(CAROL, 'Carol'),
    ]
    const store = createMemoryStore()
    const record = store.messages.record.bind(store.messages)
    const released = deferred()
    store.messages.record = async (...args) => {
      await released.promise
      return record(...args)
    }
    const trunk = live.manager({ store })
    await trunk.link('ana', ana)
    await trunk.manager.stopSession('ana')
    for (let index = 0; index < 160; index += 1) await carol.sendText(ANA, `message ${index}`)
    await trunk.manager.startSession('ana')
    await eventually(
      () => held(trunk, 'ana'),
      (ids) => ids.length >= 100,
    )
    // Time for more of them, were there room.
    for (let index = 0; index < 20; index += 1) {
      await ben.sendText(CAROL, `meanwhile ${index}`)
      await carol.waitForMessage(`meanwhile ${index}`)
    }
    expect((await held(trunk, 'ana')).length).toBeLessThanOrEqual(101)
    released.resolve()
    await eventually(
      () => trunk.events('message', 'ana').length,
      (count) => count === 160,
    )
  })
})

function held(trunk: LiveManager, sessionId: string): Promise<string[]> {
  return trunk.store.auth.listKeyIds(sessionId, 'inbox')
}
