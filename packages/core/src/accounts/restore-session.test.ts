import { Curve, initAuthCreds } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { encodeAuthValue } from '../baileys/credentials/auth-codec.js'
import { TrunklineError } from '../errors/trunkline-error.js'
import { newSessionRecord } from '../manager/new-session-record.js'
import { createMemoryStore } from '../memory/memory-store.js'
import type { AuthStore } from '../ports/auth-store.js'
import type { Store } from '../ports/store.js'
import { createSealedAuthStore } from '../sealed/sealed-auth-store.js'
import { restoreSession } from './restore-session.js'

const AT = '2026-01-01T00:00:00.000Z'
const KEYS = [{ id: 'k', key: Buffer.alloc(32, 1) }]

function linkedCreds(device: number): Uint8Array {
  const account = { details: Buffer.alloc(20, 1), accountSignature: Buffer.alloc(64, 2) }
  return encodeAuthValue({ ...initAuthCreds(), me: { id: `15550000001:${device}@s.whatsapp.net` }, account })
}

/** Links, and archives again. */
async function archived(auth: AuthStore, sessionId: string, device: number): Promise<string> {
  const puts = [{ type: 'pre-key', id: '1', value: encodeAuthValue(Curve.generateKeyPair()) }]
  await auth.commit(sessionId, { creds: linkedCreds(device), puts }, { epoch: 1 })
  const archive = await auth.archive(sessionId, { epoch: 1, reason: `device ${device}`, at: AT })
  return archive?.id ?? ''
}

async function withSession(sessionId = 's'): Promise<Store> {
  const store = createMemoryStore()
  await store.sessions.insert(newSessionRecord({ id: sessionId }, 0))
  return store
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.catch((reason: unknown) => reason)
  return TrunklineError.is(error) ? error.code : undefined
}

describe('restoring archived credentials', () => {
  it('takes the newest archive, or the one that is named, with its keys', async () => {
    const store = await withSession()
    const first = await archived(store.auth, 's', 1)
    await archived(store.auth, 's', 2)
    expect(await restoreSession(store, { sessionId: 's' })).toMatchObject({ archive: { reason: 'device 2' } })
    expect(await store.auth.listKeyIds('s', 'pre-key')).toEqual(['1'])
    expect(await store.sessions.get('s')).toMatchObject({ device: { id: 2 }, desired: 'running', status: 'stopped' })
    expect(await codeOf(restoreSession(store, { sessionId: 's', archiveId: first }))).toBe('SESSION_ALREADY_LINKED')
    expect(await store.auth.listArchives('s')).toMatchObject([{ id: first }])
  })

  it('brings a deleted session back', async () => {
    const store = await withSession()
    await archived(store.auth, 's', 1)
    await store.sessions.update('s', { deletedAt: AT })
    await restoreSession(store, { sessionId: 's', desired: 'stopped' })
    expect((await store.sessions.list({ limit: 9 })).items).toMatchObject([{ id: 's', desired: 'stopped' }])
  })

  it('puts credentials that were never linked aside', async () => {
    const store = await withSession()
    const archiveId = await archived(store.auth, 's', 1)
    await store.auth.commit('s', { creds: encodeAuthValue(initAuthCreds()) }, { epoch: 1 })
    await restoreSession(store, { sessionId: 's', archiveId })
    expect(await store.auth.listArchives('s')).toMatchObject([{ reason: expect.stringContaining('Never linked') }])
    const [aside] = await store.auth.listArchives('s')
    await store.auth.archive('s', { epoch: 9, reason: 'again', at: AT })
    const refused = restoreSession(store, { sessionId: 's', archiveId: aside?.id ?? '' })
    expect(await codeOf(refused)).toBe('LEASE_LOST')
  })

  it('refuses what is not there, and a session that runs', async () => {
    const store = await withSession()
    expect(await codeOf(restoreSession(store, { sessionId: 'none' }))).toBe('SESSION_NOT_FOUND')
    expect(await codeOf(restoreSession(store, { sessionId: 's' }))).toBe('ARCHIVE_NOT_FOUND')
    await archived(store.auth, 's', 1)
    await store.leases.acquire('s', { owner: 'a server', ttlMs: 10_000 })
    expect(await codeOf(restoreSession(store, { sessionId: 's' }))).toBe('LEASE_HELD')
    expect(await store.auth.listArchives('s')).toHaveLength(1)
  })

  it('refuses a device that another session has, and leaves it archived', async () => {
    const store = await withSession()
    await archived(store.auth, 's', 4)
    await store.sessions.insert({
      ...newSessionRecord({ id: 't' }, 0),
      account: { jid: '15550000001@s.whatsapp.net', phone: '15550000001' },
      device: { id: 4 },
    })
    expect(await codeOf(restoreSession(store, { sessionId: 's' }))).toBe('SESSION_ALREADY_LINKED')
    expect(await store.auth.readCreds('s')).toBeUndefined()
    expect(await store.auth.listArchives('s')).toMatchObject([{ at: AT, reason: 'device 4' }])
  })

  it('refuses an account whose messages the session has not, and leaves it archived', async () => {
    const store = createMemoryStore()
    const messagesOf = { jid: '15550000009@s.whatsapp.net', phone: '15550000009' }
    await store.sessions.insert({ ...newSessionRecord({ id: 's' }, 0), messagesOf })
    await archived(store.auth, 's', 4)
    expect(await codeOf(restoreSession(store, { sessionId: 's' }))).toBe('ACCOUNT_CHANGED')
    expect(await store.auth.readCreds('s')).toBeUndefined()
    expect(await store.auth.listArchives('s')).toMatchObject([{ at: AT, reason: 'device 4' }])
  })

  it('leaves an archive that was sealed with another key where it is', async () => {
    const store = await withSession()
    await archived(createSealedAuthStore(store.auth, { keys: KEYS }), 's', 1)
    const auth = createSealedAuthStore(store.auth, { keys: [{ id: 'other', key: Buffer.alloc(32, 2) }] })
    expect(await codeOf(restoreSession({ ...store, auth }, { sessionId: 's' }))).toBe('ENCRYPTION_KEY_WRONG')
    expect(await store.auth.readCreds('s')).toBeUndefined()
    const right = createSealedAuthStore(store.auth, { keys: KEYS })
    expect(await restoreSession({ ...store, auth: right }, { sessionId: 's' })).toMatchObject({ archive: { at: AT } })
  })
})
