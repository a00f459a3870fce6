import type { Job, JobClaim, JobStore, NewJob } from '@trunkline/core/store'
import { expect } from 'vitest'
import { allPages, times } from './expectations.js'
import { at } from './fixtures.js'
import { needing, promise, registerCases, type StoreUnderTest } from './suite.js'

const LEASE_MS = 30_000
const KIND = 'outbox'

const job = (key: string, changes: Partial<NewJob> = {}): NewJob => ({
  kind: KIND,
  key,
  payload: { text: 'hello' },
  dueAt: at(0),
  enqueuedAt: at(0),
  ...changes,
})

const asked = (seconds: number, changes: Partial<Parameters<JobStore['claim']>[0]> = {}) => ({
  kind: KIND,
  owner: 'a',
  limit: 10,
  leaseMs: LEASE_MS,
  now: at(seconds),
  ...changes,
})

const keys = (jobs: readonly { key: string }[]) => jobs.map(({ key }) => key)
const claimOf = ({ kind, key, attempts }: Job): JobClaim => ({ kind, key, attempts })
const nobodys: JobClaim = { kind: KIND, key: 'never', attempts: 1 }
const first = (found: readonly Job[]): JobClaim => (found[0] ? claimOf(found[0]) : nobodys)

const enqueuing = promise<'jobs'>('enqueuing', [
  {
    name: 'stores jobs with all they carry, and answers each',
    async run({ open }) {
      const jobs = (await open()).jobs
      const full = job('k', {
        lane: 'chat|1',
        sessionId: 's',
        payload: { $set: 1, 'a.b': [null, 'x'], __proto__x: true },
      })
      const answers = await jobs.enqueue([full, job('plain')])
      expect(answers.map(({ repeated }) => repeated)).toEqual([false, false])
      expect(answers[0]?.job).toStrictEqual({ ...full, state: 'waiting', attempts: 0 })
      expect(await jobs.get(full)).toStrictEqual({ ...full, state: 'waiting', attempts: 0 })
      expect(await jobs.get({ kind: 'other', key: 'k' })).toBeUndefined()
      expect(await jobs.enqueue([])).toEqual([])
    },
  },
  {
    name: 'stores a key of a kind once, within one call too, and answers the first',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('k', { payload: 'first' })])
      const again = await jobs.enqueue([
        job('k', { payload: 'second' }),
        job('new', { payload: 'third' }),
        job('new', { payload: 'fourth' }),
        job('k', { kind: 'webhook', payload: 'fifth' }),
      ])
      expect(again.map(({ job: { payload }, repeated }) => [payload, repeated])).toEqual([
        ['first', true],
        ['third', false],
        ['third', true],
        ['fifth', false],
      ])
      expect(await jobs.count({})).toBe(3)
    },
  },
  {
    name: 'stores a key once of many who enqueue it at once',
    async run({ open }) {
      const jobs = (await open()).jobs
      const answers = await Promise.all(times(20).map((n) => jobs.enqueue([job('k', { payload: n })])))
      expect(answers.flat().filter(({ repeated }) => !repeated)).toHaveLength(1)
      expect(new Set(answers.flat().map((one) => one.job.payload)).size).toBe(1)
    },
  },
  {
    name: 'knows a key again after its job has ended',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('k')])
      await jobs.settle(first(await jobs.claim(asked(0))), { state: 'done', at: at(1) })
      expect((await jobs.enqueue([job('k')]))[0]).toMatchObject({
        repeated: true,
        job: { state: 'done', endedAt: at(1) },
      })
      expect(await jobs.claim(asked(9))).toEqual([])
    },
  },
])

