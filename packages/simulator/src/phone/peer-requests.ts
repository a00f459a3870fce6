import { proto } from '@whiskeysockets/baileys'
import type { AccountState } from '../model/state.js'
import type { ServerContext } from '../server/server-context.js'
import { requestedKeys } from './app-state-writer.js'
import { historyNotification, onDemandPart } from './history.js'
import type { Mailbox } from './mailbox.js'
import type { MessageContent } from './message-content.js'

const { PeerDataOperationRequestType: RequestType, ProtocolMessage } = proto.Message
const MAX_ON_DEMAND = 50

export interface PeerRequestOptions {
  server: ServerContext
  account: AccountState
  mailbox: Mailbox
}

/** What a companion asks of its own phone: older history, a message that it could not decrypt, a key of app state. */
export function answerPeerRequest(
  { server, account, mailbox }: PeerRequestOptions,
  id: string,
  content: proto.IMessage,
): MessageContent | undefined {
  const keys = content.protocolMessage?.appStateSyncKeyRequest?.keyIds
  if (keys)
    return requestedKeys(
      account,
      keys.flatMap(({ keyId }) => keyId ?? []),
    )
  const request = content.protocolMessage?.peerDataOperationRequestMessage
  const wanted = request?.historySyncOnDemandRequest
  switch (request?.peerDataOperationRequestType) {
    case RequestType.HISTORY_SYNC_ON_DEMAND: {
      const part = onDemandPart(server.world, account, {
        id,
        chatJid: wanted?.chatJid ?? '',
        oldestMessageId: wanted?.oldestMsgId ?? '',
        oldestAtMs: milliseconds(Number(wanted?.oldestMsgTimestampMs ?? 0)),
        count: wanted?.onDemandMsgCount ?? MAX_ON_DEMAND,
      })
      return historyNotification(server.world, account, part)
    }
    case RequestType.PLACEHOLDER_MESSAGE_RESEND:
      return resent(mailbox, id, request.placeholderMessageResendRequest ?? [])
    default:
      return undefined
  }
}

/** The field is called milliseconds, and clients write seconds into it. */
const milliseconds = (value: number): number => (value < 1e11 ? value * 1_000 : value)

/** The phone has it in the clear, if it could decrypt it itself. */
function resent(
  mailbox: Mailbox,
  id: string,
  wanted: proto.Message.PeerDataOperationRequestMessage.IPlaceholderMessageResendRequest[],
): MessageContent | undefined {
  const results = wanted.flatMap(({ messageKey }) => {
    const message = mailbox.messages.find((candidate) => candidate.id === messageKey?.id)
    if (!message || !messageKey) return []
    const messageTimestamp = Math.floor(Date.parse(message.at) / 1000)
    const info = proto.WebMessageInfo.encode({ key: messageKey, message: message.message, messageTimestamp }).finish()
    return [{ placeholderMessageResendResponse: { webMessageInfoBytes: info } }]
  })
  if (results.length === 0) return undefined
  return {
    protocolMessage: {
      type: ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: {
        peerDataOperationRequestType: RequestType.PLACEHOLDER_MESSAGE_RESEND,
        stanzaId: id,
        peerDataOperationResult: results,
      },
    },
  }
}
