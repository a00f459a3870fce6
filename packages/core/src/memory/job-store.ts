import type { EnqueuedJob, Job, JobFilter, JobRef, JobStore, NewJob } from '../ports/job-store.js'
import { decodeCursor } from '../records/cursor.js'
import { pageOf } from '../records/page.js'
import { copyOf } from '../util/copy.js'

/** A job and when it was enqueued, as a number that only grows. */
interface Kept {
  job: Job
  number: number
}

export function createJobStore(): JobStore {
  const jobs = new Map<string, Kept>()
  let last = 0

  return {
    async enqueue(given) {
      return given.map(enqueueOne)
    },

    async record(given, { kind, at, keep }) {
      if (given.length === 0) return
      for (const one of given) {
        if (jobs.has(nameOf(one))) continue
        last += 1
        jobs.set(nameOf(one), { job: { ...copyOf(one), state: 'done', attempts: 0, endedAt: at }, number: last })
      }
      const done = ordered({ kind, state: 'done' })
      for (const { job } of done.slice(0, Math.max(0, done.length - keep))) jobs.delete(nameOf(job))
    },

    async claim({ kind, owner, limit, leaseMs, now }) {
      const due = firstsOfLanes(kind)
        .filter(({ job }) => availableAt(job) <= now)
        .sort((left, right) => compare(availableAt(left.job), availableAt(right.job)) || left.number - right.number)
      return due.slice(0, limit).map((kept) => {
        const attempts = kept.job.attempts + 1
        kept.job = { ...kept.job, state: 'claimed', attempts, owner, leasedUntil: after(now, leaseMs) }
        return copyOf(kept.job)
      })
    },

    async nextAt(kind) {
      const [first] = firstsOfLanes(kind)
        .map(({ job }) => availableAt(job))
        .sort(compare)
      return first
    },

    async hasten({ kind, dueAt }) {
      const late = ordered({ kind, state: 'waiting' }).filter(({ job }) => job.lane !== undefined && job.dueAt > dueAt)
      for (const kept of late) kept.job = { ...kept.job, dueAt }
      return late.length
    },

    async renew(claims, { leaseMs, now }) {
      return claims.filter((claim) => {
        const kept = claimed(claim)
        if (kept) kept.job = { ...kept.job, leasedUntil: after(now, leaseMs) }
        return !kept
      })
    },

    async settle(claim, outcome) {
      const kept = claimed(claim)
      if (!kept) return false
      const { owner: _, leasedUntil: _until, ...job } = kept.job
      const { lastError } = { ...job, ...outcome }
      const told = {
        ...(lastError === undefined ? {} : { lastError }),
        ...(outcome.payload === undefined ? {} : { payload: copyOf(outcome.payload) }),
      }
      kept.job =
        outcome.state === 'waiting'
          ? { ...job, ...told, state: 'waiting', dueAt: outcome.dueAt }
          : { ...job, ...told, state: outcome.state, endedAt: outcome.at }
      return true
    },

    async cancel(ref, { at }) {
      const kept = jobs.get(nameOf(ref))
      if (kept?.job.state !== 'waiting') return false
      kept.job = { ...kept.job, state: 'canceled', endedAt: at }
      return true
    },

    async get(ref) {
      return copyOf(jobs.get(nameOf(ref))?.job)
    },

    async list({ limit, cursor, ...filter }) {
      const after = cursor === undefined ? 0 : Number(decodeCursor(cursor, 1)[0])
      const found = ordered(filter).filter(({ number }) => number > after)
      const { items, ...rest } = pageOf(found, limit, ({ number }) => [`${number}`])
      return { items: copyOf(items.map(({ job }) => job)), ...rest }
    },

    async count(filter) {
      return ordered(filter).length
    },

    async countOpen(beginning) {
      const counts = new Map<string, number>()
      for (const { job } of ordered({}))
        if (isOpen(job) && job.kind.startsWith(beginning)) counts.set(job.kind, (counts.get(job.kind) ?? 0) + 1)
      return counts
    },

    async prune({ before, limit = Number.POSITIVE_INFINITY }) {
      const old = ordered({}).filter(({ job }) => job.endedAt !== undefined && job.endedAt < before)
      for (const { job } of old.slice(0, limit)) jobs.delete(nameOf(job))
      return Math.min(old.length, limit)
    },

    async removeAll(sessionId) {
      for (const { job } of ordered({ sessionId })) jobs.delete(nameOf(job))
    },
  }

  function enqueueOne(given: NewJob): EnqueuedJob {
    const known = jobs.get(nameOf(given))
    if (known) return { job: copyOf(known.job), repeated: true }
    last += 1
    const job: Job = { ...copyOf(given), state: 'waiting', attempts: 0 }
    jobs.set(nameOf(job), { job, number: last })
    return { job: copyOf(job), repeated: false }
  }

  /** Those of a kind that have not ended, and for which no other of their lane is in the way. */
  function firstsOfLanes(kind: string): Kept[] {
    const lanes = new Set<string>()
    const isFirst = ({ job: { lane } }: Kept) => lane === undefined || (!lanes.has(lane) && lanes.add(lane))
    return ordered({ kind })
      .filter(({ job }) => isOpen(job))
      .filter(isFirst)
  }

  function claimed({ attempts, ...ref }: JobRef & { attempts: number }): Kept | undefined {
    const kept = jobs.get(nameOf(ref))
    return kept?.job.state === 'claimed' && kept.job.attempts === attempts ? kept : undefined
  }

  function ordered({ kind, lane, sessionId, state }: JobFilter): Kept[] {
    return [...jobs.values()].filter(
      ({ job }) =>
        (kind ?? job.kind) === job.kind &&
        (lane ?? job.lane) === job.lane &&
        (sessionId ?? job.sessionId) === job.sessionId &&
        (state ?? job.state) === job.state,
    )
  }
}

function isOpen({ state }: Job): boolean {
  return state === 'waiting' || state === 'claimed'
}

/** When somebody may take a job that has not ended. */
function availableAt({ leasedUntil, dueAt }: Job): string {
  return leasedUntil ?? dueAt
}

function after(now: string, ms: number): string {
  return new Date(Date.parse(now) + ms).toISOString()
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function nameOf({ kind, key }: JobRef): string {
  return JSON.stringify([kind, key])
}