const claiming = promise<'jobs'>('claiming', [
  {
    name: 'gives what is due, longest due first, then in the order of enqueuing, of this kind alone',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([
        job('late', { dueAt: at(2) }),
        job('early', { dueAt: at(1) }),
        job('early too', { dueAt: at(1) }),
        job('not yet', { dueAt: at(4) }),
        job('other', { kind: 'webhook' }),
      ])
      expect(await jobs.claim(asked(0))).toEqual([])
      const claimed = await jobs.claim(asked(3))
      expect(keys(claimed)).toEqual(['early', 'early too', 'late'])
      expect(claimed[0]).toStrictEqual({
        ...job('early', { dueAt: at(1) }),
        state: 'claimed',
        attempts: 1,
        owner: 'a',
        leasedUntil: at(33),
      })
    },
  },
  {
    name: 'tells when the next one can be claimed: the first of a lane, whatever waits behind it',
    async run({ open }) {
      const jobs = (await open()).jobs
      expect(await jobs.nextAt(KIND)).toBeUndefined()
      await jobs.enqueue([
        job('first', { lane: 'a', dueAt: at(9) }),
        job('behind it', { lane: 'a', dueAt: at(1) }),
        job('free', { dueAt: at(5) }),
        job('other', { kind: 'webhook', dueAt: at(0) }),
      ])
      expect(await jobs.nextAt(KIND)).toBe(at(5))
      const [free] = await jobs.claim(asked(5))
      expect(await jobs.nextAt(KIND)).toBe(at(9))
      await jobs.claim(asked(9))
      expect(await jobs.nextAt(KIND)).toBe(at(35))
      if (free) await jobs.settle(claimOf(free), { state: 'done', at: at(10) })
      expect(await jobs.nextAt(KIND)).toBe(at(39))
    },
  },
  {
    name: 'tells when the next one can be claimed of many that wait behind a few',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([
        job('late', { lane: 'a', dueAt: at(50) }),
        ...times(250).map((n) => job(`${n}`, { lane: 'a', dueAt: at(1) })),
        job('next', { lane: 'b', dueAt: at(40) }),
      ])
      expect(await jobs.nextAt(KIND)).toBe(at(40))
    },
  },
  {
    name: 'has what waits in lanes due earlier, and neither what waits in none nor what somebody works on',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([
        job('late', { lane: 'a', dueAt: at(50) }),
        job('behind it', { lane: 'a', dueAt: at(60) }),
        job('due', { lane: 'b', dueAt: at(3) }),
        job('planned', { dueAt: at(70) }),
        job('taken', { lane: 'c', dueAt: at(0) }),
        job('other', { kind: 'webhook', lane: 'a', dueAt: at(50) }),
      ])
      expect(keys(await jobs.claim(asked(0)))).toEqual(['taken'])
      expect(await jobs.hasten({ kind: KIND, dueAt: at(5) })).toBe(2)
      const dueAt = async (key: string, kind = KIND) => (await jobs.get({ kind, key }))?.dueAt
      const times = await Promise.all(['late', 'behind it', 'due', 'planned'].map((key) => dueAt(key)))
      expect(times).toEqual([at(5), at(5), at(3), at(70)])
      expect(await dueAt('other', 'webhook')).toBe(at(50))
      expect(await jobs.nextAt(KIND)).toBe(at(3))
      expect(keys(await jobs.claim(asked(5)))).toEqual(['due', 'late'])
      expect(await jobs.hasten({ kind: KIND, dueAt: at(5) })).toBe(0)
    },
  },
  {
    name: 'gives no more than asked for, and nothing twice',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue(times(5).map((n) => job(`${n}`)))
      expect(keys(await jobs.claim(asked(1, { limit: 2 })))).toEqual(['0', '1'])
      expect(keys(await jobs.claim(asked(1, { owner: 'b' })))).toEqual(['2', '3', '4'])
      expect(await jobs.claim(asked(1))).toEqual([])
    },
  },
  {
    name: 'gives each job to one of many who ask at once',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue(times(30).map((n) => job(`${n}`)))
      const claims = await Promise.all(times(10).map((n) => jobs.claim(asked(1, { owner: `w${n}`, limit: 30 }))))
      const given = keys(claims.flat())
      expect(new Set(given).size).toBe(given.length)
      const rest = keys(await jobs.claim(asked(1, { limit: 30 })))
      expect([...given, ...rest].sort()).toEqual(times(30).map(String).sort())
    },
  },
  {
    name: 'gives each job to one of two instances that ask at once',
    needs: ['shared'],
    async run({ open }) {
      const stores = [(await open()).jobs, (await open()).jobs]
      await stores[0]?.enqueue(times(20).map((n) => job(`${n}`, { lane: `${n % 4}` })))
      for (const _ of times(10)) {
        const claims = await Promise.all(stores.map((jobs, n) => jobs.claim(asked(1, { owner: `node${n}` }))))
        const given = claims.flat()
        expect(new Set(keys(given)).size).toBe(given.length)
        expect(new Set(given.map(({ lane }) => lane)).size).toBe(given.length)
        for (const one of given) await stores[0]?.settle(claimOf(one), { state: 'done', at: at(1) })
      }
    },
  },
  {
    name: 'keeps jobs, claims and attempts through close and open',
    needs: ['durable'],
    async run({ open, reopen }) {
      const before = (await open()).jobs
      await before.enqueue([job('taken', { lane: 'l' }), job('behind', { lane: 'l' }), job('free')])
      const claim = first(await before.claim(asked(0, { limit: 1 })))
      const jobs = (await reopen()).jobs
      expect(keys(await jobs.claim(asked(1)))).toEqual(['free'])
      expect(await jobs.settle(claim, { state: 'done', at: at(2) })).toBe(true)
      expect(keys(await jobs.claim(asked(2)))).toEqual(['behind'])
    },
  },
])

