import type { CloseCause, Phone } from '@trunkline/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore, type ErrorCode, type SessionStatus, type Store } from '../src/index.js'
import { Live, type LiveManager } from './support/live.js'

const ANA = '15550000001'
const CAROL = '15550000003'

describe('every way a connection can end', () => {
  let live: Live
  let store: Store
  let trunk: LiveManager
  let ana: Phone

  beforeEach(async () => {
    live = await Live.start('reconnect')
    store = createMemoryStore()
    ana = await live.phone(ANA, 'Ana')
    trunk = live.manager({ store })
    await trunk.link('ana', ana)
  })

  afterEach(() => live[Symbol.asyncDispose]())

  const comesBack: { name: string; cause: CloseCause; code: ErrorCode | undefined }[] = [
    { name: 'a TCP reset', cause: { reason: 'kill' }, code: 'CONNECTION_LOST' },
    { name: 'a WebSocket close', cause: { reason: 'socket-close' }, code: 'CONNECTION_LOST' },
    { name: 'the end of the stream', cause: { reason: 'stream-end' }, code: 'CONNECTION_LOST' },
    { name: 'stream error 500', cause: { code: 500 }, code: 'SERVICE_UNAVAILABLE' },
    { name: 'stream error 503', cause: { code: 503 }, code: 'SERVICE_UNAVAILABLE' },
    { name: 'stream error 501', cause: { code: 501 }, code: 'SERVICE_UNAVAILABLE' },
    { name: 'stream error 516', cause: { code: 516 }, code: 'SERVICE_UNAVAILABLE' },
    { name: 'a number that nobody knows', cause: { code: 599 }, code: 'CONNECTION_LOST' },
    { name: 'stream error 515', cause: { code: 515 }, code: undefined },
    {
      name: 'a stanza that was not well formed',
      cause: { reason: 'xml-not-well-formed' },
      code: 'SERVICE_UNAVAILABLE',
    },
    { name: 'a bad ack', cause: { reason: 'ack' }, code: 'SERVICE_UNAVAILABLE' },
    { name: 'a doubtful 401 without device_removed', cause: { code: 401 }, code: 'CONNECTION_LOST' },
    { name: 'one replacement', cause: { reason: 'replaced' }, code: 'CONNECTION_REPLACED' },
  ]

  it.each(comesBack)('comes back without a scan after $name', async ({ cause, code }) => {
    const creds = await store.auth.readCreds('ana')
    const from = trunk.heard.length
    live.simulator.faults.close(ANA, cause)
    await trunk.status('ana', 'reconnecting', from)
    await trunk.status('ana', 'connected', from)
    expect(creds).toBeDefined()
    expect(ana.devices).toHaveLength(1)
    expect(trunk.heard.slice(from).map(({ name }) => name)).not.toContain('qr')
    const details = await trunk.manager.details('ana')
    expect(details.errors.at(-1)?.code).toBe(code)
    expect(details.attemptsLog.at(-1)).toMatchObject({ outcome: 'open' })
    expect(details.attempts.count).toBe(0)
    expect(live.simulator.connections).toHaveLength(1)
  })

  const ends: { reason: number; status: SessionStatus; code: ErrorCode }[] = [
    { reason: 402, status: 'banned', code: 'ACCOUNT_BANNED' },
    { reason: 406, status: 'banned', code: 'ACCOUNT_BANNED' },
    { reason: 400, status: 'failed', code: 'SERVER_NOT_TRUSTED' },
    { reason: 403, status: 'failed', code: 'ACCOUNT_LOCKED' },
    { reason: 405, status: 'failed', code: 'CLIENT_OUTDATED' },
    { reason: 409, status: 'failed', code: 'LOGIN_REFUSED' },
    { reason: 411, status: 'failed', code: 'MULTI_DEVICE_REQUIRED' },
    { reason: 413, status: 'failed', code: 'LOGIN_REFUSED' },
    { reason: 414, status: 'failed', code: 'LOGIN_REFUSED' },
    { reason: 415, status: 'failed', code: 'LOGIN_REFUSED' },
    { reason: 418, status: 'failed', code: 'LOGIN_REFUSED' },
    { reason: 419, status: 'failed', code: 'LOGIN_REFUSED' },
  ]

  it.each(ends)(
    'a login refused with $reason is $status ($code): it waits for a person and keeps the credentials',
    async (row) => {
      live.simulator.faults.failLogin(ANA, { reason: row.reason, code: 101, expireSeconds: 3600 })
      const from = trunk.heard.length
      live.simulator.faults.kill(ANA)
      await trunk.status('ana', row.status, from)
      const details = await trunk.manager.details('ana')
      expect(details.statusReason).toMatchObject({ code: row.code, action: expect.any(String) })
      expect(details.statusReason?.retryAt).toBeUndefined()
      expect(details.advice.length).toBeGreaterThan(10)
      expect(await store.auth.readCreds('ana')).toBeDefined()
      expect(await store.auth.listArchives('ana')).toEqual([])
      expect(live.simulator.connections).toEqual([])
      // And a person can start it again.
      await trunk.manager.startSession('ana')
      await trunk.status('ana', 'connected', trunk.heard.length - 1)
    },
  )

  it('names reason and expiry of a temporary ban', async () => {
    live.simulator.faults.failLogin(ANA, { reason: 402, code: 104, expireSeconds: 7200 })
    live.simulator.faults.kill(ANA)
    await trunk.status('ana', 'banned')
    const { statusReason } = await trunk.manager.get('ana')
    expect(statusReason?.message).toContain('7200')
    expect(statusReason?.message).toContain('104')
  })

  it.each([500, 501, 503])('tries again after a login refused with %i', async (reason) => {
    live.simulator.faults.failLogin(ANA, { reason }, { times: 3 })
    const from = trunk.heard.length
    live.simulator.faults.kill(ANA)
    await trunk.status('ana', 'connected', from)
    const { attemptsLog } = await trunk.manager.details('ana')
    expect(attemptsLog.filter(({ code }) => code === 'SERVICE_UNAVAILABLE')).toHaveLength(3)
  })

  it('a login refused with 401 is a logout: the credentials are archived, not lost', async () => {
    live.simulator.faults.failLogin(ANA, { reason: 401 })
    live.simulator.faults.kill(ANA)
    await trunk.status('ana', 'logged_out')
    expect(await store.auth.readCreds('ana')).toBeUndefined()
    expect(await store.auth.listArchives('ana')).toMatchObject([{ reason: expect.any(String) }])
    expect((await trunk.manager.get('ana')).desired).toBe('stopped')
  })

  it.each([{ reason: 'device_removed' }, { reason: 'device_removed_without_code' }] as const)(
    'a removal told as $reason is a logout',
    async (cause) => {
      live.simulator.faults.close(ANA, cause)
      await trunk.status('ana', 'logged_out')
      expect(await store.auth.listArchives('ana')).toHaveLength(1)
    },
  )

  it('does not fight another connection: a second replacement fails the session until somebody starts it', async () => {
    let from = trunk.heard.length
    live.simulator.faults.replaced(ANA)
    await trunk.status('ana', 'connected', from)
    from = trunk.heard.length
    live.simulator.faults.replaced(ANA)
    await trunk.status('ana', 'failed', from)
    expect(await trunk.manager.get('ana')).toMatchObject({ statusReason: { code: 'CONNECTION_REPLACED' } })
    expect(live.simulator.connections).toEqual([])
    expect(await store.auth.readCreds('ana')).toBeDefined()
  })

  it('stops as MULTI_DEVICE_REQUIRED when the server downgrades it', async () => {
    live.simulator.faults.close(ANA, { reason: 'downgrade' })
    await trunk.status('ana', 'failed')
    expect(await trunk.manager.get('ana')).toMatchObject({ statusReason: { code: 'MULTI_DEVICE_REQUIRED' } })
  })

  it('comes back after refused upgrades, which Baileys never notices', async () => {
    live.simulator.faults.refuseUpgrade({ status: 503, times: 2 })
    live.simulator.faults.refuseUpgrade({ status: 403, times: 1 })
    const from = trunk.heard.length
    live.simulator.faults.kill(ANA)
    await trunk.status('ana', 'connected', from)
    const { attemptsLog } = await trunk.manager.details('ana')
    expect(attemptsLog.filter(({ message }) => message?.includes('HTTP'))).toHaveLength(3)
  })

  it('ends an upgrade that hangs by its own watchdog', async () => {
    await trunk.manager.close()
    live.simulator.faults.hangUpgrade()
    const impatient = live.manager({ store, connectTimeoutMs: 1_000 })
    await impatient.manager.start()
    await impatient.status('ana', 'connected', 0)
    const { errors } = await impatient.manager.details('ana')
    expect(errors.map(({ code }) => code)).toContain('CONNECTION_TIMEOUT')
  })

  it('finds a deaf socket by an active probe', async () => {
    live.simulator.faults.on({ number: ANA, direction: 'in', tag: 'iq' }, { do: 'drop' })
    const from = trunk.heard.length
    const check = trunk.manager.healthCheck('ana', { timeoutMs: 100 })
    expect(await check).toMatchObject({ ok: false, problem: expect.any(String) })
    live.simulator.faults.clear()
    await trunk.status('ana', 'connected', from)
  })

  it('loses and doubles nothing when the connection drops while messages arrive', async () => {
    const carol = await live.phone(CAROL, 'Carol')
    const texts = Array.from({ length: 40 }, (_, index) => `message ${index}`)
    for (const [index, text] of texts.entries()) {
      await carol.sendText(ANA, text)
      if (index % 10 === 5) live.simulator.faults.dropAll()
    }
    await trunk.heardEvent('message', 'ana', ({ message }) => message.text === texts.at(-1))
    const heard = trunk.events('message', 'ana').map(({ message }) => message.text)
    expect([...heard].sort()).toEqual([...texts].sort())
    expect(await store.messages.count('ana')).toBe(texts.length)
  })

  it('a store that fails at the start means reconnecting, not new credentials', async () => {
    await trunk.manager.stopSession('ana')
    const creds = await store.auth.readCreds('ana')
    const { readCreds } = store.auth
    let failures = 2
    store.auth.readCreds = async (sessionId) => {
      failures -= 1
      if (failures >= 0) throw new Error('the database is away')
      return readCreds.call(store.auth, sessionId)
    }
    const from = trunk.heard.length
    await trunk.manager.startSession('ana')
    const event = await trunk.heardEvent('session.status', 'ana', ({ status }) => status === 'reconnecting', from)
    expect(event.reason).toMatchObject({ code: 'STORE_UNAVAILABLE', retryAt: expect.any(String) })
    await trunk.status('ana', 'connected', from)
    expect(trunk.heard.slice(from).map(({ name }) => name)).not.toContain('qr')
    expect(Buffer.from((await readCreds.call(store.auth, 'ana')) ?? []).length).toBeGreaterThan(0)
    expect(creds).toBeDefined()
  })
})
