import type { Page } from '../types/page.js'

/**
 * Work that has to be done later, or again until it is done, and that outlives the process: messages that wait to be sent,
 * deliveries of webhooks, downloads. Who enqueues and who works may be different nodes. Times are ISO 8601 and those of the
 * caller: leases must be longer than the clocks of nodes differ.
 */
export interface JobStore {
  /**
   * Stores jobs, in few round trips however many they are. A job whose key is that of a job of the same kind which is still
   * kept, ended or not, is not stored again: the answer is the first one, with `repeated` set. Idempotent, within one call too.
   *
   * @returns what is stored for each of the given jobs, in their order
   */
  enqueue(jobs: readonly NewJob[]): Promise<EnqueuedJob[]>

  /**
   * Notes jobs of a kind that were done before anybody had to wait, as `done` at `at`, for who asks later; in few round trips however
   * many they are. A key that is there already stays as it is. Of the jobs of the kind that are `done`, however they came to be,
   * the `keep` that were stored last stay, and the others are removed.
   */
  record(jobs: readonly NewJob[], options: { kind: string; at: string; keep: number }): Promise<void>

  /**
   * Takes jobs of a kind that are due at `now`, those first that have been due longest, then in the order in which they were
   * enqueued. A job that was taken is its owner's until `now + leaseMs`, and due again then, for anybody; each time it is taken,
   * its attempts grow by one. Of callers who ask at once, on whatever node, only one gets a job.
   *
   * Of the jobs of a lane only the first that has not ended can be taken, so that one at a time is worked on and none overtakes
   * another, also while the first waits for its next attempt or for its lease to expire. A job without a lane waits for nobody.
   */
  claim(options: { kind: string; owner: string; limit: number; leaseMs: number; now: string }): Promise<Job[]>

  /** When `claim` finds the next job of a kind, in the past too; `undefined` when none of it is open. */
  nextAt(kind: string): Promise<string | undefined>

  /**
   * What of a kind waits in a lane for a time after `dueAt` is due at `dueAt` from now on: what it waits for may be over. Answers how
   * many that were. Jobs without a lane keep their time, and so do those that somebody works on.
   */
  hasten(options: { kind: string; dueAt: string }): Promise<number>

  /**
   * Extends the claims that are still ours until `now + leaseMs`; answers those that were lost. A claim that expired and whose
   * job nobody has taken is still ours.
   */
  renew(claims: readonly JobClaim[], options: { leaseMs: number; now: string }): Promise<JobClaim[]>

  /**
   * Says what came of a claim: the job has ended (`done`, `dead`, `canceled`) and frees its lane, or it waits for its next
   * attempt (`waiting`, due at `dueAt`) and keeps its place in it.
   *
   * @returns `false`, and nothing written, when the claim was lost: somebody else has taken the job since, or it has ended
   */
  settle(claim: JobClaim, outcome: JobOutcome): Promise<boolean>

  /** Ends a job that waits, as `canceled` at `at`; `false`, and nothing written, when it is claimed, has ended or is not there. */
  cancel(job: JobRef, options: { at: string }): Promise<boolean>

  get(job: JobRef): Promise<Job | undefined>

  /** In the order in which they were enqueued, oldest first. */
  list(query: JobFilter & { limit: number; cursor?: string }): Promise<Page<Job>>

  count(filter: JobFilter): Promise<number>

  /**
   * How many jobs have not ended, by kind, of the kinds that begin like this; kinds without any are left out. Costs what those jobs
   * cost, whatever else is kept.
   */
  countOpen(beginning: string): Promise<Map<string, number>>

  /**
   * Removes jobs that ended before `before`, no more than `limit` in one call, all of them unless given; answers how many. Their
   * keys are free then.
   */
  prune(options: { before: string; limit?: number }): Promise<number>

  /** Removes every job of the session, those that are worked on too: their claims are lost. */
  removeAll(sessionId: string): Promise<void>
}

/** Every state of a job. */
export const JOB_STATES = ['waiting', 'claimed', 'done', 'dead', 'canceled'] as const
/** One of `JOB_STATES`. */
export type JobState = (typeof JOB_STATES)[number]

/** Names a job. */
export interface JobRef {
  /** What is to be done, such as `outbox`. Who claims asks for a kind. */
  kind: string
  /** The caller's own name of the job, unique in its kind. */
  key: string
}

/** A job that was taken, and which of its attempts this is. */
export interface JobClaim extends JobRef {
  attempts: number
}

/** A job to keep until it is settled. */
export interface NewJob extends JobRef {
  /** Jobs of one kind with the same lane are done one after the other, in the order in which they were enqueued. */
  lane?: string
  /** Whose job it is: it goes with the session. */
  sessionId?: string
  /** Anything that JSON can hold. */
  payload: unknown
  /** When it may be done. */
  dueAt: string
  enqueuedAt: string
}

/** A job as it is kept. Times are ISO 8601. */
export interface Job extends NewJob {
  state: JobState
  /** How often it was taken. */
  attempts: number
  /** Who works on it, and until when. There while it is `claimed`. */
  owner?: string
  leasedUntil?: string
  /** Why the last attempt failed, for people. */
  lastError?: string
  /** There once it has ended. */
  endedAt?: string
}

/** What enqueuing came to; the earlier job when its key was there. */
export interface EnqueuedJob {
  job: Job
  /** It was there already. */
  repeated: boolean
}

/** How a claimed job ends, or when it is tried again. `payload`, where it is given, takes the place of the job's. */
export type JobOutcome = (
  | { state: 'done' | 'canceled'; at: string }
  | { state: 'dead'; at: string; lastError?: string }
  | { state: 'waiting'; dueAt: string; lastError?: string }
) & { payload?: unknown }

/** Which jobs; everything that is given has to fit. */
export interface JobFilter {
  kind?: string
  lane?: string
  sessionId?: string
  state?: JobState
}
