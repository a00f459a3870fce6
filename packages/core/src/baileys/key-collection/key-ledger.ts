/** Since when a record looks as if it were of no more use, in milliseconds since 1970, and in how many runs it did. */
export interface Absence {
  since: number
  runs: number
  /** What the record was like: one that changes is in use, and its time begins anew. */
  mark?: string
}

/** What the collector has to remember from run to run: type → id → absence. One record of the account's own keys. */
export interface KeyLedger {
  /** The last run, in milliseconds since 1970. */
  at: number
  absent: Record<string, Record<string, Absence>>
}

export const EMPTY_LEDGER: KeyLedger = { at: 0, absent: {} }

/** Both must be reached: a clock that jumps a year ahead makes a record old, but not seen often. */
export interface Patience {
  waitMs: number
  minRuns: number
}

/** Runs closer together than this count as one. */
const RUN_MS = 20 * 60 * 60_000

export interface Judgement {
  absences: Record<string, Absence>
  /** The ids whose time has come. */
  expired: string[]
}

/**
 * Judges the records of one type that look as if they were of no more use now. One that was not among them last time, or that
 * changed, begins its wait; one that is not among them any more is forgotten.
 *
 * @param absent id → mark of the record, `undefined` where records never change
 */
export function judgeAbsent(
  absent: ReadonlyMap<string, string | undefined>,
  { ledger, type, now, patience }: { ledger: KeyLedger; type: string; now: number; patience: Patience },
): Judgement {
  const before = ledger.absent[type] ?? {}
  const counts = now - ledger.at >= RUN_MS ? 1 : 0
  const absences: Record<string, Absence> = {}
  const expired: string[] = []
  for (const [id, mark] of absent) {
    const known = before[id]
    // A time in the future is one of a clock that was wrong.
    const goesOn = known !== undefined && known.mark === mark && known.since <= now
    const absence: Absence = goesOn
      ? { ...known, runs: known.runs + counts }
      : { since: now, runs: 1, ...(mark === undefined ? {} : { mark }) }
    absences[id] = absence
    if (now - absence.since >= patience.waitMs && absence.runs >= patience.minRuns) expired.push(id)
  }
  return { absences, expired }
}
