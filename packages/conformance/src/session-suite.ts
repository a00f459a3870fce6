import {
  RESTING_STATUSES,
  SESSION_STATUSES,
  type SessionQuery,
  type SessionRecord,
  type SessionSort,
  type SessionStatus,
} from '@trunkline/core/store'
import { expect } from 'vitest'
import { allPages, rejection, times } from './expectations.js'
import { at, fullSession, session } from './fixtures.js'
import { type Case, promise, registerCases, type StoreUnderTest } from './suite.js'

export const sessionCases: readonly Case<'sessions'>[] = [
  ...promise<'sessions'>('round trip', [
    {
      name: 'keeps a record with every field and one with none that may be missing',
      async run({ open }) {
        const { sessions } = await open()
        for (const record of [fullSession('full'), session('bare')]) {
          expect(await sessions.insert(record)).toBe(true)
          expect(await sessions.get(record.id)).toStrictEqual(record)
        }
      },
    },
    {
      name: 'answers undefined for a session that is not there',
      async run({ open }) {
        const { sessions } = await open()
        expect(await sessions.get('nobody')).toBeUndefined()
        expect(await sessions.update('nobody', { label: 'x' })).toBeUndefined()
        await sessions.remove('nobody')
        expect((await sessions.list({ limit: 10 })).items).toEqual([])
      },
    },
    {
      name: 'keeps nothing by reference',
      async run({ open }) {
        const { sessions } = await open()
        const record = fullSession('s')
        await sessions.insert(record)
        record.counters.sent = 99
        const given = await sessions.get('s')
        if (given) given.errors.length = 0
        expect(await sessions.get('s')).toStrictEqual(fullSession('s'))
        const changes = { metadata: { team: 'sales' } }
        const updated = await sessions.update('s', changes)
        changes.metadata.team = 'none'
        if (updated) updated.errors.length = 0
        expect(await sessions.get('s')).toStrictEqual({ ...fullSession('s'), metadata: { team: 'sales' }, revision: 2 })
      },
    },
    {
      name: 'finds records, counters and revisions after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.sessions.insert(fullSession('s'))
        await before.sessions.increment([{ sessionId: 's', counters: { sent: 1 } }])
        const updated = await before.sessions.update('s', { label: 'new' })
        const { sessions } = await reopen()
        expect(await sessions.get('s')).toStrictEqual(updated)
      },
    },
  ]),
  ...promise<'sessions'>('ids', [
    {
      name: 'refuses an id in use and writes nothing',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('s', { label: 'first' }))
        expect(await sessions.insert(session('s', { label: 'second' }))).toBe(false)
        expect((await sessions.get('s'))?.label).toBe('first')
      },
    },
    {
      name: 'keeps the id of a deleted session taken until the record is removed',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('s', { deletedAt: at(1) }))
        expect(await sessions.insert(session('s'))).toBe(false)
        expect((await sessions.get('s'))?.deletedAt).toBe(at(1))
        await sessions.remove('s')
        expect(await sessions.insert(session('s'))).toBe(true)
      },
    },
    {
      name: 'gives an id to one of many that want it at once',
      async run({ open }) {
        const { sessions } = await open()
        const outcomes = await Promise.all(times(20).map((n) => sessions.insert(session('s', { label: `${n}` }))))
        expect(outcomes.filter(Boolean)).toHaveLength(1)
      },
    },
    {
      name: 'gives an id to one of two instances that want it at once',
      needs: ['shared'],
      async run({ open }) {
        const stores = [await open(), await open()]
        const outcomes = await Promise.all(times(10).map((n) => stores[n % 2]?.sessions.insert(session('s'))))
        expect(outcomes.filter(Boolean)).toHaveLength(1)
      },
    },
  ]),
  ...promise<'sessions'>('order and paging', [
    {
      name: 'lists by id, ascending, each record once, with a cursor only where there is more',
      async run({ open }) {
        const { sessions } = await open()
        const ids = ['b', 'B', 'a', '_', '-', '10', '9', 'a-1', 'a_1', 'aa']
        for (const id of ids) await sessions.insert(session(id))
        for (const limit of [1, 3, 5, 10, 200]) {
          const listed = await allPages(limit, (query) => sessions.list(query))
          expect(listed.map(({ id }) => id)).toEqual([...ids].sort())
        }
        expect((await sessions.list({ limit: 10 })).nextCursor).toBeUndefined()
      },
    },
    {
      name: 'filters by status, by a text in id or label, and by metadata, all of which have to fit, on every page',
      async run({ open }) {
        const { sessions } = await open()
        const add = (id: string, changes: Partial<SessionRecord>) => sessions.insert(session(id, changes))
        await add('shop-1', {
          label: 'Front Desk (1.0)',
          status: 'connected',
          metadata: { team: 'sales', city: 'Lima' },
        })
        await add('shop-2', { label: 'Back office', status: 'failed', metadata: { team: 'sales' } })
        await add('Depot', { label: 'at the SHOP', status: 'connected', metadata: { team: 'stock', sales: 'team' } })
        await add('bare', { status: 'connected' })
        const list = async (query: Partial<SessionQuery>) =>
          (await allPages(1, (page) => sessions.list({ ...page, ...query }))).map(({ id }) => id)
        expect(await list({ status: 'connected' })).toEqual(['Depot', 'bare', 'shop-1'])
        expect(await list({ text: 'shop' })).toEqual(['Depot', 'shop-1', 'shop-2'])
        expect(await list({ text: 'DEPOT' })).toEqual(['Depot'])
        expect(await list({ text: '(1.' })).toEqual(['shop-1'])
        expect(await list({ text: '%' })).toEqual([])
        expect(await list({ metadata: { team: 'sales' } })).toEqual(['shop-1', 'shop-2'])
        expect(await list({ metadata: { team: 'sales', city: 'Lima' } })).toEqual(['shop-1'])
        expect(await list({ metadata: { team: 'sal' } })).toEqual([])
        expect(await list({ status: 'connected', text: 'shop', metadata: { team: 'stock' } })).toEqual(['Depot'])
        expect(await list({ status: 'failed', text: 'shop' })).toEqual(['shop-2'])
        expect(await list({ ids: ['shop-2', 'bare'], text: 'o' })).toEqual(['shop-2'])
        await sessions.report('shop-2', { status: 'connected' }, { epoch: 1 })
        await sessions.update('shop-2', { metadata: { team: 'stock' }, label: 'Depot two' })
        expect(await list({ status: 'connected', metadata: { team: 'stock' }, text: 'depot' })).toEqual([
          'Depot',
          'shop-2',
        ])
      },
    },
    {
      name: 'finds a text in id or label whatever the case of its letters, in any language, also after the label has changed',
      async run({ open }) {
        const { sessions } = await open()
        const label = ['Ärger', 'ПОДДЕРЖКА', 'İstanbul', 'Straße', 'Οδός']
        for (const n of times(5)) await sessions.insert(session(`s${n}`, { label: label[n] ?? '' }))
        const found = async (text: string) => (await sessions.list({ limit: 9, text })).items.map(({ id }) => id)
        for (const [n, texts] of [
          ['ärg', 'ÄRG', 'a\u0308rg'],
          ['поддержка', 'Поддержка'],
          ['istanbul', 'İSTANBUL', 'ISTANBUL', 'i\u0307stanbul'],
          ['STRASSE', 'strasse', 'straße'],
          ['ΟΔΌΣ', 'οδός'],
        ].entries()) {
          for (const text of texts) expect([text, await found(text)]).toEqual([text, [`s${n}`]])
        }
        expect(await found('arger')).toEqual([])
        await sessions.update('s0', { label: 'Öl' })
        expect([await found('ÄRGER'), await found('ÖL')]).toEqual([[], ['s0']])
        await sessions.update('s0', { desired: 'stopped' })
        expect(await found('öl')).toEqual(['s0'])
        await sessions.update('s0', { label: null })
        expect([await found('öl'), await found('S0')]).toEqual([[], ['s0']])
        expect(await sessions.get('s0')).not.toHaveProperty('search')
      },
    },
    {
      name: 'lists in every order, from either end, each record once, whatever else is asked for',
      async run({ open }) {
        const { sessions } = await open()
        // In the order of their ids; two of each have the same, and one has none.
        const records = [
          session('a', { createdAt: at(3), label: 'zebra', status: 'failed', lastActivityAt: at(9) }),
          session('b', { createdAt: at(1), label: 'Ärger', status: 'connected' }),
          session('c', { createdAt: at(3), label: 'Apple', status: 'connected', lastActivityAt: at(8) }),
          session('d', { createdAt: at(2), status: 'stopped', lastActivityAt: at(9) }),
          session('e', { createdAt: at(1), label: 'APPLE', status: 'stopped' }),
          session('f', { createdAt: at(0), label: 'deleted', status: 'failed', deletedAt: at(1) }),
        ]
        for (const record of records) await sessions.insert(record)
        const list = async (query: Partial<SessionQuery>, limit = 2) =>
          (await allPages(limit, (page) => sessions.list({ ...page, ...query }))).map(({ id }) => id).join('')
        const orders: Partial<Record<SessionSort, string>> = {
          id: 'abcde',
          createdAt: 'bedac',
          label: 'dceab',
          status: 'bcade',
          lastActivityAt: 'becad',
        }
        for (const limit of [1, 2, 4, 9]) {
          for (const [sort, ids] of Object.entries(orders) as [SessionSort, string][]) {
            expect([sort, await list({ sort }, limit)]).toEqual([sort, ids])
            const backwards = `-${sort}` as SessionSort
            expect([backwards, await list({ sort: backwards }, limit)]).toEqual([
              backwards,
              [...ids].reverse().join(''),
            ])
          }
        }
        expect(await list({ sort: '-createdAt', status: 'stopped' })).toBe('de')
        expect(await list({ sort: 'label', text: 'APP' })).toBe('ce')
        expect(await list({ sort: '-lastActivityAt', ids: ['a', 'b', 'e'] }, 1)).toBe('aeb')
        expect(await list({ sort: 'createdAt', includeDeleted: true })).toBe('fbedac')
        await sessions.update('a', { label: 'aardvark' })
        await sessions.report('e', { status: 'banned' }, { epoch: 1 })
        await sessions.increment([{ sessionId: 'b', counters: {}, lastActivityAt: at(10) }])
        expect([await list({ sort: 'label' }), await list({ sort: 'status' })]).toEqual(['daceb', 'ebcad'])
        expect(await list({ sort: '-lastActivityAt' })).toBe('bdace')
      },
    },
    {
      name: 'gives cursors that are no longer than a query may have, whatever stands in a label',
      async run({ open }) {
        const { sessions } = await open()
        // Each is one character that is searched for as eighteen.
        for (const id of ['a', 'b', 'c']) await sessions.insert(session(id, { label: '\ufdfa'.repeat(100) }))
        const ids = await allPages(1, async (page) => {
          expect(page.cursor?.length ?? 0).toBeLessThanOrEqual(1_024)
          return sessions.list({ ...page, sort: '-label' })
        })
        expect(ids.map(({ id }) => id)).toEqual(['c', 'b', 'a'])
      },
    },
    {
      name: 'refuses a cursor of a list in another order',
      async run({ open }) {
        const { sessions } = await open()
        for (const id of ['a', 'b']) await sessions.insert(session(id))
        const sorts = ['id', '-id', 'label', '-label', 'createdAt'] as const
        for (const sort of sorts) {
          const { nextCursor: cursor } = await sessions.list({ limit: 1, sort })
          if (cursor === undefined) throw new Error('There is more')
          expect((await sessions.list({ limit: 1, sort, cursor })).items).toHaveLength(1)
          for (const other of sorts.filter((one) => one !== sort))
            await rejection(sessions.list({ limit: 1, sort: other, cursor }), 'VALIDATION_FAILED')
        }
      },
    },
    {
      name: 'leaves out deleted sessions, and filters by ids and by what is desired, on every page',
      async run({ open }) {
        const { sessions } = await open()
        for (const n of times(12)) {
          const desired = n % 2 === 0 ? 'running' : 'stopped'
          await sessions.insert(session(`s${n + 10}`, { desired, ...(n % 3 === 0 ? { deletedAt: at(1) } : {}) }))
        }
        const list = async (options: Omit<Parameters<typeof sessions.list>[0], 'limit'>) =>
          (await allPages(2, (query) => sessions.list({ ...query, ...options }))).map(({ id }) => id)
        expect(await list({})).toEqual(['s11', 's12', 's14', 's15', 's17', 's18', 's20', 's21'])
        expect(await list({ desired: 'running' })).toEqual(['s12', 's14', 's18', 's20'])
        expect(await list({ includeDeleted: true })).toHaveLength(12)
        expect(await list({ ids: ['s21', 's10', 's12', 'nobody'] })).toEqual(['s12', 's21'])
        expect(await list({ ids: ['s10'], includeDeleted: true, desired: 'running' })).toEqual(['s10'])
        expect(await list({ ids: [] })).toEqual([])
      },
    },
    {
      name: 'lists those with a request to a node, until it is answered',
      async run({ open }) {
        const { sessions } = await open()
        for (const id of ['a', 'b', 'c', 'd', 'e']) await sessions.insert(session(id))
        await sessions.insert(session('f', { deletedAt: at(1), request: { node: 'one' } }))
        for (const id of ['a', 'b', 'd']) await sessions.update(id, { request: { node: 'one' } })
        await sessions.update('c', { request: { node: 'other' } })
        await sessions.update('d', { request: { node: 'one', command: { kind: 'logout', reason: 'r' } } })
        const asked = async (node: string) =>
          (await allPages(2, (query) => sessions.list({ ...query, requestsTo: node }))).map(({ id }) => id)
        expect([await asked('one'), await asked('other'), await asked('nobody')]).toEqual([['a', 'b', 'd'], ['c'], []])
        expect((await sessions.get('d'))?.request).toEqual({ node: 'one', command: { kind: 'logout', reason: 'r' } })
        await sessions.update('a', { request: null })
        await sessions.update('b', { request: { node: 'other' } })
        expect([await asked('one'), await asked('other')]).toEqual([['d'], ['b', 'c']])
        expect(await sessions.get('a')).not.toHaveProperty('request')
      },
    },
    {
      name: 'lists those that were deleted before a time, and no other',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('alive'))
        for (const n of times(4)) await sessions.insert(session(`d${n}`, { deletedAt: at(n) }))
        const found = await allPages(1, (query) => sessions.list({ ...query, deletedBefore: at(2) }))
        expect(found.map(({ id }) => id)).toEqual(['d0', 'd1'])
        expect(
          (await sessions.list({ limit: 9, deletedBefore: at(2), ids: ['d1', 'd3', 'alive'] })).items,
        ).toHaveLength(1)
      },
    },
    {
      name: 'refuses a cursor that is none',
      async run({ open }) {
        const { sessions } = await open()
        for (const cursor of ['nonsense', '', '{}', 'W10']) {
          await rejection(sessions.list({ limit: 10, cursor }), 'VALIDATION_FAILED')
        }
      },
    },
  ]),
  ...promise<'sessions'>('tallies', [
    {
      name: 'counts sessions at rest by what makes them alike, and names the others',
      async run({ open }) {
        const { sessions } = await open()
        expect(await sessions.tally()).toEqual({ resting: [], running: [] })
        const lost = { code: 'LEASE_LOST', message: 'm', action: 'a' } as const
        const counters = { sent: 1, received: 2, failed: 3, chats: 4 }
        for (const [n, status] of RESTING_STATUSES.entries()) {
          await sessions.insert(session(`a${n}`, { status, counters }))
          await sessions.insert(session(`b${n}`, { status, counters }))
        }
        await sessions.insert(session('c', { status: 'stopped', statusReason: lost }))
        await sessions.insert(session('d', { status: 'stopped', desired: 'running' }))
        await sessions.insert(session('e', { status: 'stopped', deletedAt: at(1) }))
        const running = SESSION_STATUSES.filter((status) => !RESTING_STATUSES.some((resting) => resting === status))
        const healthCheck = { at: at(3), ok: false, code: 'CONNECTION_TIMEOUT' } as const
        for (const status of running) await sessions.insert(session(status, { status, counters, healthCheck }))
        await sessions.insert(session('f', { status: 'connected', deletedAt: at(1) }))

        const tally = await sessions.tally()
        const alike = (status: SessionStatus, count: number, of: object = {}) => ({
          desired: 'stopped',
          status,
          count,
          counters: { sent: 0, received: 0, failed: 0, chats: 0 },
          ...of,
        })
        const twice = { counters: { sent: 2, received: 4, failed: 6, chats: 8 } }
        expect(tally.resting).toHaveLength(6)
        expect(tally.resting).toEqual(
          expect.arrayContaining([
            ...RESTING_STATUSES.map((status) => alike(status, 2, twice)),
            alike('stopped', 1, { code: 'LEASE_LOST' }),
            alike('stopped', 1, { desired: 'running' }),
          ]),
        )
        expect(tally.running.toSorted((left, right) => (left.id < right.id ? -1 : 1))).toStrictEqual(
          running
            .toSorted()
            .map((status) => ({ id: status, desired: 'stopped', status, statusSince: at(0), counters, healthCheck })),
        )
      },
    },
    {
      name: 'counts these alone, and without those',
      async run({ open }) {
        const { sessions } = await open()
        for (const id of ['a', 'b', 'c', 'd']) await sessions.insert(session(id))
        for (const id of ['e', 'f', 'g']) await sessions.insert(session(id, { status: 'connected' }))
        const counted = async (options: Parameters<typeof sessions.tally>[0]) => {
          const { resting, running } = await sessions.tally(options)
          return [resting.map(({ count }) => count), running.map(({ id }) => id).toSorted()]
        }
        expect(await counted({ ids: ['a', 'b', 'e', 'nobody'] })).toEqual([[2], ['e']])
        expect(await counted({ except: ['a', 'e', 'nobody'] })).toEqual([[3], ['f', 'g']])
        expect(await counted({ ids: ['a', 'b', 'e', 'f'], except: ['b', 'f', 'c'] })).toEqual([[1], ['e']])
        expect(await counted({ ids: [] })).toEqual([[], []])
      },
    },
    {
      name: 'counts what was updated, reported, incremented and removed, as it is now',
      async run({ open }) {
        const { sessions } = await open()
        for (const id of ['a', 'b', 'c', 'd']) await sessions.insert(session(id))
        expect((await sessions.tally()).resting).toMatchObject([{ count: 4 }])
        await sessions.update('a', { desired: 'running' })
        await sessions.report('b', { status: 'reconnecting', statusSince: at(9) }, { epoch: 1 })
        await sessions.increment([{ sessionId: 'b', counters: { sent: 3 } }])
        await sessions.increment([{ sessionId: 'c', counters: { received: 2 } }])
        await sessions.remove('d')
        const { resting, running } = await sessions.tally()
        const [stopped, wanted] = resting.toSorted((left, right) => (left.desired < right.desired ? 1 : -1))
        expect(stopped).toMatchObject({ desired: 'stopped', count: 1, counters: { received: 2 } })
        expect(wanted).toMatchObject({ desired: 'running', count: 1, counters: { received: 0 } })
        expect(running).toMatchObject([{ id: 'b', status: 'reconnecting', statusSince: at(9), counters: { sent: 3 } }])
        expect(running[0]).not.toHaveProperty('healthCheck')
      },
    },
  ]),
  ...promise<'sessions'>('updates', [
    {
      name: 'writes the fields that are given, removes those that are null, and raises the revision by one',
      async run({ open }) {
        const { sessions } = await open()
        const { label: _, ...rest } = fullSession('s')
        await sessions.insert(fullSession('s'))
        const updated = await sessions.update('s', { label: null, desired: 'stopped', metadata: {}, updatedAt: at(7) })
        const expected = { ...rest, desired: 'stopped', metadata: {}, updatedAt: at(7), revision: 2 }
        expect(updated).toStrictEqual(expected)
        expect(await sessions.get('s')).toStrictEqual(expected)
      },
    },
    {
      name: 'leaves a field that is undefined alone, and takes null for one that is not there',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('s', { label: 'kept' }))
        const changes = { label: undefined, deletedAt: null } as unknown as { deletedAt: null }
        expect(await sessions.update('s', changes)).toStrictEqual({ ...session('s'), label: 'kept', revision: 2 })
      },
    },
    {
      name: 'writes only on the expected revision',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('s'))
        expect(await sessions.update('s', { label: 'a' }, { expectedRevision: 2 })).toBeUndefined()
        expect(await sessions.update('s', { label: 'b' }, { expectedRevision: 1 })).toMatchObject({
          label: 'b',
          revision: 2,
        })
        expect(await sessions.update('s', { label: 'c' }, { expectedRevision: 1 })).toBeUndefined()
        expect(await sessions.get('s')).toStrictEqual({ ...session('s'), label: 'b', revision: 2 })
      },
    },
    {
      name: 'lets one of many updates of the same revision through, and loses none without an expected revision',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('s'))
        const raced = times(10).map((n) => sessions.update('s', { label: `${n}` }, { expectedRevision: 1 }))
        expect((await Promise.all(raced)).filter(Boolean)).toHaveLength(1)
        const fields = [{ label: 'l' }, { desired: 'running' }, { updatedAt: at(4) }, { deletedAt: at(5) }] as const
        await Promise.all(fields.map((changes) => sessions.update('s', changes)))
        expect(await sessions.get('s')).toMatchObject({ ...Object.assign({}, ...fields), revision: 6 })
      },
    },
  ]),
  ...promise<'sessions'>('reports', [
    {
      name: 'writes what an owner reports, removes what is null, and leaves the revision alone',
      async run({ open }) {
        const { sessions } = await open()
        const { healthCheck: _, ...rest } = fullSession('s')
        await sessions.insert(fullSession('s'))
        const reported = { status: 'connected', healthCheck: null, label: undefined, updatedAt: at(7) } as const
        const expected = { ...rest, status: 'connected', updatedAt: at(7) }
        expect(await sessions.report('s', reported, { epoch: 1 })).toStrictEqual(expected)
        expect(await sessions.get('s')).toStrictEqual(expected)
        expect(await sessions.report('s', {}, { epoch: 1 })).toStrictEqual(expected)
        expect((await sessions.list({ limit: 1 })).items).toStrictEqual([expected])
      },
    },
    {
      name: 'refuses a former owner once a newer epoch has reported, be it an empty report, and writes nothing of it',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('s'))
        await sessions.report('s', { status: 'connected' }, { epoch: 3 })
        await sessions.report('s', {}, { epoch: 5 })
        for (const changes of [{ status: 'reconnecting' }, {}] as const)
          for (const epoch of [3, 4]) await rejection(sessions.report('s', changes, { epoch }), 'LEASE_LOST')
        expect(await sessions.get('s')).toStrictEqual(session('s', { status: 'connected' }))
        await sessions.report('s', { status: 'failed' }, { epoch: 5 })
        expect((await sessions.report('s', { node: 'b' }, { epoch: 6 }))?.status).toBe('failed')
      },
    },
    {
      name: 'fences each session by itself, and no update of anybody',
      async run({ open }) {
        const { sessions } = await open()
        for (const id of ['a', 'b']) await sessions.insert(session(id))
        await sessions.report('a', {}, { epoch: 9 })
        expect(await sessions.report('b', { status: 'connected' }, { epoch: 1 })).toMatchObject({ status: 'connected' })
        expect(await sessions.update('a', { label: 'l' }, { expectedRevision: 1 })).toMatchObject({ revision: 2 })
      },
    },
    {
      name: 'makes no session out of a report',
      async run({ open }) {
        const { sessions } = await open()
        expect(await sessions.report('nobody', { status: 'connected' }, { epoch: 1 })).toBeUndefined()
        expect(await sessions.get('nobody')).toBeUndefined()
        await sessions.insert(session('s'))
        await sessions.remove('s')
        expect(await sessions.report('s', { status: 'connected' }, { epoch: 1 })).toBeUndefined()
      },
    },
    {
      name: 'refuses a former owner of a removed session on the next session of its id',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('s'))
        await sessions.report('s', {}, { epoch: 4 })
        await sessions.remove('s')
        await sessions.insert(session('s'))
        await rejection(sessions.report('s', { status: 'connected' }, { epoch: 3 }), 'LEASE_LOST')
        expect(await sessions.get('s')).toStrictEqual(session('s'))
        expect(await sessions.report('s', {}, { epoch: 5 })).toStrictEqual(session('s'))
      },
    },
    {
      name: 'refuses a former owner after close and open',
      needs: ['durable'],
      async run({ open, reopen }) {
        const before = await open()
        await before.sessions.insert(session('s'))
        await before.sessions.report('s', {}, { epoch: 2 })
        const { sessions } = await reopen()
        await rejection(sessions.report('s', { status: 'connected' }, { epoch: 1 }), 'LEASE_LOST')
      },
    },
    {
      name: 'refuses a former owner on another instance',
      needs: ['shared'],
      async run({ open }) {
        const [one, other] = [await open(), await open()]
        await one.sessions.insert(session('s'))
        await one.sessions.report('s', { status: 'connected' }, { epoch: 1 })
        await other.sessions.report('s', {}, { epoch: 2 })
        await rejection(one.sessions.report('s', { status: 'reconnecting' }, { epoch: 1 }), 'LEASE_LOST')
        expect((await other.sessions.get('s'))?.status).toBe('connected')
      },
    },
    {
      name: 'loses neither reports nor updates nor increments that come at once',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('s'))
        await Promise.all(
          times(10).flatMap((n) => [
            sessions.report('s', n % 2 === 0 ? { status: 'connected' } : { attempts: { count: 3 } }, { epoch: 1 }),
            sessions.update('s', n % 2 === 0 ? { label: 'l' } : { metadata: { a: 'b' } }),
            sessions.increment([{ sessionId: 's', counters: { sent: 1 } }]),
          ]),
        )
        const written = { status: 'connected', attempts: { count: 3 }, label: 'l', metadata: { a: 'b' } } as const
        const counters = { sent: 10, received: 0, failed: 0, chats: 0 }
        expect(await sessions.get('s')).toStrictEqual(session('s', { ...written, counters, revision: 11 }))
      },
    },
  ]),
  ...promise<'sessions'>('counters', [
    {
      name: 'adds to the counters of many sessions and passes over those that are not there',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('a'))
        await sessions.insert(session('b'))
        await sessions.increment([
          { sessionId: 'a', counters: { sent: 2, chats: 1 }, lastActivityAt: at(5) },
          { sessionId: 'nobody', counters: { sent: 1 } },
          { sessionId: 'b', counters: { received: 3, failed: 1 } },
          { sessionId: 'a', counters: { sent: 1 } },
        ])
        const counters = { sent: 3, received: 0, failed: 0, chats: 1 }
        expect(await sessions.get('a')).toStrictEqual(session('a', { counters, lastActivityAt: at(5) }))
        expect((await sessions.get('b'))?.counters).toEqual({ sent: 0, received: 3, failed: 1, chats: 0 })
        expect(await sessions.get('nobody')).toBeUndefined()
        await sessions.increment([])
      },
    },
    {
      name: 'loses no increment when many come at once, also beside updates',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('s'))
        await Promise.all(
          times(50).map((n) =>
            n % 5 === 0
              ? sessions.update('s', { label: `${n}` })
              : sessions.increment([{ sessionId: 's', counters: { received: 1 } }]),
          ),
        )
        expect(await sessions.get('s')).toMatchObject({ counters: { received: 40 }, revision: 11 })
      },
    },
    {
      name: 'loses no increment of two instances',
      needs: ['shared'],
      async run({ open }) {
        const stores = [await open(), await open()]
        await stores[0]?.sessions.insert(session('s'))
        const increments = [{ sessionId: 's', counters: { sent: 1 } }]
        await Promise.all(times(40).map((n) => stores[n % 2]?.sessions.increment(increments)))
        expect((await stores[1]?.sessions.get('s'))?.counters.sent).toBe(40)
      },
    },
    {
      name: 'moves the last activity forward only',
      async run({ open }) {
        const { sessions } = await open()
        await sessions.insert(session('s'))
        const activity = async (seconds: number): Promise<SessionRecord['lastActivityAt']> => {
          await sessions.increment([{ sessionId: 's', counters: {}, lastActivityAt: at(seconds) }])
          return (await sessions.get('s'))?.lastActivityAt
        }
        expect(await activity(5)).toBe(at(5))
        expect(await activity(3)).toBe(at(5))
        expect(await activity(8)).toBe(at(8))
      },
    },
  ]),
]

export function sessionStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'sessions'>): void {
  registerCases('sessions', sessionCases, subject)
}
