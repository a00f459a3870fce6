import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys'
import { chatKindOf, isLid, normalizeJid } from '../../records/jid.js'
import type { Jid } from '../../types/jid.js'
import type { StoredMessage } from '../../types/message.js'
import type { SealNames } from '../translate/from-action.js'

/**
 * By which addresses the people of a chat know who wrote a message, and the account: votes and answers are sealed for one of each.
 * Phones take the form that the chat has, LID or phone number; in a group its addressing mode says which.
 */
export async function sealNames(
  { chatId, senderId, fromMe }: StoredMessage,
  socket: Pick<WASocket, 'user' | 'signalRepository'>,
  metadataOf: (groupId: Jid) => Promise<Pick<GroupMetadata, 'addressingMode' | 'participants'>>,
): Promise<SealNames> {
  const group = chatKindOf(chatId) === 'group' ? await metadataOf(chatId) : undefined
  const byLid = group ? group.addressingMode === 'lid' : isLid(chatId)
  const { id = '', lid } = socket.user ?? {}
  const sender = normalizeJid((byLid ? lid : undefined) ?? id) ?? id
  if (fromMe) return { author: sender, sender }
  if (isLid(senderId) === byLid) return { author: senderId, sender }
  const member = group?.participants.find((one) => [one.id, one.lid, one.phoneNumber].includes(senderId))
  const { lidMapping } = socket.signalRepository
  const known = byLid ? await lidMapping.getLIDForPN(senderId) : await lidMapping.getPNForLID(senderId)
  const other = member?.id ?? known
  return { author: (other && normalizeJid(other)) || senderId, sender }
}