const lanes = promise<'jobs'>('lanes', [
  {
    name: 'give one job at a time, in the order of enqueuing, whatever is due first',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([
        job('A1', { lane: 'A', dueAt: at(3) }),
        job('A2', { lane: 'A', dueAt: at(1) }),
        job('B1', { lane: 'B' }),
        job('B2', { lane: 'B' }),
        job('free', { dueAt: at(1) }),
      ])
      expect(keys(await jobs.claim(asked(2)))).toEqual(['B1', 'free'])
      expect(keys(await jobs.claim(asked(3)))).toEqual(['A1'])
      expect(await jobs.claim(asked(4))).toEqual([])
    },
  },
  {
    name: 'go on when their first job has ended, however it did',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue(times(5).map((n) => job(`${n}`, { lane: 'A' })))
      for (const state of ['done', 'dead', 'canceled'] as const) {
        await jobs.settle(first(await jobs.claim(asked(1))), { state, at: at(1) })
      }
      expect(await jobs.cancel(job('3'), { at: at(2) })).toBe(true)
      expect(keys(await jobs.claim(asked(3)))).toEqual(['4'])
    },
  },
  {
    name: 'wait while their first job waits for its next attempt',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('1', { lane: 'A' }), job('2', { lane: 'A' })])
      await jobs.settle(first(await jobs.claim(asked(0))), { state: 'waiting', dueAt: at(10), lastError: 'busy' })
      expect(await jobs.claim(asked(9))).toEqual([])
      const [again] = await jobs.claim(asked(10))
      expect(again).toMatchObject({ key: '1', attempts: 2, lastError: 'busy', state: 'claimed' })
    },
  },
  {
    name: 'are of one kind: the same lane of another kind waits for nobody here',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('1', { lane: 'A' }), job('2', { lane: 'A', kind: 'webhook' })])
      expect(keys(await jobs.claim(asked(0)))).toEqual(['1'])
      expect(keys(await jobs.claim(asked(0, { kind: 'webhook' })))).toEqual(['2'])
    },
  },
  {
    name: 'that are blocked hide nothing that is due behind their backlog',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue(times(300).map((n) => job(`${n}`, { lane: `${n % 3}` })))
      await jobs.enqueue([job('free', { dueAt: at(1) })])
      expect(keys(await jobs.claim(asked(1)))).toEqual(['0', '1', '2', 'free'])
      await jobs.enqueue([job('last', { dueAt: at(2), lane: 'other' })])
      expect(keys(await jobs.claim(asked(2)))).toEqual(['last'])
    },
  },
])

