import {
  decodeCursor,
  type Job,
  type JobClaim,
  type JobFilter,
  type JobRef,
  type JobState,
  type JobStore,
  pageOf,
} from '@trunkline/core/store'
import { ROWS_AT_ONCE } from './batches.js'
import type { Connection } from './connection.js'
import type { Parameter, Row } from './engine.js'

interface JobRow extends Row {
  number: number
  kind: string
  key: string
  lane: string | null
  session_id: string | null
  state: JobState
  attempts: number
  ended_at: string | null
  record: string
}

const COLUMNS = 'number, kind, key, lane, session_id, state, attempts, ended_at, record'

/** All of a kind that is done but for the last so many. */
const DONE_BEFORE_THE_LAST = `
  DELETE FROM jobs WHERE kind = ? AND state = 'done' AND number <= (
    SELECT number FROM jobs WHERE kind = ? AND state = 'done' ORDER BY number DESC LIMIT 1 OFFSET ?
  )`

const FIRST_OF_LANE = `(lane IS NULL OR NOT EXISTS (
    SELECT 1 FROM jobs AS earlier
    WHERE earlier.kind = jobs.kind AND earlier.lane = jobs.lane AND earlier.available_at IS NOT NULL
      AND earlier.number < jobs.number
  ))`

/** What is due of a kind and the first of its lane, longest due first. */
const DUE_JOBS = `
  SELECT ${COLUMNS} FROM jobs
  WHERE kind = ? AND available_at <= ? AND ${FIRST_OF_LANE}
  ORDER BY available_at, number LIMIT ?`

const NEXT_AT = `
  SELECT available_at AS next FROM jobs
  WHERE kind = ? AND available_at IS NOT NULL AND ${FIRST_OF_LANE}
  ORDER BY available_at LIMIT 1`

const HASTEN = `
  UPDATE jobs SET available_at = ?, record = json_set(record, '$.dueAt', ?)
  WHERE kind = ? AND available_at > ? AND state = 'waiting' AND lane IS NOT NULL`

/** Walks the part of the index of open jobs that has these kinds. */
function countOpenStatement(beginning: string): { sql: string; parameters: Parameter[] } {
  const last = String.fromCodePoint(0x10ffff)
  return {
    sql: `SELECT kind, count(*) AS count FROM jobs INDEXED BY jobs_available
      WHERE available_at IS NOT NULL AND kind >= ? AND kind < ? GROUP BY kind`,
    parameters: [beginning, beginning + last],
  }
}

