import { expect, it, vi } from 'vitest'
import { createMemoryStore } from '../src/index.js'
import { Live } from './support/live.js'

const PATIENCE = { timeout: 45_000, interval: 20 }
const ANA = '15550000001'
const MESSAGES = 20
/** Baileys gives a connection up that has heard nothing for its interval and five seconds more: the pings of so many intervals are longer. */
const PINGS = 8

it('a connection of Baileys stays open while all that comes in stands still, and nothing is lost, doubled or asked for again', async () => {
  await using live = await Live.start('standing-still')
  const store = createMemoryStore()
  const { renew } = store.leases
  const node = live.manager({ store, leaseTtlMs: 1_500, keepAliveIntervalMs: 1_000 })
  const ana = await live.phone(ANA, 'Ana')
  const carol = await live.phone('15550000003', 'Carol')
  await node.link('shop', ana)
  await carol.sendText(ANA, 'before')
  await node.heardEvent('message', 'shop', ({ message }) => message.text === 'before')
  const deliveries = new Map<string, number>()
  let [pings, retries] = [0, 0]
  live.simulator.tap(({ direction, number, node: { tag, attrs } }) => {
    if (number !== ANA) return
    const { id = '', type, xmlns } = attrs
    if (direction === 'out' && tag === 'message') deliveries.set(id, (deliveries.get(id) ?? 0) + 1)
    if (direction === 'in' && tag === 'iq' && xmlns === 'w:p') pings += 1
    if (direction === 'in' && tag === 'receipt' && type === 'retry') retries += 1
  })
  const from = node.heard.length
  const [connection] = live.simulator.connections
  const [lease] = await store.leases.held(['shop'])
  const heard = () => node.heard.slice(from).filter(({ name }) => name === 'message')

  store.leases.renew = () => Promise.reject(new Error('away'))
  const send = () => node.manager.send('shop', { to: carol.number, text: 'an answer' })
  // What is answered without the store says when it is in doubt; a message that was begun before would stand still with the rest.
  await vi.waitFor(() => expect(node.manager.qr('shop')).rejects.toMatchObject({ code: 'LEASE_UNSURE' }), PATIENCE)
  await expect(send()).rejects.toMatchObject({ code: 'LEASE_UNSURE', retryable: true })
  const texts = Array.from({ length: MESSAGES }, (_, n) => `number ${n}`)
  for (const text of texts) await carol.sendText(ANA, text)
  pings = 0
  await vi.waitFor(() => expect(pings).toBeGreaterThanOrEqual(PINGS), PATIENCE)
  expect([heard(), (await node.manager.get('shop')).status]).toEqual([[], 'connected'])

  store.leases.renew = renew
  await vi.waitFor(() => expect(heard()).toHaveLength(MESSAGES), PATIENCE)
  expect(heard().map(({ event }) => 'message' in event && event.message.text)).toEqual(texts)
  expect((await send()).status).toBe('sent')
  await vi.waitFor(() => {
    expect(carol.messages.filter(({ text }) => text === 'an answer')).toHaveLength(1)
  }, PATIENCE)
  await live.simulator.idle()
  expect([...deliveries.values()]).toEqual(texts.map(() => 1))
  expect(retries).toBe(0)
  expect(live.simulator.connections).toEqual([connection])
  expect(await store.leases.held(['shop'])).toEqual([lease])
  expect(node.events('session.status', 'shop').at(-1)?.status).toBe('connected')
})
