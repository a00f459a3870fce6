import { ManualClock } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { DeviceListCache } from './device-list-cache.js'

const BEN = [{ user: '15550000002', device: 0 }]

describe('DeviceListCache', () => {
  it('gives back what was put in, for five minutes', async () => {
    const clock = new ManualClock()
    const cache = new DeviceListCache(clock)
    cache.set('15550000002', BEN)
    await clock.advance(299_999)
    expect(cache.get('15550000002')).toBe(BEN)
    await clock.advance(1)
    expect(cache.get('15550000002')).toBeUndefined()
  })

  it('forgets one person, or all', () => {
    const cache = new DeviceListCache(new ManualClock())
    for (const user of ['1', '2', '3']) cache.set(user, BEN)
    cache.del('1')
    expect(['1', '2', '3'].map((user) => cache.get(user))).toEqual([undefined, BEN, BEN])
    cache.flushAll()
    expect(cache.get('2')).toBeUndefined()
  })

  it('forgets both addresses of a person whose devices have changed, and nobody else', () => {
    const cache = new DeviceListCache(new ManualClock())
    for (const user of ['15550000002', '200000000000002', '15550000003']) cache.set(user, BEN)
    cache.changed({
      tag: 'notification',
      attrs: { type: 'devices', from: '15550000002@s.whatsapp.net', lid: '200000000000002@lid' },
      content: [
        { tag: 'add', attrs: {}, content: [{ tag: 'device', attrs: { jid: '15550000002:2@s.whatsapp.net' } }] },
      ],
    })
    expect(cache.get('15550000002')).toBeUndefined()
    expect(cache.get('200000000000002')).toBeUndefined()
    expect(cache.get('15550000003')).toBe(BEN)
  })

  it('takes the addresses from the devices where the notification does not have them, and survives one that is empty', () => {
    const cache = new DeviceListCache(new ManualClock())
    cache.set('200000000000002', BEN)
    const device = { tag: 'device', attrs: { jid: '15550000002:2@s.whatsapp.net', lid: '200000000000002:2@lid' } }
    cache.changed({ tag: 'notification', attrs: {}, content: [{ tag: 'update', attrs: {}, content: [device] }] })
    expect(cache.get('200000000000002')).toBeUndefined()
    cache.changed({ tag: 'notification', attrs: {} })
    cache.changed({ tag: 'notification', attrs: {}, content: 'text' })
  })
})