export function createJobStore(connection: Connection): JobStore {
  return {
    async enqueue(jobs) {
      const { engine } = connection
      const enqueueAll = () =>
        jobs.map((given) => {
          const { kind, key, lane, sessionId, ...record } = given
          const inserted = engine.run(
            `INSERT INTO jobs (kind, key, lane, session_id, state, attempts, available_at, record)
             VALUES (?, ?, ?, ?, 'waiting', 0, ?, ?) ON CONFLICT DO NOTHING`,
            kind,
            key,
            lane ?? null,
            sessionId ?? null,
            record.dueAt,
            JSON.stringify(record),
          )
          return { job: read(given) ?? { ...given, state: 'waiting' as const, attempts: 0 }, repeated: inserted === 0 }
        })
      return jobs.length === 0 ? [] : connection.write(enqueueAll, { rows: jobs.length })
    },

    async record(jobs, { kind: recorded, at, keep }) {
      const { engine } = connection
      const recordAll = () => {
        for (const { kind, key, lane, sessionId, ...record } of jobs)
          engine.run(
            `INSERT INTO jobs (kind, key, lane, session_id, state, attempts, ended_at, record)
             VALUES (?, ?, ?, ?, 'done', 0, ?, ?) ON CONFLICT DO NOTHING`,
            kind,
            key,
            lane ?? null,
            sessionId ?? null,
            at,
            JSON.stringify(record),
          )
        engine.run(DONE_BEFORE_THE_LAST, recorded, recorded, keep)
      }
      if (jobs.length > 0) await connection.write(recordAll, { rows: jobs.length })
    },

    async claim({ kind, owner, limit, leaseMs, now }) {
      const { engine } = connection
      const due = () => engine.all<JobRow>(DUE_JOBS, kind, now, limit)
      // Looking costs nothing; only what is found is worth a transaction.
      if (due().length === 0) return []
      const leasedUntil = new Date(Date.parse(now) + leaseMs).toISOString()
      return connection.write(() =>
        due().map((row) => {
          const job: Job = { ...jobOf(row), state: 'claimed', attempts: row.attempts + 1, owner, leasedUntil }
          write(row.number, job, leasedUntil)
          return job
        }),
      )
    },

    async nextAt(kind) {
      return connection.engine.get<{ next: string }>(NEXT_AT, kind)?.next
    },

    async hasten({ kind, dueAt }) {
      return connection.write(() => connection.engine.run(HASTEN, dueAt, dueAt, kind, dueAt))
    },

    async renew(claims, { leaseMs, now }) {
      if (claims.length === 0) return []
      const leasedUntil = new Date(Date.parse(now) + leaseMs).toISOString()
      return connection.write(() =>
        claims.filter((claim) => {
          const row = claimed(claim)
          if (row) write(row.number, { ...jobOf(row), leasedUntil }, leasedUntil)
          return !row
        }),
      )
    },

    async settle(claim, outcome) {
      return connection.write(() => {
        const row = claimed(claim)
        if (!row) return false
        const { owner: _, leasedUntil: _until, ...job } = jobOf(row)
        const { lastError = job.lastError } = 'lastError' in outcome ? outcome : {}
        const told = {
          ...(lastError === undefined ? {} : { lastError }),
          ...(outcome.payload === undefined ? {} : { payload: outcome.payload }),
        }
        if (outcome.state === 'waiting') {
          const { dueAt } = outcome
          write(row.number, { ...job, ...told, state: 'waiting', dueAt }, dueAt)
        } else write(row.number, { ...job, ...told, state: outcome.state, endedAt: outcome.at }, null)
        return true
      })
    },

    async cancel(ref, { at }) {
      return connection.write(() => {
        const row = find(ref)
        if (row?.state !== 'waiting') return false
        write(row.number, { ...jobOf(row), state: 'canceled', endedAt: at }, null)
        return true
      })
    },

    async get(ref) {
      return read(ref)
    },

    async list({ limit, cursor, ...filter }) {
      const { sql, parameters } = conditionOf(filter)
      const after = cursor === undefined ? 0 : Number(decodeCursor(cursor, 1)[0])
      const rows = connection.engine.all<JobRow>(
        `SELECT ${COLUMNS} FROM jobs WHERE number > ? ${sql} ORDER BY number LIMIT ?`,
        after,
        ...parameters,
        limit + 1,
      )
      const { items, ...rest } = pageOf(rows, limit, ({ number }) => [`${number}`])
      return { items: items.map(jobOf), ...rest }
    },

    async count(filter) {
      const { sql, parameters } = conditionOf(filter)
      const found = connection.engine.get<{ count: number }>(
        `SELECT count(*) AS count FROM jobs WHERE number > 0 ${sql}`,
        ...parameters,
      )
      return found?.count ?? 0
    },

    async countOpen(beginning) {
      const { sql, parameters } = countOpenStatement(beginning)
      const rows = connection.engine.all<{ kind: string; count: number }>(sql, ...parameters)
      return new Map(rows.map(({ kind, count }) => [kind, count]))
    },

    async prune({ before, limit = Number.POSITIVE_INFINITY }) {
      let pruned = 0
      while (pruned < limit) {
        const rows = Math.min(limit - pruned, ROWS_AT_ONCE)
        const removed = await connection.write(
          () =>
            connection.engine.run(
              'DELETE FROM jobs WHERE number IN (SELECT number FROM jobs WHERE ended_at < ? ORDER BY ended_at LIMIT ?)',
              before,
              rows,
            ),
          { rows },
        )
        pruned += removed
        if (removed < rows) break
      }
      return pruned
    },

    async removeAll(sessionId) {
      await connection.write(() => connection.engine.run('DELETE FROM jobs WHERE session_id = ?', sessionId))
    },
  }

  function find({ kind, key }: JobRef): JobRow | undefined {
    return connection.engine.get<JobRow>(`SELECT ${COLUMNS} FROM jobs WHERE kind = ? AND key = ?`, kind, key)
  }

  function read(ref: JobRef): Job | undefined {
    const row = find(ref)
    return row && jobOf(row)
  }

  function claimed(claim: JobClaim): JobRow | undefined {
    const row = find(claim)
    return row?.state === 'claimed' && row.attempts === claim.attempts ? row : undefined
  }

  /** `availableAt`: when somebody may take it, nothing once it has ended. */
  function write(number: number, job: Job, availableAt: string | null): void {
    const { kind: _kind, key: _key, lane: _lane, sessionId: _session, state, attempts, endedAt, ...record } = job
    connection.engine.run(
      'UPDATE jobs SET state = ?, attempts = ?, available_at = ?, ended_at = ?, record = ? WHERE number = ?',
      state,
      attempts,
      availableAt,
      endedAt ?? null,
      JSON.stringify(record),
      number,
    )
  }
}

function jobOf({ kind, key, lane, session_id: sessionId, state, attempts, ended_at: endedAt, record }: JobRow): Job {
  return {
    kind,
    key,
    ...(lane === null ? {} : { lane }),
    ...(sessionId === null ? {} : { sessionId }),
    ...JSON.parse(record),
    state,
    attempts,
    ...(endedAt === null ? {} : { endedAt }),
  }
}

function conditionOf({ kind, lane, sessionId, state }: JobFilter): { sql: string; parameters: Parameter[] } {
  const given = Object.entries({ kind, lane, session_id: sessionId, state })
  const conditions = given.flatMap(([column, value]) => (value === undefined ? [] : [{ column, value }]))
  // Found by an index that has only those which have not ended.
  const open = state === 'waiting' || state === 'claimed' ? ['AND available_at IS NOT NULL'] : []
  return {
    sql: [...open, ...conditions.map(({ column }) => `AND ${column} = ?`)].join(' '),
    parameters: conditions.map(({ value }) => value),
  }
}
