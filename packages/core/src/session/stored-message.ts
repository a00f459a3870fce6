import { TrunklineError } from '../errors/trunkline-error.js'
import type { MessageRef, StoredMessage } from '../types/message.js'
import type { Identities } from './identities.js'
import type { SessionServices } from './services.js'
import type { SessionState } from './session-state.js'

/** The message that a ref names, whose chat or author may have moved to a LID since it was read. @throws MESSAGE_NOT_FOUND · MESSAGE_ID_AMBIGUOUS */
export async function storedMessage(
  { id, chatId, senderId }: MessageRef,
  { services, state, identities }: { services: SessionServices; state: SessionState; identities: Identities },
): Promise<StoredMessage> {
  const [chat, sender] = await identities.canonical([chatId ?? '', senderId ?? ''])
  const ref = { id, ...(chat ? { chatId: chat } : {}), ...(sender ? { senderId: sender } : {}) }
  const found = await services.store.messages.find(state.id, ref)
  const [message] = found
  if (!message) throw new TrunklineError('MESSAGE_NOT_FOUND', { details: { messageId: id } })
  if (found.length > 1) {
    const details = { messageId: id, chatIds: found.map((one) => one.chatId) }
    throw new TrunklineError('MESSAGE_ID_AMBIGUOUS', { details })
  }
  return message
}