const claims = promise<'jobs'>('claims', [
  {
    name: 'end with their lease, not a moment too early, and the lane with them',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('1', { lane: 'A' }), job('2', { lane: 'A' })])
      await jobs.claim(asked(0))
      expect(await jobs.claim(asked(29.999, { owner: 'b' }))).toEqual([])
      expect(await jobs.claim(asked(30, { owner: 'b' }))).toMatchObject([{ key: '1', attempts: 2, owner: 'b' }])
    },
  },
  {
    name: 'are extended while they are ours, and those that are not are named',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue(times(4).map((n) => job(`${n}`)))
      const mine = (await jobs.claim(asked(0))).map(claimOf)
      const [expired = nobodys, taken = nobodys, ended = nobodys, removed = nobodys] = mine
      const renewal = { leaseMs: LEASE_MS, now: at(30) }
      // One expired and nobody took it, one was taken, one has ended, one was never there.
      await jobs.renew([expired, ended, removed], { leaseMs: LEASE_MS * 2, now: at(0) })
      await jobs.claim(asked(30, { owner: 'b' }))
      await jobs.settle(ended, { state: 'done', at: at(30) })
      const lost = await jobs.renew([expired, taken, ended, removed, nobodys], { ...renewal, now: at(90) })
      expect(keys(lost).sort()).toEqual([taken.key, ended.key, 'never'].sort())
      expect(await jobs.claim(asked(91))).toMatchObject([{ key: taken.key, attempts: 3 }])
      expect(await jobs.renew([], renewal)).toEqual([])
    },
  },
  {
    name: 'that were lost settle nothing',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('k')])
      const former = first(await jobs.claim(asked(0)))
      const current = first(await jobs.claim(asked(40, { owner: 'b' })))
      expect(await jobs.settle(former, { state: 'done', at: at(41) })).toBe(false)
      expect(await jobs.settle(former, { state: 'waiting', dueAt: at(41) })).toBe(false)
      expect(await jobs.get(job('k'))).toMatchObject({ state: 'claimed', owner: 'b', attempts: 2 })
      expect(await jobs.settle(current, { state: 'dead', at: at(42), lastError: 'no' })).toBe(true)
      expect(await jobs.settle(current, { state: 'done', at: at(43) })).toBe(false)
      expect(await jobs.get(job('k'))).toStrictEqual({
        ...job('k'),
        state: 'dead',
        attempts: 2,
        lastError: 'no',
        endedAt: at(42),
      })
      expect(await jobs.settle(nobodys, { state: 'done', at: at(1) })).toBe(false)
    },
  },
  {
    name: 'may leave another payload behind, for the next attempt and at the end',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('k')])
      const waiting = { state: 'waiting', dueAt: at(1), payload: { 'a.b': ['tried'], $set: 1 } } as const
      await jobs.settle(first(await jobs.claim(asked(0))), waiting)
      const [again] = await jobs.claim(asked(1))
      expect(again?.payload).toStrictEqual({ 'a.b': ['tried'], $set: 1 })
      await jobs.settle(again ?? nobodys, { state: 'waiting', dueAt: at(2) })
      expect((await jobs.get(job('k')))?.payload).toStrictEqual({ 'a.b': ['tried'], $set: 1 })
      await jobs.settle(first(await jobs.claim(asked(2))), { state: 'done', at: at(2), payload: 'over' })
      expect((await jobs.get(job('k')))?.payload).toBe('over')
    },
  },
  {
    name: 'settle their job also when their lease is over, as long as nobody has taken it',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('k')])
      const claim = first(await jobs.claim(asked(0)))
      expect(await jobs.settle(claim, { state: 'waiting', dueAt: at(60) })).toBe(true)
      expect(await jobs.get(job('k'))).toStrictEqual({ ...job('k', { dueAt: at(60) }), state: 'waiting', attempts: 1 })
      expect(await jobs.settle(claim, { state: 'done', at: at(61) })).toBe(false)
    },
  },
  {
    name: 'protect from being canceled',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('k')])
      const claim = first(await jobs.claim(asked(0)))
      expect(await jobs.cancel(job('k'), { at: at(1) })).toBe(false)
      await jobs.settle(claim, { state: 'waiting', dueAt: at(5) })
      expect(await jobs.cancel(job('k'), { at: at(1) })).toBe(true)
      expect(await jobs.cancel(job('k'), { at: at(2) })).toBe(false)
      expect(await jobs.get(job('k'))).toMatchObject({ state: 'canceled', endedAt: at(1) })
      expect(await jobs.claim(asked(9))).toEqual([])
      expect(await jobs.cancel(nobodys, { at: at(1) })).toBe(false)
    },
  },
])

