import type { Job, JobOutcome } from '@trunkline/core/store'
import { at } from '../../src/fixtures.js'
import { type BrokenStore, jobs, onceReopened, tick } from './broken-store.js'

const ALL = { limit: 1_000 }
const claimOf = ({ kind, key, attempts }: Job) => ({ kind, key, attempts })

export const BROKEN_JOBS: BrokenStore[] = [
  {
    name: 'forgets whose job it is',
    caughtBy: 'stores jobs with all they carry, and answers each',
    wrap: jobs(({ get }) => ({
      async get(ref) {
        const { sessionId: _, ...job } = (await get(ref)) ?? ({} as Job)
        return job
      },
    })),
  },
  {
    name: 'calls every job new',
    caughtBy: 'stores a key of a kind once, within one call too, and answers the first',
    wrap: jobs(({ enqueue }) => ({
      enqueue: async (given) => (await enqueue(given)).map((answer) => ({ ...answer, repeated: false })),
    })),
  },
  {
    name: 'looks for a key and stores the job a moment later',
    caughtBy: 'stores a key once of many who enqueue it at once',
    wrap: jobs(({ enqueue, get }) => ({
      async enqueue(given) {
        const known = await Promise.all(given.map(get))
        await tick()
        return (await enqueue(given)).map((answer, n) => ({ ...answer, repeated: known[n] !== undefined }))
      },
    })),
  },
  {
    name: 'forgets the key of a job that has ended',
    caughtBy: 'knows a key again after its job has ended',
    wrap: jobs(({ enqueue }) => ({
      enqueue: async (given) =>
        (await enqueue(given)).map(({ job, repeated }) => ({ job, repeated: repeated && job.endedAt === undefined })),
    })),
  },
  {
    name: 'leaves for later what may be due by now',
    caughtBy: 'has what waits in lanes due earlier, and neither what waits in none nor what somebody works on',
    wrap: jobs(() => ({ hasten: async () => 2 })),
  },
  {
    name: 'notes what is done as something to do',
    caughtBy: 'notes jobs as done with all they carry, which nobody can take and no lane waits for',
    wrap: jobs(({ enqueue }) => ({ record: async (given) => void (await enqueue(given)) })),
  },
  {
    name: 'takes what was noted for the news',
    caughtBy: 'leaves a key alone that is there already',
    wrap: jobs(({ record, cancel, prune }) => ({
      async record(given, options) {
        for (const one of given) await cancel(one, { at: at(0) })
        await prune({ before: at(1) })
        await record(given, options)
      },
    })),
  },
  {
    name: 'keeps all that was ever done',
    caughtBy: 'keeps the last that are done of the kind, and all that are not',
    wrap: jobs(({ record }) => ({ record: (given, options) => record(given, { ...options, keep: 1_000 }) })),
  },
  {
    name: 'gives the newest first',
    caughtBy: 'gives what is due, longest due first, then in the order of enqueuing, of this kind alone',
    wrap: jobs(({ claim }) => ({ claim: async (options) => (await claim(options)).reverse() })),
  },
  {
    name: 'looks at every job for the next one, also at those behind others',
    caughtBy: 'tells when the next one can be claimed: the first of a lane, whatever waits behind it',
    wrap: jobs(({ list }) => ({
      async nextAt(kind) {
        const { items } = await list({ kind, limit: 1_000 })
        const open = items.filter(({ endedAt }) => endedAt === undefined)
        return open.map(({ leasedUntil, dueAt }) => leasedUntil ?? dueAt).sort()[0]
      },
    })),
  },
  {
    name: 'counts jobs that wait and none that are worked on',
    caughtBy: 'counts what has not ended by kind, of kinds that begin alike',
    wrap: jobs(({ countOpen, count }) => ({
      async countOpen(beginning) {
        const kinds = [...(await countOpen(beginning)).keys()]
        return new Map(
          await Promise.all(kinds.map(async (kind) => [kind, await count({ kind, state: 'waiting' })] as const)),
        )
      },
    })),
  },
  {
    name: 'looks at a hundred jobs for the next one',
    caughtBy: 'tells when the next one can be claimed of many that wait behind a few',
    wrap: jobs(({ nextAt, list }) => ({
      async nextAt(kind) {
        const { items } = await list({ kind, limit: 100 })
        const next = await nextAt(kind)
        return items.some(({ dueAt, leasedUntil }) => next === (leasedUntil ?? dueAt)) ? next : undefined
      },
    })),
  },
  {
    name: 'takes the limit for a hint',
    caughtBy: 'gives no more than asked for, and nothing twice',
    wrap: jobs(({ claim }) => ({ claim: (options) => claim({ ...options, limit: options.limit + 1 }) })),
  },
  {
    name: 'answers calls that come at the same time with the same jobs',
    caughtBy: 'gives each job to one of many who ask at once',
    wrap: jobs(({ claim }) => {
      let running: ReturnType<typeof claim> | undefined
      return {
        claim(options) {
          running ??= tick()
            .then(() => claim(options))
            .finally(() => {
              running = undefined
            })
          return running
        },
      }
    }),
  },
  {
    name: 'takes for its own what another instance has claimed',
    caughtBy: 'gives each job to one of two instances that ask at once',
    wrap: (store, { opening }) =>
      opening === 1
        ? store
        : jobs(({ claim, list }) => ({
            async claim(options) {
              await claim(options)
              return (await list({ kind: options.kind, state: 'claimed', ...ALL })).items
            },
          }))(store),
  },
  {
    name: 'forgets its claims when it is closed',
    caughtBy: 'keeps jobs, claims and attempts through close and open',
    wrap: onceReopened(jobs(() => ({ settle: async () => false }))),
  },
  {
    name: 'lets the jobs of a lane overtake each other',
    caughtBy: 'give one job at a time, in the order of enqueuing, whatever is due first',
    wrap: jobs(({ enqueue }) => ({ enqueue: (given) => enqueue(given.map(({ lane: _, ...job }) => job)) })),
  },
  {
    name: 'blocks a lane by a job that is dead',
    caughtBy: 'go on when their first job has ended, however it did',
    wrap: jobs(({ settle }) => ({
      settle: (claim, outcome) =>
        settle(claim, outcome.state === 'dead' ? { state: 'waiting', dueAt: at(9_999_999) } : outcome),
    })),
  },
  {
    name: 'puts a job that is tried again at the end of its lane',
    caughtBy: 'wait while their first job waits for its next attempt',
    wrap: jobs(({ enqueue, get, settle }) => ({
      async settle(claim, outcome) {
        const job = await get(claim)
        if (!job || outcome.state !== 'waiting') return settle(claim, outcome)
        await enqueue([{ ...job, key: `${job.key} again`, dueAt: outcome.dueAt }])
        return settle(claim, { state: 'done', at: outcome.dueAt })
      },
    })),
  },
  {
    name: 'takes lanes of all kinds for one',
    caughtBy: 'are of one kind: the same lane of another kind waits for nobody here',
    wrap: jobs(({ claim, list }) => ({
      async claim(options) {
        const busy = (await list({ state: 'claimed', ...ALL })).items
        return (await claim(options)).filter(({ lane }) => !busy.some((other) => other.lane === lane))
      },
    })),
  },
  {
    name: 'looks at the first hundred jobs only',
    caughtBy: 'that are blocked hide nothing that is due behind their backlog',
    wrap: jobs(({ claim, list }) => ({
      async claim(options) {
        const looked = (await list({ kind: options.kind, limit: 100 })).items
        return (await claim(options)).filter(({ key }) => looked.some((job) => job.key === key))
      },
    })),
  },
  {
    name: 'gives a job away before its lease is over',
    caughtBy: 'end with their lease, not a moment too early, and the lane with them',
    wrap: jobs(({ claim }) => ({ claim: (options) => claim({ ...options, leaseMs: options.leaseMs - 10 }) })),
  },
  {
    name: 'says that every claim could be renewed',
    caughtBy: 'are extended while they are ours, and those that are not are named',
    wrap: jobs(({ renew }) => ({
      async renew(claims, options) {
        await renew(claims, options)
        return []
      },
    })),
  },
  {
    name: 'lets a former claimer settle',
    caughtBy: 'that were lost settle nothing',
    wrap: jobs(({ get, settle }) => ({
      settle: async (claim, outcome) =>
        settle({ ...claim, attempts: (await get(claim))?.attempts ?? claim.attempts }, outcome),
    })),
  },
  {
    name: 'keeps the first payload',
    caughtBy: 'may leave another payload behind, for the next attempt and at the end',
    wrap: jobs(({ settle }) => ({
      settle: (claim, { payload: _, ...outcome }) => settle(claim, outcome as JobOutcome),
    })),
  },
  {
    name: 'refuses whoever settles after the lease',
    caughtBy: 'settle their job also when their lease is over, as long as nobody has taken it',
    wrap: jobs(({ get, settle }) => ({
      async settle(claim, outcome) {
        const until = (await get(claim))?.leasedUntil ?? ''
        return outcome.state === 'waiting' && outcome.dueAt > until ? false : settle(claim, outcome)
      },
    })),
  },
  {
    name: 'cancels what somebody works on',
    caughtBy: 'protect from being canceled',
    wrap: jobs(({ cancel, get, settle }) => ({
      async cancel(ref, options) {
        const job = await get(ref)
        return job?.state === 'claimed'
          ? settle(claimOf(job), { state: 'canceled', at: options.at })
          : cancel(ref, options)
      },
    })),
  },
  {
    name: 'lists what is due first first',
    caughtBy: 'lists by kind, lane, session and state in the order of enqueuing, page by page, and counts the same',
    wrap: jobs(({ list }) => ({
      async list(query) {
        const { items, ...rest } = await list(query)
        return { items: items.sort((left, right) => (left.dueAt < right.dueAt ? -1 : 1)), ...rest }
      },
    })),
  },
  {
    name: 'prunes all at once',
    caughtBy: 'removes what ended long ago, so that its key is free, and nothing else',
    wrap: jobs(({ prune }) => ({ prune: ({ before }) => prune({ before }) })),
  },
  {
    name: 'leaves the jobs of a session that is gone',
    caughtBy: 'removes all of a session, what is worked on too, and nothing of another',
    wrap: jobs(() => ({ removeAll: async () => {} })),
  },
]
