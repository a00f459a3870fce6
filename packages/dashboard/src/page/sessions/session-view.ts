import { nameOf, TONE_ORDER, TONES } from '../../react/status.js'
import type { Session, SessionStatus } from '../../react/types.js'

export const FILTERS = ['all', 'connected', 'linking', 'problems', 'stopped'] as const
export type Filter = (typeof FILTERS)[number]

export const SORTS = ['attention', 'name', 'activity', 'created'] as const
export type Sort = (typeof SORTS)[number]

const STATUSES_OF: Readonly<Record<Exclude<Filter, 'all'>, readonly SessionStatus[]>> = {
  connected: ['connected'],
  linking: ['connecting', 'awaiting_scan', 'awaiting_code', 'passkey_required'],
  problems: ['reconnecting', 'logged_out', 'banned', 'failed'],
  stopped: ['stopped'],
}

export interface View {
  search: string
  filter: Filter
  sort: Sort
}

/** What is shown of all sessions, and in which order. Pure. */
export function viewOf(sessions: readonly Session[], { search, filter, sort }: View): Session[] {
  return sessions.filter((session) => fits(session, filter) && matches(session, search)).sort(COMPARE[sort])
}

/** How many sessions each filter would show. */
export function countsOf(sessions: readonly Session[]): Record<Filter, number> {
  const counts = { all: sessions.length, connected: 0, linking: 0, problems: 0, stopped: 0 }
  for (const session of sessions)
    for (const filter of FILTERS) if (filter !== 'all' && fits(session, filter)) counts[filter] += 1
  return counts
}

export function fits({ status }: Session, filter: Filter): boolean {
  return filter === 'all' || STATUSES_OF[filter].includes(status)
}

function matches({ id, label, account }: Session, search: string): boolean {
  const wanted = search.trim().toLowerCase()
  if (wanted === '') return true
  const digits = wanted.replace(/\D/g, '')
  const texts = [id, label, account?.pushName].map((text) => text?.toLowerCase())
  return (
    texts.some((text) => text?.includes(wanted)) || (digits.length >= 3 && account?.phone.includes(digits) === true)
  )
}

// Made once: a comparison that is given its options makes them anew, and hundreds of sessions are sorted with every frame.
const names = new Intl.Collator(undefined, { numeric: true })
const byName = (one: Session, other: Session) => names.compare(nameOf(one), nameOf(other))
/** Times of ISO 8601, newest first. */
const newest = (one = '', other = '') => (one === other ? 0 : one < other ? 1 : -1)

const COMPARE: Readonly<Record<Sort, (one: Session, other: Session) => number>> = {
  name: byName,
  attention: (one, other) => urgency(one) - urgency(other) || byName(one, other),
  activity: (one, other) => newest(one.lastActivityAt, other.lastActivityAt) || byName(one, other),
  created: (one, other) => newest(one.createdAt, other.createdAt) || byName(one, other),
}

function urgency({ status }: Session): number {
  return TONE_ORDER.indexOf(TONES[status])
}
