import { deflateSync } from 'node:zlib'
import { proto } from '@whiskeysockets/baileys'
import type { AccountState } from '../model/state.js'
import type { MessageContent } from './message-content.js'

/**
 * The first history of a new companion, inside the message itself: Baileys takes the inline form for any sync type and
 * so needs no download.
 */
export function historyNotification(account: AccountState): MessageContent {
  const { HistorySyncType } = proto.HistorySync
  const history = proto.HistorySync.encode({
    syncType: HistorySyncType.INITIAL_BOOTSTRAP,
    conversations: [],
    pushnames: [{ id: `${account.number}@s.whatsapp.net`, pushname: account.name }],
    chunkOrder: 1,
    progress: 100,
  }).finish()
  return {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: {
        syncType: HistorySyncType.INITIAL_BOOTSTRAP,
        chunkOrder: 1,
        progress: 100,
        initialHistBootstrapInlinePayload: deflateSync(history),
      },
    },
  }
}
