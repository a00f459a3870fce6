import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../src/index.js'
import { eventually, Live } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'

describe('the life of a session', () => {
  let live: Live

  beforeEach(async () => {
    live = await Live.start('lifecycle')
  })

  afterEach(() => live[Symbol.asyncDispose]())

  it('stops without logging out, and starts again without a scan', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.link('ana', ana)
    expect(await trunk.manager.stopSession('ana')).toMatchObject({ status: 'stopped', desired: 'stopped' })
    expect(live.simulator.connections).toEqual([])
    expect(ana.devices).toHaveLength(1)
    const from = trunk.heard.length
    await trunk.manager.startSession('ana')
    await trunk.status('ana', 'connected', from)
    expect(trunk.heard.slice(from).map(({ name }) => name)).not.toContain('qr')
  })

  it('delivers what was sent while it was away: once, in order', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const carol = await live.phone(CAROL, 'Carol')
    const trunk = live.manager()
    await trunk.link('ana', ana)
    await trunk.manager.stopSession('ana')
    const texts = Array.from({ length: 12 }, (_, index) => `while away ${index}`)
    for (const text of texts) await carol.sendText(ANA, text)
    const from = trunk.heard.length
    await trunk.manager.startSession('ana')
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === texts.at(-1), from)
    const heard = trunk.events('message', 'ana')
    expect(heard.map(({ message }) => message.text)).toEqual(texts)
    expect(new Set(heard.map(({ message }) => message.source))).toEqual(new Set(['offline']))
    const { items } = await trunk.manager.messages('ana', { chatId: CAROL })
    expect(items.map(({ text }) => text)).toEqual([...texts].reverse())
  })

  it('restarts in place', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.link('ana', ana)
    const from = trunk.heard.length
    await trunk.manager.restartSession('ana')
    await trunk.status('ana', 'connected', from)
    expect(ana.devices).toHaveLength(1)
    expect(live.simulator.connections).toHaveLength(1)
  })

  it('logs out: the phone forgets the device, the credentials are archived, the next start shows a QR', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.link('ana', ana)
    const session = await trunk.manager.logoutSession('ana')
    expect(session).toMatchObject({ status: 'logged_out', desired: 'stopped' })
    expect(session.account).toBeUndefined()
    await eventually(
      () => ana.devices,
      (devices) => devices.length === 0,
    )
    expect(await trunk.store.auth.readCreds('ana')).toBeUndefined()
    expect(await trunk.store.auth.listArchives('ana')).toHaveLength(1)
    const from = trunk.heard.length
    await trunk.manager.startSession('ana')
    const { qr } = await trunk.heardEvent('qr', 'ana', undefined, from)
    await ana.scanQr(qr)
    await trunk.status('ana', 'connected', from)
  })

  it('notices that the phone unlinked it, and keeps the credentials in the archive', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.link('ana', ana)
    await ana.unlink(1)
    await trunk.status('ana', 'logged_out')
    expect(await trunk.manager.get('ana')).toMatchObject({ statusReason: { code: 'LOGGED_OUT' }, desired: 'stopped' })
    expect(await trunk.store.auth.listArchives('ana')).toHaveLength(1)
  })

  it('deletes: unlinked at WhatsApp, gone from the list, its id taken until it is cleaned up', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const carol = await live.phone(CAROL, 'Carol')
    const trunk = live.manager()
    await trunk.link('ana', ana)
    await carol.sendText(ANA, 'remember me')
    await trunk.heardEvent('message', 'ana')
    await trunk.manager.delete('ana')
    await eventually(
      () => ana.devices,
      (devices) => devices.length === 0,
    )
    await expect(trunk.manager.get('ana')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
    expect((await trunk.manager.list()).items).toEqual([])
    expect(await trunk.store.messages.count('ana')).toBe(1)
    await expect(trunk.manager.create({ id: 'ana' })).rejects.toMatchObject({
      code: 'SESSION_ID_IN_USE',
      details: { hint: expect.stringContaining('clean it up') },
    })
    await trunk.manager.cleanup('ana')
    expect(await trunk.store.messages.count('ana')).toBe(0)
    expect(await trunk.store.auth.listArchives('ana')).toEqual([])
    expect(await trunk.manager.create({ id: 'ana', start: false })).toMatchObject({ status: 'stopped' })
  })

  it('comes back after a restart of the process, without a scan and with its messages', async () => {
    const store = createMemoryStore()
    const ana = await live.phone(ANA, 'Ana')
    const carol = await live.phone(CAROL, 'Carol')
    const before = live.manager({ store })
    await before.link('ana', ana)
    await carol.sendText(ANA, 'before')
    await before.heardEvent('message', 'ana')
    await before.manager.close()
    await carol.sendText(ANA, 'in between')
    const after = live.manager({ store })
    await after.manager.start()
    await after.status('ana', 'connected')
    await after.heardEvent('message', 'ana', ({ message }) => message.text === 'in between')
    const { items } = await after.manager.messages('ana')
    expect(items.map(({ text }) => text).sort()).toEqual(['before', 'in between'])
    const { events } = await after.manager.events('ana', { after: 0, limit: 200 })
    expect(events.map(({ event }) => event.seq)).toEqual(events.map((_, index) => index + 1))
  })

  it('restores only what was running', async () => {
    const store = createMemoryStore()
    const ana = await live.phone(ANA, 'Ana')
    const before = live.manager({ store })
    await before.link('ana', ana)
    await before.manager.stopSession('ana')
    await before.manager.close()
    const after = live.manager({ store })
    await after.manager.start()
    expect(await after.manager.get('ana')).toMatchObject({ status: 'stopped' })
    expect(live.simulator.connections).toEqual([])
  })

  it('ends linking when nobody scans, and says what to do', async () => {
    const trunk = live.manager({ qrLifetimeMs: 30 })
    await trunk.manager.create({ id: 'ana' })
    await trunk.status('ana', 'stopped', 0)
    expect(await trunk.manager.get('ana')).toMatchObject({ desired: 'stopped', statusReason: { code: 'QR_EXPIRED' } })
    await expect(trunk.manager.qr('ana')).rejects.toMatchObject({
      code: 'QR_NOT_AVAILABLE',
      details: { status: 'stopped' },
    })
    expect(trunk.events('qr', 'ana').length).toBeGreaterThan(1)
  })

  it('leaves no connection and answers MANAGER_CLOSED after close', async () => {
    const ana = await live.phone(ANA, 'Ana')
    const trunk = live.manager()
    await trunk.link('ana', ana)
    await Promise.all([trunk.manager.close(), trunk.manager.close()])
    expect(live.simulator.connections).toEqual([])
    await expect(trunk.manager.list()).rejects.toMatchObject({ code: 'MANAGER_CLOSED' })
  })

  it('lets two managers of one process run two accounts', async () => {
    const [ana, carol] = [await live.phone(ANA, 'Ana'), await live.phone(CAROL, 'Carol')]
    const [one, other] = [live.manager(), live.manager()]
    await Promise.all([one.link('a', ana), other.link('c', carol)])
    const sent = await one.manager.send('a', { to: CAROL, text: 'across managers' })
    await other.heardEvent('message', 'c', ({ message }) => message.id === sent.id)
  })
})
