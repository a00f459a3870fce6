import { generateMessageIDV2, proto } from '@whiskeysockets/baileys'
import { TrunklineError } from '../../errors/trunkline-error.js'
import type { PreparableAction, PreparedMessage } from '../../ports/connector.js'
import type { Jid } from '../../types/jid.js'
import type { EventAnswer, StoredMessage } from '../../types/message.js'
import { messageKey } from './message-key.js'
import { openContent } from './open-content.js'
import { voteFor } from './poll-vote.js'
import { type Seal, type SealedFor, type SealUse, seal } from './seal.js'

const { Type } = proto.Message.ProtocolMessage

/**
 * The protobuf of what is done to a message that is there. `me`: as for `fromContent`. `names`: of what is sealed.
 *
 * @throws MESSAGE_NOT_CHANGEABLE where there is no secret to seal it with
 */
export function fromAction(
  action: PreparableAction,
  me: Jid,
  names: SealNames = { author: me, sender: me },
): Pick<PreparedMessage, 'id' | 'raw'> {
  return { id: generateMessageIDV2(me), raw: proto.Message.encode(messageOf(action, names)).finish() }
}

function messageOf(action: PreparableAction, names: SealNames): proto.IMessage {
  if (action.kind === 'timer') {
    const protocolMessage = { type: Type.EPHEMERAL_SETTING, ephemeralExpiration: action.seconds }
    return { ephemeralMessage: { message: { protocolMessage } } }
  }
  const key = messageKey(action.target)
  const atMs = Date.parse(action.at)
  switch (action.kind) {
    case 'reaction':
      return { reactionMessage: { key, text: action.emoji, senderTimestampMs: atMs } }
    case 'vote': {
      const vote = sealed(voteFor(action.options), { use: 'Poll Vote', ...action, names })
      return { pollUpdateMessage: { pollCreationMessageKey: key, vote, senderTimestampMs: atMs } }
    }
    case 'response': {
      const { response, extraGuests: extraGuestCount } = action
      const answer = {
        response: RESPONSE_NUMBERS[response],
        timestampMs: atMs,
        ...(extraGuestCount ? { extraGuestCount } : {}),
      }
      const plaintext = proto.Message.EventResponseMessage.encode(answer).finish()
      const said = sealed(plaintext, { use: 'Event Response', ...action, names })
      return { encEventResponseMessage: { eventCreationMessageKey: key, ...said } }
    }
    case 'delete':
      return { protocolMessage: { key, type: Type.REVOKE } }
    case 'edit': {
      const editedMessage = editedOf(action)
      return { protocolMessage: { key, type: Type.MESSAGE_EDIT, editedMessage, timestampMs: atMs } }
    }
  }
}

/** What each answer is on the wire. */
const RESPONSE_NUMBERS = { going: 1, not_going: 2, maybe: 3 } as const satisfies Record<EventAnswer['response'], number>

/** As the chat knows them: who wrote the message that is answered, and the account. */
export type SealNames = Pick<SealedFor, 'author' | 'sender'>

function sealed(
  plaintext: Uint8Array,
  { use, target, names }: { use: SealUse; target: StoredMessage; names: SealNames },
): Required<Seal> {
  const { id: messageId, raw } = target
  const said = raw && seal(plaintext, raw, { use, messageId, ...names })
  if (said) return said
  throw new TrunklineError('MESSAGE_NOT_CHANGEABLE', { details: { messageId, reason: 'not-supported' } })
}

/** A picture is told once more with its new caption, or phones would show the caption alone. */
function editedOf({ target, text, mentions = [] }: Extract<PreparableAction, { kind: 'edit' }>): proto.IMessage {
  const contextInfo = mentions.length > 0 ? { contextInfo: { mentionedJid: mentions } } : {}
  const { imageMessage, videoMessage, documentMessage } = target.raw
    ? openContent(proto.Message.decode(target.raw)).content
    : {}
  if (imageMessage) return { imageMessage: { ...imageMessage, caption: text, ...contextInfo } }
  if (videoMessage) return { videoMessage: { ...videoMessage, caption: text, ...contextInfo } }
  if (documentMessage) return { documentMessage: { ...documentMessage, caption: text, ...contextInfo } }
  return { extendedTextMessage: { text, ...contextInfo } }
}
