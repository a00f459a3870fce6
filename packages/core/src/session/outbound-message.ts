import { createHash } from 'node:crypto'
import type { Jid } from '../types/jid.js'
import type { SessionState } from './session-state.js'

/** What every message of ours begins with. */
export function outboundMessage(state: SessionState, { id, chatId }: { id: string; chatId: Jid }) {
  const { account } = state.record
  return {
    id,
    sessionId: state.id,
    chatId,
    senderId: account?.lid ?? account?.jid ?? chatId,
    fromMe: true,
    reactions: [],
    status: 'pending' as const,
    source: 'api' as const,
  }
}

/**
 * The id of a message that a caller has named: the same one however often, and wherever, the request is told, so that of
 * requests which nobody has seen beside each other one message is made. `before`: the id of an earlier message of that name,
 * which nobody remembers by it any more. It looks like those that WhatsApp Web makes.
 */
export function namedMessageId(sessionId: string, clientMessageId: string, before = ''): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([sessionId, clientMessageId, before]))
    .digest('hex')
  return `3EB0${hash.slice(0, 18).toUpperCase()}`
}
