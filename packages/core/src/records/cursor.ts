import { TrunklineError } from '../errors/trunkline-error.js'
import type { Message } from '../types/message.js'

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
export const MESSAGE_POSITION_PARTS = 4

/** Messages are ordered by time, then id; chat and sender only tell apart two messages with the same of both. */
export function messagePosition(message: Pick<Message, 'timestamp' | 'id' | 'chatId' | 'senderId'>): Position {
  return [message.timestamp, message.id, message.chatId, message.senderId]
}

/** A `before` or `after` of a message query as a position: a cursor, or a time (ISO 8601), whose own messages are left out. */
export function messageBoundary(value: string, side: 'before' | 'after'): Position {
  if (!/^\d{4}-\d\d-\d\d/.test(value)) return decodeCursor(value, MESSAGE_POSITION_PARTS, side)
  const time = new Date(value)
  if (Number.isNaN(time.getTime())) {
    throw new TrunklineError('VALIDATION_FAILED', { details: { errors: [{ field: side, message: 'is not a time' }] } })
  }
  return [time.toISOString(), side === 'before' ? '' : '\uffff', '', '']
}
