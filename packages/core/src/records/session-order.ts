import { TrunklineError } from '../errors/trunkline-error.js'
import type { Page } from '../types/page.js'
import type { SessionSort, SessionSortField } from '../types/session.js'
import { decodeCursor, type Position } from './cursor.js'
import { pageOf } from './page.js'
import { searchForm } from './search.js'

/** What of a session it is sorted by. */
export interface SortedSession {
  id: string
  createdAt: string
  label?: string
  status: string
  lastActivityAt?: string
}

/** In which order sessions are listed, and behind which of them. */
export interface SessionOrder {
  field: SessionSortField
  descending: boolean
  /** Where the session stood that the cursor is of: the value that it was sorted by, and its id. */
  after?: { value: string; id: string }
}

/**
 * The order that a query asks for, from its cursor on.
 *
 * @throws VALIDATION_FAILED for a cursor that is none, or of a list in another order
 */
export function sessionOrder({ sort = 'id', cursor }: { sort?: SessionSort; cursor?: string }): SessionOrder {
  const field = sort.replace('-', '') as SessionSortField
  const order = { field, descending: sort.startsWith('-') }
  if (cursor === undefined) return order
  if (sort === 'id') return { ...order, after: { value: '', id: decodeCursor(cursor, 1)[0] ?? '' } }
  const [of, value = '', id = ''] = decodeCursor(cursor, 3)
  if (of !== sort) {
    const message = 'is of a list in another order'
    throw new TrunklineError('VALIDATION_FAILED', { details: { errors: [{ field: 'cursor', message }] } })
  }
  return { ...order, after: { value, id } }
}

/** The page of what was found in an order: one more was asked for, to see whether there is more. */
export function sessionPage<Found extends SortedSession>(
  found: readonly Found[],
  { limit, sort = 'id' }: { limit: number; sort?: SessionSort },
): Page<Found> {
  const field = sort.replace('-', '') as SessionSortField
  const positionOf = (record: SortedSession): Position =>
    sort === 'id' ? [record.id] : [sort, sessionSortValue(record, field), record.id]
  return pageOf(found, limit, positionOf)
}

/** What a session is sorted by, before its id; nothing comes first. */
export function sessionSortValue(record: SortedSession, field: SessionSortField): string {
  if (field === 'id') return ''
  return field === 'label' ? labelKey(record.label) : (record[field] ?? '')
}

/** Cursors have an end, and some characters are searched for as many. */
const MAX_LABEL_KEY = 100

/** What a label is sorted by: the form of searches, so that the case of its letters makes no difference. */
export function labelKey(label: string | null | undefined): string {
  return [...searchForm(label ?? '')].slice(0, MAX_LABEL_KEY).join('')
}
