import { type proto, toNumber } from '@whiskeysockets/baileys'
import type { ConnectionEvent } from '../../ports/connector.js'
import { normalizeJid } from '../../records/jid.js'
import { isoTime } from '../../util/iso-time.js'

type ClearedEvent = Extract<ConnectionEvent, { type: 'cleared' }>

/** What another device of the account has done, as Baileys reads it from app state before it acts on it. */
export interface SyncAction {
  /** The name of the action, the chat, then what depends on the action. */
  index: readonly string[]
  syncAction: proto.ISyncActionData
}

/**
 * A chat that was emptied or deleted on another device. Baileys tells of the latter without saying which messages were meant, and of
 * the former not at all; what was written since stays, or a customer's new message would go with the old ones.
 */
export function toCleared({ index: [name, id = '', keep], syncAction }: SyncAction): ClearedEvent | undefined {
  const isDeleted = name === 'deleteChat'
  const chatId = normalizeJid(id)
  if (!chatId || (!isDeleted && name !== 'clearChat')) return undefined
  const { value } = syncAction
  const range = (isDeleted ? value?.deleteChatAction : value?.clearChatAction)?.messageRange
  // The time of an action is in milliseconds, that of a message in seconds.
  const meant = toNumber(range?.lastMessageTimestamp) * 1_000 || toNumber(value?.timestamp)
  const until = isoTime(meant)
  if (!until || meant === 0) return undefined
  return { type: 'cleared', chatId, until, isDeleted, keepStarred: !isDeleted && keep === '0' }
}
