import type { Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../src/index.js'
import { eventually, Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const BEN = '15550000002'
const CAROL = '15550000003'

describe('devices that come and go', () => {
  let live: Live
  let trunk: LiveManager
  let ana: Phone

  beforeEach(async () => {
    live = await Live.start('devices')
    ana = await live.phone(ANA, 'Ana')
    trunk = live.manager()
    await trunk.link('ana', ana)
  })

  afterEach(() => live[Symbol.asyncDispose]())

  const heardText = (sessionId: string, text: string) =>
    trunk.heardEvent('message', sessionId, ({ message }) => message.text === text)

  it('goes on talking to a customer who has got a new phone, both ways', async () => {
    const carol = await live.phone(CAROL, 'Carol')
    await trunk.manager.send('ana', { to: CAROL, text: 'to the old phone' })
    await carol.waitForMessage('to the old phone')
    await carol.sendText(ANA, 'from the old phone')
    await heardText('ana', 'from the old phone')

    await carol.reinstall()
    await carol.sendText(ANA, 'from the new phone')
    await heardText('ana', 'from the new phone')
    const sent = await trunk.manager.send('ana', { to: CAROL, text: 'to the new phone' })
    expect(await carol.waitForMessage('to the new phone')).toMatchObject({ id: sent.id })
    expect((await trunk.manager.chats('ana')).items).toHaveLength(1)
  })

  it('reaches a device that a contact has just added, and the others when it is gone again', async () => {
    const ben = await live.phone(BEN, 'Ben')
    await trunk.link('ben', ben)
    await trunk.manager.send('ana', { to: BEN, text: 'to one device' })
    await heardText('ben', 'to one device')

    await trunk.link('ben-too', ben)
    await trunk.manager.send('ana', { to: BEN, text: 'to two devices' })
    await Promise.all([heardText('ben', 'to two devices'), heardText('ben-too', 'to two devices')])

    await ben.unlink(2)
    await trunk.status('ben-too', 'logged_out')
    const { id } = await trunk.manager.send('ana', { to: BEN, text: 'to one device again' })
    await heardText('ben', 'to one device again')
    await ben.waitForMessage('to one device again')
    await eventually(
      () => trunk.manager.message('ana', { id }),
      ({ status }) => status === 'delivered',
    )
  })

  it('shows what another device of its own account sends as sent by the account', async () => {
    const carol = await live.phone(CAROL, 'Carol')
    await trunk.link('ana-too', ana)
    const { id } = await trunk.manager.send('ana', { to: CAROL, text: 'from the first device' })
    await carol.waitForMessage('from the first device')
    const { message } = await trunk.heardEvent('message-sent', 'ana-too', (event) => event.message.id === id)
    expect(message).toMatchObject({ fromMe: true, source: 'phone', text: 'from the first device' })
    expect(trunk.events('message', 'ana-too')).toEqual([])
  })

  it('never fights a program that uses the same credentials: one of the two is left, the other waits for a person', async () => {
    const copied = createMemoryStore()
    const lease = await copied.leases.acquire('ana', { owner: 'a thief', ttlMs: 60_000 })
    if (!lease) throw new Error('Somebody else has it')
    const creds = (await trunk.store.auth.readCreds('ana')) ?? new Uint8Array()
    await copied.auth.commit('ana', { creds }, lease)
    await copied.leases.release(lease)
    const record = await trunk.store.sessions.get('ana')
    if (record) await copied.sessions.insert({ ...record, status: 'stopped' })
    const thief = live.manager({ store: copied, owner: 'a thief' })

    await thief.manager.start()
    const ended = (one: LiveManager) => one.heardEvent('session.status', 'ana', ({ status }) => status === 'failed')
    const { reason } = await Promise.race([ended(trunk), ended(thief)])
    expect(reason).toMatchObject({ code: 'CONNECTION_REPLACED', action: expect.any(String) })
    await eventually(
      () => live.simulator.connections.filter(({ state }) => state === 'live').length,
      (count) => count === 1,
    )
    const openings = [trunk, thief].flatMap((one) =>
      one.events('connected', 'ana').filter(({ status }) => status === 'connected'),
    )
    expect(openings.length).toBeLessThanOrEqual(4)
    expect(await trunk.store.auth.readCreds('ana')).toBeDefined()
  })
})
