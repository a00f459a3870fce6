import type { Message } from '../types.js'

const EDIT_MS = 15 * 60_000
const DELETE_MS = 60 * 3_600_000

/** What can be done to a message by what is known of it; the server has the last word. */
export interface MessageRules {
  /** Nothing else can be done to what never left, or is gone. */
  react: boolean
  forward: boolean
  edit: boolean
  deleteForEveryone: boolean
}

/** As WhatsApp allows it: an own text within 15 minutes, taking back within 60 hours. Pure. */
export function rulesOf(message: Message, { now, isGroup }: { now: number; isGroup: boolean }): MessageRules {
  const { fromMe, deletedAt, status } = message
  const isThere = deletedAt === undefined && !(fromMe && (status === 'pending' || status === 'failed'))
  const age = now - Date.parse(message.timestamp)
  const hasWords = message.type === 'text' || message.media?.caption !== undefined
  return {
    react: isThere,
    forward: isThere && message.type !== 'poll' && message.type !== 'event',
    edit: isThere && fromMe && hasWords && age < EDIT_MS,
    // In a group an admin may delete what others wrote.
    deleteForEveryone: isThere && (fromMe || isGroup) && age < DELETE_MS,
  }
}
