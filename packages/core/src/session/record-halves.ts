import { isDeepStrictEqual } from 'node:util'
import type { ReportChanges, SessionChanges, SessionRecord, SpecChanges } from '../ports/session-store.js'

const SPEC_FIELDS = [
  'label',
  'metadata',
  'settings',
  'desired',
  'queuePaused',
  'deletedAt',
  'request',
] as const satisfies (keyof SpecChanges)[]

const isOfSpec = (field: string): boolean => (SPEC_FIELDS as readonly string[]).includes(field)

/** What anybody may want of a session, and what its owner alone knows. */
export function halvesOf(changes: SessionChanges): { spec: SpecChanges; report: ReportChanges } {
  const entries = Object.entries(changes)
  return {
    spec: Object.fromEntries(entries.filter(([field]) => isOfSpec(field))),
    report: Object.fromEntries(entries.filter(([field]) => !isOfSpec(field))),
  }
}

/** The record with what is wanted of the session as it is stored. */
export function withSpecOf(record: SessionRecord, stored: SessionRecord): SessionRecord {
  const report = Object.entries(record).filter(([field]) => !isOfSpec(field))
  const spec = Object.entries(stored).filter(([field]) => isOfSpec(field))
  return { ...(Object.fromEntries([...report, ...spec]) as unknown as SessionRecord), revision: stored.revision }
}

/** The record with changes applied; `null` removes a field, `undefined` leaves it, as in the store. */
export function applyChanges(record: SessionRecord, changes: SessionChanges): SessionRecord {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const entries = Object.entries({ ...record, ...given }).filter(([, value]) => value !== null)
  return Object.fromEntries(entries) as unknown as SessionRecord
}

/** Whether a record is the same with these changes applied. */
export function isUnchangedBy(record: SessionRecord, changes: SessionChanges): boolean {
  return Object.entries(changes).every(
    ([field, value]) => value === undefined || isDeepStrictEqual(record[field as keyof SessionRecord] ?? null, value),
  )
}

export function isEmpty(changes: object): boolean {
  return Object.keys(changes).length === 0
}
