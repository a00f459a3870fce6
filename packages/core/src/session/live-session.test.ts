import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { SessionWorld } from '../../test/support/session-world.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import { deferred } from '../util/deferred.js'

const KILLED = { statusCode: 428, message: 'Connection Terminated' }

describe('a session', () => {
  it('links by QR and connects again at once when WhatsApp asks for it', async () => {
    const world = await SessionWorld.connected()
    expect(world.statuses).toEqual(['connecting', 'awaiting_scan', 'connecting', 'connected'])
    expect(world.connector.connections).toHaveLength(2)
    expect(await world.store.sessions.get('s')).toMatchObject({
      status: 'connected',
      desired: 'running',
      account: { phone: '15550000001' },
    })
  })

  it('that WhatsApp refuses at its first login links again, once its credentials are archived', async () => {
    const world = await SessionWorld.connected()
    const { auth } = world.store
    const refuse = async () => {
      await world.connector.last.emit({ type: 'credentials', linked: true, loggedIn: false })
      await world.connector.last.end({ statusCode: 401, message: 'Connection Failure', attributes: { reason: '401' } })
      await world.clock.advance(60_000)
    }
    const { archive } = auth
    auth.archive = () => Promise.reject(new Error('away'))
    await refuse()
    expect(await auth.readCreds('s')).toBeDefined()
    auth.archive = archive
    await refuse()
    expect([await auth.readCreds('s'), (await auth.listArchives('s')).length]).toEqual([undefined, 1])
    expect(world.session.state.record).toMatchObject({ desired: 'running', status: 'reconnecting' })
    await world.connector.last.qr()
    expect(world.session.status).toBe('awaiting_scan')
  })

  it('waits with full jitter between tries, longer each time, and starts anew after a stable connection', async () => {
    const world = await SessionWorld.connected()
    const waits: number[] = []
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await world.connector.last.end(KILLED)
      await settled()
      const { nextAt = '' } = world.session.state.record.attempts
      waits.push(Date.parse(nextAt) - world.clock.now())
      await world.clock.advance(waits.at(-1) ?? 0)
    }
    // Random is 0.5 here: half of 1, 2, 4, 8 and 16 s.
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000])
    expect(world.session.state.record.attempts.count).toBe(5)
    await world.connector.last.opened()
    expect(world.session.state.record.attempts.count).toBe(0)
    await world.clock.advance(60_000)
    await world.connector.last.end(KILLED)
    await settled()
    expect(Date.parse(world.session.state.record.attempts.nextAt ?? '') - world.clock.now()).toBe(500)
  })

  it('does not follow restart requests in a tight loop', async () => {
    const world = await SessionWorld.connected()
    for (let times = 0; times < 10; times += 1) {
      await world.connector.last.end({ statusCode: 515, message: 'Stream Errored (restart required)' })
      await settled()
    }
    expect(world.connector.connections.length).toBeLessThan(7)
    expect(world.session.status).toBe('reconnecting')
  })

  it('comes back once after it was replaced, after a pause, and then waits for a person', async () => {
    const world = await SessionWorld.connected()
    const replaced = { statusCode: 440, message: 'Stream Errored (conflict)', attributes: { type: 'replaced' } }
    await world.connector.last.end(replaced)
    await world.clock.advance(30_000)
    expect(world.connector.connections).toHaveLength(2)
    await world.clock.advance(60_000)
    expect(world.connector.connections).toHaveLength(3)
    await world.connector.last.opened()
    await world.connector.last.end(replaced)
    await world.clock.advance(3_600_000)
    expect(world.session.status).toBe('failed')
    expect(world.connector.connections).toHaveLength(3)
    expect(await world.store.auth.readCreds('s')).toBeDefined()
  })

  it('stops in the middle of a back-off, of a connection and of linking, and leaves nothing behind', async () => {
    const backingOff = await SessionWorld.connected()
    await backingOff.connector.last.end(KILLED)
    await settled()
    await backingOff.session.stop({ desired: 'stopped' })
    expect([backingOff.session.status, backingOff.clock.pending]).toEqual(['stopped', 0])

    const connected = await SessionWorld.connected()
    await connected.session.stop({ desired: 'stopped' })
    expect([connected.session.status, connected.connector.open.length]).toEqual(['stopped', 0])

    const linking = await SessionWorld.start()
    await linking.session.start()
    await settled()
    await linking.connector.last.qr()
    await Promise.all([
      linking.session.stop({ desired: 'stopped' }),
      linking.session.start(),
      linking.session.stop({ desired: 'stopped' }),
    ])
    expect([linking.session.status, linking.connector.open.length, linking.clock.pending]).toEqual(['stopped', 0, 0])
  })

  it('archives the credentials on logout, and only then', async () => {
    const world = await SessionWorld.connected()
    await world.session.restart()
    await settled()
    expect(await world.store.auth.listArchives('s')).toEqual([])
    await world.connector.last.opened()
    await world.session.logout('a test')
    expect(await world.store.auth.readCreds('s')).toBeUndefined()
    expect(await world.store.auth.listArchives('s')).toHaveLength(1)
    expect(world.session.status).toBe('logged_out')
  })

  it('waits while another node has the session, writes and tells nothing, and connects as soon as it is free', async () => {
    const world = await SessionWorld.connected()
    world.leaseHeld = true
    await world.connector.last.end(KILLED)
    await world.clock.advance(1_000)
    const [stored, heard] = [await world.store.sessions.get('s'), world.events.length]
    await world.clock.advance(300_000)
    expect(world.connector.open).toEqual([])
    expect([await world.store.sessions.get('s'), world.events.length]).toEqual([stored, heard])
    expect(await world.store.events.lastSeq('s')).toBe(heard - world.heard('qr').length)
    world.leaseHeld = false
    await world.clock.advance(1_000)
    expect(world.connector.open).toHaveLength(1)
  })

  it('closes its connection when the ownership is lost', async () => {
    const world = await SessionWorld.connected()
    world.leaseHeld = true
    world.lost.at(-1)?.abort(new TrunklineError('LEASE_LOST', { details: { sessionId: 's' } }))
    await settled()
    expect(world.connector.open).toEqual([])
    expect(world.session.state.record.statusReason?.code).toBe('LEASE_LOST')
    expect(world.session.status).toBe('reconnecting')
  })

  it('says who has it, when it has lost it and has not looked yet', async () => {
    const world = await SessionWorld.connected()
    world.leaseHeld = true
    world.lost.at(-1)?.abort(new TrunklineError('LEASE_LOST', { details: { sessionId: 's' } }))
    await settled()
    const sending = world.session.send({ to: '15550000003', text: 'hello' })
    await expect(sending).rejects.toMatchObject({ code: 'LEASE_HELD', details: { owner: 'another' } })
    await expect(world.session.restart()).rejects.toMatchObject({ code: 'LEASE_HELD' })
    world.leaseHeld = false
    await world.clock.advance(60_000)
    expect(world.connector.open).toHaveLength(1)
  })

  it('stands still while it is not certain that this node still has it, and goes on with the same connection', async () => {
    const world = await SessionWorld.connected()
    const known = deferred<void>()
    world.doubt = known.promise
    const connection = world.connector.last
    const account = { jid: '15550000001@s.whatsapp.net', phone: '15550000001', pushName: 'Told meanwhile' }
    const said = connection.emit({ type: 'account', account })
    await world.clock.advance(50_000)
    expect(world.session.state.record).toMatchObject({ status: 'connected', account: { phone: '15550000001' } })
    expect(world.session.state.record.account?.pushName).not.toBe('Told meanwhile')
    world.doubt = undefined
    known.resolve()
    await said
    expect(world.session.state.record.account?.pushName).toBe('Told meanwhile')
    expect(world.connector.open).toEqual([connection])
  })

  it('does not fight with whoever opened the account while it was not certain that this node has it', async () => {
    const world = await SessionWorld.connected()
    for (let times = 1; times <= 3; times += 1) {
      world.doubt = new Promise(() => {})
      world.leaseHeld = true
      await world.connector.last.end({ message: 'Stream Errored (conflict)', statusCode: 440 })
      await settled()
      expect(world.session.state.record.statusReason?.code).toBe('LEASE_LOST')
      await world.clock.advance(300_000)
      expect(world.connector.open).toEqual([])
      world.doubt = undefined
      world.leaseHeld = false
      await world.clock.advance(1_000)
      await world.connector.last.opened()
      expect(world.session.status).toBe('connected')
    }
  })

  it('tells the status also when the store cannot be written, and stores it with the next change', async () => {
    const world = await SessionWorld.connected()
    const { update } = world.store.sessions
    world.store.sessions.update = () => Promise.reject(new Error('away'))
    await world.connector.last.end(KILLED)
    await settled()
    expect(world.statuses.at(-1)).toBe('reconnecting')
    world.store.sessions.update = update
    await world.clock.advance(10_000)
    await world.connector.last.opened()
    expect(await world.store.sessions.get('s')).toMatchObject({
      status: 'connected',
      errors: [{ code: 'CONNECTION_LOST' }],
    })
  })

  it('gives one time to all that it writes of the end of a connection, however long the writing takes', async () => {
    const world = await SessionWorld.connected()
    const { now } = world.clock
    let looks = 0
    world.clock.now = () => {
      looks += 1
      return now.call(world.clock) + looks
    }
    await world.connector.last.end(KILLED)
    await settled()
    const { attemptsLog, errors, attempts, statusSince } = world.session.state.record
    expect(attemptsLog.at(-1)).toMatchObject({ outcome: 'close', code: 'CONNECTION_LOST' })
    const at = attemptsLog.at(-1)?.at
    expect([errors.at(-1)?.at, attempts.lastAt, statusSince]).toEqual([at, at, at])
  })

  it('asks for a pairing code once WhatsApp is ready, and refuses one for a linked account', async () => {
    const world = await SessionWorld.start()
    const asking = world.session.requestPairingCode('15550000001')
    await settled()
    await world.connector.last.qr()
    const code = await asking
    expect(code).toMatchObject({ code: 'ABCD1234', phone: '15550000001', expiresAt: '2026-01-01T00:02:40.000Z' })
    expect(world.session.status).toBe('awaiting_code')
    await world.connector.last.pair()
    await world.clock.advance(0)
    await world.connector.last.opened()
    await expect(world.session.requestPairingCode('15550000001')).rejects.toMatchObject({
      code: 'SESSION_ALREADY_LINKED',
    })
  })

  it('says PASSKEY_REQUIRED when WhatsApp asks for one, and still links afterwards', async () => {
    const world = await SessionWorld.start()
    await world.session.start()
    await settled()
    await world.connector.last.qr()
    await world.connector.last.emit({ type: 'passkey' })
    expect(world.session.status).toBe('passkey_required')
    await expect(world.session.requestPairingCode('15550000001')).rejects.toMatchObject({ code: 'PASSKEY_REQUIRED' })
    await world.connector.last.pair()
    await world.clock.advance(0)
    expect(world.session.status).toBe('connecting')
  })

  it('gives a message back as pending when WhatsApp does not answer in time, and settles it later', async () => {
    const world = await SessionWorld.connected()
    const sending = world.session.send({ to: '15550000009', text: 'hello' })
    await world.clock.advance(10_000)
    const pending = await sending
    expect(pending.status).toBe('pending')
    await world.connector.last.emit({ type: 'ack', id: pending.id })
    const [stored] = await world.store.messages.find('s', { id: pending.id })
    expect(stored?.status).toBe('sent')
    expect(world.events.filter(({ name }) => name === 'message-sent')).toHaveLength(1)
  })
})