const recording = promise<'jobs'>('recording', [
  {
    name: 'notes jobs as done with all they carry, which nobody can take and no lane waits for',
    async run({ open }) {
      const jobs = (await open()).jobs
      const full = job('k', { lane: 'A', sessionId: 's', payload: { $set: 1, 'a.b': [null, 'x'] } })
      await jobs.record([full, job('k', { payload: 'again' })], { kind: KIND, at: at(1), keep: 9 })
      await jobs.record([], { kind: KIND, at: at(1), keep: 0 })
      expect(await jobs.get(full)).toStrictEqual({ ...full, state: 'done', attempts: 0, endedAt: at(1) })
      expect(await jobs.cancel(full, { at: at(2) })).toBe(false)
      await jobs.enqueue([job('next', { lane: 'A' })])
      expect(keys(await jobs.claim(asked(99)))).toEqual(['next'])
      expect(keys((await jobs.list({ state: 'done', limit: 9 })).items)).toEqual(['k'])
      expect(await jobs.prune({ before: at(2) })).toBe(1)
    },
  },
  {
    name: 'leaves a key alone that is there already',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('k', { payload: 'first' })])
      await jobs.record([job('k', { payload: 'second' })], { kind: KIND, at: at(1), keep: 9 })
      expect(await jobs.get(job('k'))).toMatchObject({ payload: 'first', state: 'waiting' })
      const [claim] = await jobs.claim(asked(0))
      expect(claim?.payload).toBe('first')
    },
  },
  {
    name: 'keeps the last that are done of the kind, and all that are not',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('open'), job('settled')])
      const other = { kind: 'other', at: at(1), keep: 1 }
      await jobs.record([job('a', { kind: 'other' }), job('b', { kind: 'other' })], other)
      await jobs.cancel(job('open'), { at: at(1) })
      await jobs.settle(first(await jobs.claim(asked(0))), { state: 'done', at: at(1) })
      for (const n of [1, 2, 3]) await jobs.record([job(`${n}`)], { kind: KIND, at: at(n), keep: 2 })
      expect(keys((await jobs.list({ limit: 9 })).items)).toEqual(['open', 'b', '2', '3'])
      await jobs.record(
        times(4).map((n) => job(`n${n}`)),
        { kind: KIND, at: at(9), keep: 2 },
      )
      expect(keys((await jobs.list({ kind: KIND, state: 'done', limit: 9 })).items)).toEqual(['n2', 'n3'])
    },
  },
])

