import type { MessageAction } from '../ports/connector.js'
import { chatKindOf, isConversation } from '../records/jid.js'
import { isSaid } from '../records/stored.js'
import type { MessageStatus, StoredMessage } from '../types/message.js'

/** Why something cannot be done to a message. */
export type ActionRefusal = 'not-sent' | 'not-own' | 'too-old' | 'deleted' | 'not-editable' | 'not-supported'

export type ActionRight = 'allowed' | 'admins-only' | ActionRefusal

/** WhatsApp's own limits: phones leave out what comes later. */
export const EDIT_WINDOW_MS = 15 * 60_000
/** Of what is posted in a channel, which is deleted at any time. */
const POST_EDIT_WINDOW_MS = 30 * 24 * 3_600_000
export const DELETE_WINDOW_MS = 60 * 3_600_000

/** Nobody else has the message. */
const NOT_SENT: ReadonlySet<MessageStatus> = new Set(['queued', 'pending', 'failed', 'canceled', 'expired'])

/** A text, and what has a caption. */
const EDITABLE: ReadonlySet<string> = new Set(['text', 'image', 'video', 'document'])

/**
 * Whether the account may do something to a message, as WhatsApp's own apps let it. The server cannot check that, because what is
 * asked for is encrypted: whatever phones do not accept would seem to have been done, and would not.
 */
export function actionRight(kind: MessageAction['kind'], target: StoredMessage, { now }: { now: number }): ActionRight {
  const { chatId, fromMe, status, deletedAt } = target
  if (chatKindOf(chatId) === 'newsletter' && kind === 'reaction' && target.serverId) return 'allowed'
  const isPost = chatKindOf(chatId) === 'newsletter' && fromMe && (kind === 'edit' || kind === 'delete')
  const isOwnStatus = chatKindOf(chatId) === 'status' && kind === 'delete'
  if (!isConversation(chatId) && !isOwnStatus && !isPost) return 'not-supported'
  if (deletedAt) return 'deleted'
  if (fromMe && NOT_SENT.has(status)) return 'not-sent'
  const ageMs = now - Date.parse(target.timestamp)
  switch (kind) {
    case 'vote':
      return target.poll && target.raw ? 'allowed' : 'not-supported'
    case 'response':
      return target.event && !target.event.canceled && target.raw ? 'allowed' : 'not-supported'
    case 'reaction':
      return isSaid(target) ? 'allowed' : 'not-supported'
    case 'edit':
      if (!fromMe) return 'not-own'
      if (!EDITABLE.has(target.type) || hasNoWords(target) || !target.raw) return 'not-editable'
      return ageMs > (isPost ? POST_EDIT_WINDOW_MS : EDIT_WINDOW_MS) ? 'too-old' : 'allowed'
    case 'delete':
      if (target.type === 'system' || target.type === 'hidden') return 'not-supported'
      if (!fromMe && chatKindOf(chatId) !== 'group') return 'not-own'
      if (ageMs > DELETE_WINDOW_MS && !isPost) return 'too-old'
      return fromMe ? 'allowed' : 'admins-only'
  }
}

/** What phones show without a caption, or no second time. */
function hasNoWords({ media }: StoredMessage): boolean {
  return media?.viewOnce === true || media?.videoNote === true
}
