import { settled } from '@trunkline/conformance/testing'
import { describe, expect, it } from 'vitest'
import { SessionWorld } from '../../test/support/session-world.js'
import { storeFaults } from '../../test/support/store-faults.js'
import { deferred } from '../util/deferred.js'

const PHONE = '15550000001'

async function showing(): Promise<SessionWorld> {
  const world = await SessionWorld.start()
  await world.session.start()
  await settled()
  await world.connector.last.qr()
  return world
}

describe('a QR', () => {
  it('is announced and can be read until it expires', async () => {
    const world = await showing()
    const qr = {
      sessionId: 's',
      qr: 'a qr',
      attempt: 1,
      maxAttempts: 6,
      issuedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-01T00:01:00.000Z',
    }
    expect(world.session.qr).toEqual(qr)
    expect(world.heard('qr')).toMatchObject([qr])
    await world.clock.advance(59_999)
    expect(world.session.qr).toEqual(qr)
    await world.clock.advance(1)
    expect(world.session.qr).toBeUndefined()
  })

  it('gives way to the next one', async () => {
    const world = await showing()
    await world.clock.advance(60_000)
    const next = { qr: 'the next', attempt: 2, maxAttempts: 6, lifetimeMs: 20_000, remainingMs: 100_000 }
    await world.connector.last.emit({ type: 'qr', ...next })
    expect(world.session.qr).toMatchObject({ qr: 'the next', attempt: 2, expiresAt: '2026-01-01T00:01:20.000Z' })
    expect(world.heard('qr').map(({ qr }) => qr)).toEqual(['a qr', 'the next'])
    expect(world.statuses).toEqual(['connecting', 'awaiting_scan'])
  })

  it('is not there any more once the connection ended, and not yet when the next one begins', async () => {
    const world = await showing()
    await world.connector.last.end({ statusCode: 428, message: 'Connection Terminated' })
    expect(world.session.qr).toBeUndefined()
    await world.clock.advance(1_000)
    expect(world.connector.open).toHaveLength(1)
    expect(world.session.qr).toBeUndefined()
  })

  it('is not shown while WhatsApp asks for a passkey', async () => {
    const world = await showing()
    await world.connector.last.emit({ type: 'passkey' })
    await world.connector.last.qr()
    expect(world.session.qr).toBeUndefined()
    expect(world.session.status).toBe('passkey_required')
    expect(world.heard('qr')).toHaveLength(1)
  })

  it('that nobody scans ends the session until somebody starts it', async () => {
    const world = await showing()
    await world.connector.last.end({ statusCode: 408, message: 'QR refs attempts ended' })
    await world.clock.advance(600_000)
    expect(world.session.state.record).toMatchObject({
      status: 'stopped',
      desired: 'stopped',
      statusReason: { code: 'QR_EXPIRED' },
    })
    expect([world.connector.open.length, world.clock.pending]).toEqual([0, 0])
  })

  it('and a pairing code are in no log line', async () => {
    const world = await showing()
    await world.session.requestPairingCode(PHONE)
    const lines = JSON.stringify(world.logger.lines)
    expect(world.logger.lines.length).toBeGreaterThan(0)
    for (const secret of ['a qr', 'ABCD1234', PHONE]) expect(lines).not.toContain(secret)
  })
})

describe('a pairing code', () => {
  it('is asked for at once where a QR is shown, announced, and not followed by more QRs', async () => {
    const world = await showing()
    const code = await world.session.requestPairingCode(PHONE)
    // The end of the QR refs: 160 s after the first.
    expect(code).toEqual({ sessionId: 's', phone: PHONE, code: 'ABCD1234', expiresAt: '2026-01-01T00:02:40.000Z' })
    expect(world.heard('pairing-code')).toMatchObject([code])
    await world.connector.last.qr()
    expect(world.session.status).toBe('awaiting_code')
    expect(world.heard('qr')).toHaveLength(1)
  })

  it('starts a session that is stopped', async () => {
    const world = await SessionWorld.start()
    const asking = world.session.requestPairingCode(PHONE)
    await settled()
    expect(world.session.status).toBe('connecting')
    await world.connector.last.qr()
    expect(await asking).toMatchObject({ code: 'ABCD1234' })
  })

  it('does not wait for ever for a WhatsApp that is silent', async () => {
    const world = await SessionWorld.start()
    const asking = expect(world.session.requestPairingCode(PHONE)).rejects.toMatchObject({
      code: 'PAIRING_CODE_FAILED',
    })
    await world.clock.advance(30_000)
    await asking
    expect(world.clock.pending).toBe(0)
  })

  it.each(['connecting', 'between two tries'])('does not outlive a stop while %s', async (when) => {
    const world = await SessionWorld.start()
    if (when !== 'connecting') storeFaults(world.store).failing.add('sessions.report')
    const asking = expect(world.session.requestPairingCode(PHONE)).rejects.toMatchObject({
      code: 'PAIRING_CODE_FAILED',
    })
    await settled()
    await world.session.stop({ desired: 'stopped' })
    await asking
    expect(world.clock.pending).toBe(0)
  })

  it('fails with its cause when WhatsApp refuses it, and the QR stays', async () => {
    const world = await showing()
    const cause = new Error('rate limited')
    world.connector.last.onPairingCode = () => Promise.reject(cause)
    await expect(world.session.requestPairingCode(PHONE)).rejects.toMatchObject({ code: 'PAIRING_CODE_FAILED', cause })
    expect(world.session.status).toBe('awaiting_scan')
    expect(world.session.qr).toBeDefined()
  })

  it('fails when the connection ends while it waits', async () => {
    const world = await SessionWorld.start()
    const asking = expect(world.session.requestPairingCode(PHONE)).rejects.toMatchObject({
      code: 'PAIRING_CODE_FAILED',
    })
    await settled()
    await world.connector.last.end({ statusCode: 503, message: 'Connection Failure' })
    await asking
  })

  it('whose answer comes after the account was linked changes no status', async () => {
    const world = await showing()
    const answer = deferred<string>()
    world.connector.last.onPairingCode = () => answer.promise
    const asking = world.session.requestPairingCode(PHONE)
    await settled()
    await world.connector.last.pair()
    await world.clock.advance(0)
    await world.connector.last.opened()
    answer.resolve('ABCD1234')
    await asking
    expect(world.session.status).toBe('connected')
  })

  it('is refused for a linked account', async () => {
    const world = await SessionWorld.connected()
    await expect(world.session.requestPairingCode(PHONE)).rejects.toMatchObject({
      code: 'SESSION_ALREADY_LINKED',
      details: { sessionId: 's' },
    })
  })
})