const looking = promise<'jobs'>('looking and clearing away', [
  {
    name: 'counts what has not ended by kind, of kinds that begin alike',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([
        job('one', { kind: 'send:a' }),
        job('two', { kind: 'send:a', lane: 'x' }),
        job('three', { kind: 'send:a', lane: 'x' }),
        job('one', { kind: 'send:b' }),
        job('one', { kind: 'send:.*' }),
        job('one', { kind: 'sent:a' }),
        job('one', { kind: 'webhook' }),
      ])
      await jobs.cancel({ kind: 'send:b', key: 'one' }, { at: at(2) })
      const [taken] = await jobs.claim(asked(1, { kind: 'send:a', limit: 1 }))
      const expected = new Map([
        ['send:a', 3],
        ['send:.*', 1],
      ])
      expect(await jobs.countOpen('send:')).toEqual(expected)
      expect(await jobs.countOpen('send:.')).toEqual(new Map([['send:.*', 1]]))
      expect(await jobs.countOpen('none')).toEqual(new Map())
      if (taken) await jobs.settle(claimOf(taken), { state: 'done', at: at(2) })
      expect((await jobs.countOpen('send:')).get('send:a')).toBe(2)
    },
  },
  {
    name: 'lists by kind, lane, session and state in the order of enqueuing, page by page, and counts the same',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue(
        times(12).map((n) => job(`${n}`, { lane: `${n % 2}`, sessionId: `s${n % 3}`, dueAt: at(99 - n) })),
      )
      await jobs.enqueue([job('w', { kind: 'webhook', lane: '0' })])
      await jobs.cancel(job('3'), { at: at(1) })
      const filters = [
        [{}, 13],
        [{ kind: KIND }, 12],
        [{ lane: '0' }, 7],
        [{ kind: KIND, lane: '0' }, 6],
        [{ sessionId: 's0' }, 4],
        [{ state: 'canceled' }, 1],
        [{ kind: KIND, sessionId: 's0', state: 'waiting' }, 3],
        [{ kind: 'none' }, 0],
      ] as const
      for (const [filter, count] of filters) {
        const listed = await allPages(5, (query) => jobs.list({ ...filter, ...query }))
        expect(listed).toHaveLength(count)
        expect(await jobs.count(filter)).toBe(count)
        const order = keys(listed).map((key) => (key === 'w' ? 12 : Number(key)))
        expect(order).toEqual([...order].sort((left, right) => left - right))
        for (const one of listed) expect(one).toMatchObject(filter)
      }
    },
  },
  {
    name: 'removes what ended long ago, so that its key is free, and nothing else',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue(times(6).map((n) => job(`${n}`)))
      for (const n of [0, 1, 2, 3]) await jobs.cancel(job(`${n}`), { at: at(n) })
      await jobs.claim(asked(0, { limit: 1 }))
      expect(await jobs.prune({ before: at(3), limit: 2 })).toBe(2)
      expect(await jobs.prune({ before: at(3) })).toBe(1)
      expect(await jobs.prune({ before: at(3) })).toBe(0)
      expect(keys((await jobs.list({ limit: 9 })).items)).toEqual(['3', '4', '5'])
      expect((await jobs.enqueue([job('0')]))[0]?.repeated).toBe(false)
    },
  },
  {
    name: 'removes all of a session, what is worked on too, and nothing of another',
    async run({ open }) {
      const jobs = (await open()).jobs
      await jobs.enqueue([job('1', { sessionId: 's', lane: 'A' }), job('2', { sessionId: 't', lane: 'A' }), job('3')])
      const claim = first(await jobs.claim(asked(0, { limit: 1 })))
      await jobs.removeAll('s')
      expect(await jobs.settle(claim, { state: 'done', at: at(1) })).toBe(false)
      expect(keys((await jobs.list({ limit: 9 })).items)).toEqual(['2', '3'])
      expect(keys(await jobs.claim(asked(1)))).toEqual(['2', '3'])
    },
  },
])

export const jobCases = needing('jobs', [...enqueuing, ...recording, ...claiming, ...lanes, ...claims, ...looking])

/** The promises of `Store.jobs`, for a store that has it. */
export function jobStoreSuite<Backend>(subject: StoreUnderTest<Backend, 'jobs'>): void {
  registerCases('jobs', jobCases, subject)
}
