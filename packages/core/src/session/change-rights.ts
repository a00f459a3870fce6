import type { WireChange } from '../ports/connector.js'
import { chatKindOf } from '../records/jid.js'
import type { Jid } from '../types/jid.js'

/** The changes that not everybody may make. */
export type GuardedChange = Extract<WireChange, { kind: 'edit' | 'delete' }>

export type ChangeRight = 'allowed' | 'refused' | 'admins-only'

/**
 * Who may change a message: its author, and in a group an admin may delete it. WhatsApp's server cannot check that, because
 * what is asked for is encrypted; each phone does. All ids are canonical. `authorId`: whom the change calls the author of the
 * message; one that names somebody else is about another message under the same id.
 */
export function changeRight({
  kind,
  chatId,
  senderId,
  authorId,
  storedAuthorId,
}: {
  kind: GuardedChange['kind']
  chatId: Jid
  senderId: Jid
  authorId?: Jid | undefined
  storedAuthorId: Jid
}): ChangeRight {
  if (authorId !== undefined && authorId !== storedAuthorId) return 'refused'
  if (senderId === storedAuthorId) return 'allowed'
  // Whoever runs a channel speaks as the channel, and nothing is encrypted in it: the server has checked that.
  if (senderId === chatId && chatKindOf(chatId) === 'newsletter') return 'allowed'
  return kind === 'delete' && chatKindOf(chatId) === 'group' ? 'admins-only' : 'refused'
}
