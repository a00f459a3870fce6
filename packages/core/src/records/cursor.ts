import { TrunklineError } from '../errors/trunkline-error.js'
import type { StoredMessage } from '../types/message.js'

/** Where an item stands in an ordered list: its sort key, most significant part first. Compared part by part as text. */
export type Position = readonly string[]

/** A position as the opaque text that callers hand back. */
export function encodeCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/**
 * The position behind a cursor of `parts` parts.
 *
 * @throws VALIDATION_FAILED when it is not one of ours; `field` is named in the error
 */
export function decodeCursor(cursor: string, parts: number, field = 'cursor'): string[] {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    const isPosition = Array.isArray(position) && position.length === parts
    if (isPosition && position.every((part): part is string => typeof part === 'string')) return position
  } catch {
    // Not JSON: answered below like every other text that is not a cursor.
  }
  throw new TrunklineError('VALIDATION_FAILED', { details: { errors: [{ field, message: 'is not a cursor' }] } })
}

/** Below zero when `left` comes first, above when `right` does. */
export function comparePositions(left: Position, right: Position): number {
  for (let part = 0; part < left.length; part++) {
    const [a = '', b = ''] = [left[part], right[part]]
    if (a !== b) return a < b ? -1 : 1
  }
  return 0
}

/** How many parts `messagePosition` has. */
export const MESSAGE_POSITION_PARTS = 5

/** Messages are ordered by time, then by their `arrival`; id, chat and sender only tell apart two with the same of both. */
export function messagePosition(
  message: Pick<StoredMessage, 'timestamp' | 'arrival' | 'id' | 'chatId' | 'senderId'>,
): Position {
  return [message.timestamp, arrivalText(message.arrival), message.id, message.chatId, message.senderId]
}

/** Added to an arrival, so that it has no sign. */
const ARRIVAL_ZERO = 2 ** 52

/** An `arrival` as text that sorts like the number. */
export function arrivalText(arrival = 0): string {
  return String(ARRIVAL_ZERO + arrival).padStart(16, '0')
}

/** The `arrival` behind its text. */
export function arrivalOf(text: string): number {
  return Number(text) - ARRIVAL_ZERO
}

/** A `before` or `after` of a message query as a position: a cursor, or a time (ISO 8601), whose own messages are left out. */
export function messageBoundary(value: string, side: 'before' | 'after'): Position {
  if (!/^\d{4}-\d\d-\d\d/.test(value)) return decodeCursor(value, MESSAGE_POSITION_PARTS, side)
  const time = new Date(value)
  if (Number.isNaN(time.getTime())) {
    throw new TrunklineError('VALIDATION_FAILED', { details: { errors: [{ field: side, message: 'is not a time' }] } })
  }
  return [time.toISOString(), side === 'before' ? '' : '\uffff', '', '', '']
}
