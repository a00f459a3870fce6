import type { WAMessage } from '@whiskeysockets/baileys'
import type { WireMessage } from '../../ports/connector.js'
import { applyVote } from '../../records/message-change.js'
import type { Jid } from '../../types/jid.js'
import { isoTime } from '../../util/iso-time.js'
import { emojiOf, responseOf } from './changes.js'
import { chosenBy } from './poll-vote.js'
import { senderOf } from './to-message.js'

/**
 * A message of a history with the reactions, votes and answers that the phone keeps beside it (`reactions`, `pollUpdates` and
 * `eventResponses` of `WebMessageInfo`). The phone has opened the votes; they name their options by hash.
 */
export function withReactionsAndVotes(message: WireMessage, wa: WAMessage, me: Jid): WireMessage {
  const at = (ms: unknown) => (Number(ms ?? 0) > 0 && isoTime(Number(ms))) || message.timestamp
  const reactions = (wa.reactions ?? []).flatMap(({ key, text, senderTimestampMs }) => {
    const senderId = key && senderOf(key, me)
    return senderId && text ? [{ senderId, emoji: emojiOf({ text }), at: at(senderTimestampMs) }] : []
  })
  let { poll } = message
  const names = poll?.options.map(({ name }) => name) ?? []
  for (const { pollUpdateMessageKey: key, vote, senderTimestampMs } of wa.pollUpdates ?? []) {
    const voterId = key && senderOf(key, me)
    if (!poll || !voterId) continue
    const options = chosenBy(vote?.selectedOptions ?? [], names)
    poll = applyVote(poll, { voterId, options, at: at(senderTimestampMs) }) ?? poll
  }
  const responses = (wa.eventResponses ?? []).flatMap(
    ({ eventResponseMessageKey: key, eventResponseMessage, timestampMs }) => {
      const senderId = key && senderOf(key, me)
      const response = eventResponseMessage && responseOf(eventResponseMessage, at(timestampMs))
      return senderId && response ? [{ senderId, ...response }] : []
    },
  )
  const event = message.event && responses.length > 0 ? { event: { ...message.event, responses } } : {}
  return { ...message, ...event, ...(reactions.length > 0 ? { reactions } : {}), ...(poll ? { poll } : {}) }
}
