import { proto, type WAPatchName } from '@whiskeysockets/baileys'
import type { ChatAction } from '../../ports/connector.js'
import type { Jid } from '../../types/jid.js'
import type { Message } from '../../types/message.js'
import { messageKey } from './message-key.js'

/** One change of app state, before it is sealed. */
export interface AppStatePatch {
  type: WAPatchName
  index: string[]
  syncAction: proto.ISyncActionValue
  apiVersion: number
  operation: proto.SyncdMutation.SyncdOperation
}

const { SET } = proto.SyncdMutation.SyncdOperation

/** WhatsApp's own word for a chat that is muted for ever. */
const FOR_EVER_MS = -1

/**
 * What is written to app state for what is done to a chat: by WhatsApp's own collections, indexes and versions, which phones ask
 * for. Baileys' table has another collection for stars, and names no member of a group in an index.
 */
export function chatPatches(chatId: Jid, action: ChatAction, { nowMs }: { nowMs: number }): AppStatePatch[] {
  switch (action.kind) {
    case 'archive': {
      const { archived, newest } = action
      const archiveChatAction = { archived, messageRange: rangeOf(newest, nowMs) }
      const archive = low(['archive', chatId], { archiveChatAction }, { apiVersion: 3, nowMs })
      // What is in the archive is not kept on top.
      return archived ? [archive, pinPatch(chatId, false, nowMs)] : [archive]
    }
    case 'pin':
      return [pinPatch(chatId, action.pinned, nowMs)]
    case 'read': {
      const markChatAsReadAction = { read: action.read, messageRange: rangeOf(action.newest, nowMs) }
      return [low(['markChatAsRead', chatId], { markChatAsReadAction }, { apiVersion: 3, nowMs })]
    }
    case 'mute': {
      const { until } = action
      const muteEndTimestamp = until === 'for-ever' ? FOR_EVER_MS : Date.parse(until ?? '')
      const muteAction = until === null ? { muted: false } : { muted: true, muteEndTimestamp }
      return [high(['mute', chatId], { muteAction }, { apiVersion: 2, nowMs })]
    }
    case 'clear': {
      const clearChatAction = { messageRange: rangeOf(action.newest, nowMs) }
      const index = ['clearChat', chatId, action.keepStarred ? '0' : '1', '0']
      return [high(index, { clearChatAction }, { apiVersion: 6, nowMs })]
    }
    case 'delete': {
      const deleteChatAction = { messageRange: rangeOf(action.newest, nowMs) }
      return [high(['deleteChat', chatId, '1'], { deleteChatAction }, { apiVersion: 6, nowMs })]
    }
    case 'star': {
      const starAction = { starred: action.starred }
      return [high(['star', ...messageIndex(chatId, action.message)], { starAction }, { apiVersion: 2, nowMs })]
    }
    case 'remove': {
      const messageTimestamp = secondsOf(action.message)
      const deleteMessageForMeAction = { deleteMedia: true, messageTimestamp }
      const index = ['deleteMessageForMe', ...messageIndex(chatId, action.message)]
      return [high(index, { deleteMessageForMeAction }, { apiVersion: 3, nowMs })]
    }
  }
}

/** The name that the account gives itself. */
export function namePatch(name: string, { nowMs }: { nowMs: number }): AppStatePatch {
  return patch('critical_block', ['setting_pushName'], { pushNameSetting: { name } }, { apiVersion: 1, nowMs })
}

function pinPatch(chatId: Jid, pinned: boolean, nowMs: number): AppStatePatch {
  return low(['pin_v1', chatId], { pinAction: { pinned } }, { apiVersion: 5, nowMs })
}

interface PatchParts {
  apiVersion: number
  nowMs: number
}

const low = (index: string[], action: proto.ISyncActionValue, parts: PatchParts) =>
  patch('regular_low', index, action, parts)

const high = (index: string[], action: proto.ISyncActionValue, parts: PatchParts) =>
  patch('regular_high', index, action, parts)

function patch(
  type: WAPatchName,
  index: string[],
  action: proto.ISyncActionValue,
  { apiVersion, nowMs }: PatchParts,
): AppStatePatch {
  return { type, index, syncAction: { timestamp: nowMs, ...action }, apiVersion, operation: SET }
}

type NamedMessage = Pick<Message, 'id' | 'chatId' | 'senderId' | 'fromMe' | 'timestamp'>

/** `0` stands for the author that the chat already names. */
function messageIndex(chatId: Jid, message: NamedMessage): string[] {
  const { id, fromMe, participant } = messageKey(message)
  return [chatId, id, fromMe ? '1' : '0', participant ?? '0']
}

/** Which messages are meant: those up to the newest one that is known here. Of what came since nothing is said. */
function rangeOf(newest: NamedMessage | undefined, nowMs: number): proto.SyncActionValue.ISyncActionMessageRange {
  if (!newest) return { lastMessageTimestamp: Math.floor(nowMs / 1_000) }
  const timestamp = secondsOf(newest)
  return { lastMessageTimestamp: timestamp, messages: [{ key: messageKey(newest), timestamp }] }
}

function secondsOf({ timestamp }: NamedMessage): number {
  return Math.floor(Date.parse(timestamp) / 1_000)
}
