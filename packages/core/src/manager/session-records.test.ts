import { describe, expect, it } from 'vitest'
import { SessionWorld, sessionRecord } from '../../test/support/session-world.js'
import { storeFaults } from '../../test/support/store-faults.js'
import { LiveSessions } from './live-sessions.js'
import { SessionRecords } from './session-records.js'

async function setUp(count = 0) {
  const world = await SessionWorld.start()
  const { sessions, leases } = world.store
  await sessions.remove('s')
  for (let n = 0; n < count; n += 1) await sessions.insert(sessionRecord({ id: idOf(n) }))
  const live = new LiveSessions(world.services)
  const records = new SessionRecords({ store: world.store, live, requests: { noticeOf: () => ({}) } })
  return { world, sessions, leases, live, records }
}

const idOf = (n: number) => `s${String(n).padStart(4, '0')}`

describe('the records of sessions', () => {
  it('know neither a session that is not there nor one that was deleted', async () => {
    const { records, sessions } = await setUp(1)
    await sessions.update('s0000', { deletedAt: '2026-01-01T00:00:00.000Z' })
    for (const id of ['s0000', 'nobody']) {
      const expected = { code: 'SESSION_NOT_FOUND', details: { sessionId: id } }
      await expect(records.read(id)).rejects.toMatchObject(expected)
      await expect(records.known(id)).rejects.toMatchObject(expected)
      await expect(records.change(id, () => ({ label: 'x' }))).rejects.toMatchObject(expected)
    }
  })

  it('are all found, page by page, with what runs here in the place of what is stored', async () => {
    const { records, live } = await setUp(450)
    await (await live.load('s0300')).start()
    const found = []
    for await (const record of records.all()) found.push(record)
    expect(found).toHaveLength(450)
    expect(found[300]).toBe(live.find('s0300')?.state.record)
    await live.find('s0300')?.close()
  })

  it('fill a page with what passes the test, and go on after it', async () => {
    const { records } = await setUp(100)
    const even = ({ id }: { id: string }) => Number(id.slice(1)) % 20 === 0
    const first = await records.page({ limit: 3 }, even)
    expect(first.items.map(({ id }) => id)).toEqual(['s0000', 's0020', 's0040'])
    const second = await records.page({ limit: 3, ...(first.nextCursor ? { cursor: first.nextCursor } : {}) }, even)
    expect(second.items.map(({ id }) => id)).toEqual(['s0060', 's0080'])
    expect(second.nextCursor).toBeUndefined()
  })

  it('are taken for left behind when nobody holds the session, at one question a page, and none for those that rest', async () => {
    const { records, sessions, leases } = await setUp(20)
    for (const n of [1, 2, 3]) await sessions.report(idOf(n), { status: 'connected' }, { epoch: 1 })
    await leases.acquire('s0002', { owner: 'other', ttlMs: 60_000 })
    const asked: (readonly string[])[] = []
    const { held } = leases
    leases.held = (ids) => {
      asked.push(ids)
      return held.call(leases, ids)
    }
    const { items } = await records.page({ limit: 10 })
    expect(items.slice(0, 4).map(({ status }) => status)).toEqual(['stopped', 'stopped', 'connected', 'stopped'])
    expect(items[1]?.statusReason).toMatchObject({ code: 'LEASE_LOST' })
    await records.page({ limit: 10, ids: [idOf(15)] })
    expect((await records.read('s0003')).status).toBe('stopped')
    expect(asked).toEqual([['s0001', 's0002', 's0003'], ['s0003']])
  })

  it('are changed upon what others have changed meanwhile, and no change is lost', async () => {
    const { records, sessions } = await setUp(1)
    const names = Array.from({ length: 8 }, (_, n) => `k${n}`)
    await Promise.all(
      names.map((name) => records.change('s0000', ({ metadata }) => ({ metadata: { ...metadata, [name]: 'x' } }))),
    )
    expect(Object.keys((await sessions.get('s0000'))?.metadata ?? {}).sort()).toEqual(names)
  })

  it('say SESSION_BUSY when others keep changing the session', async () => {
    const { records, sessions } = await setUp(1)
    const { update } = sessions
    const changing = records.change('s0000', () => {
      void update.call(sessions, 's0000', { label: 'theirs' })
      return { label: 'mine' }
    })
    await expect(changing).rejects.toMatchObject({ code: 'SESSION_BUSY', retryable: true })
    expect((await sessions.get('s0000'))?.label).toBe('theirs')
  })

  it('are read from the store no more than needed where the session runs here', async () => {
    const { world, live, records } = await setUp(1)
    const running = await live.load('s0000')
    await running.start()
    const faults = storeFaults(world.store)
    faults.works = false
    expect(await records.read('s0000')).toMatchObject({ status: 'connecting', desired: 'running' })
    await records.known('s0000')
    faults.works = true
    await running.close()
  })
})
