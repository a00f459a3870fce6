import type { GroupMetadata, WAMessageKey } from '@whiskeysockets/baileys'
import type { AskedMessage } from '../../ports/connector.js'
import { chatKindOf, isLid, normalizeJid } from '../../records/jid.js'
import { pairOf } from '../translate/to-message.js'

export interface AskedMessageFacts {
  /** The phone number of a LID, as far as Baileys knows it. */
  phoneOf(lid: string): Promise<string | null | undefined>
  /** Every address of everybody in a group; rejects when nobody tells. */
  membersOf(groupId: string): Promise<readonly string[]>
}

/**
 * Which message of which chat is asked for, and by whom. In the key that Baileys makes of a retry receipt `participant` is who
 * asks; Baileys hands the answer to them, whatever chat the message is of. Without one nobody asks, or Baileys does so for
 * itself, to open votes, which is done here (`poll-vote.ts`).
 */
export async function askedMessage(
  { id, remoteJid, participant }: WAMessageKey,
  facts: AskedMessageFacts,
): Promise<AskedMessage | undefined> {
  const chatId = remoteJid ? normalizeJid(remoteJid) : undefined
  const askerId = participant ? normalizeJid(participant) : undefined
  if (!id || !chatId || !askerId) return undefined
  const lids = [...new Set([chatId, askerId])].filter(isLid)
  const pairs = await Promise.all(lids.map(async (lid) => pairOf(lid, await facts.phoneOf(lid))))
  const identities = pairs.filter((pair) => pair !== undefined)
  if (chatKindOf(chatId) !== 'group') return { id, chatId, askerId, identities }
  // Whose members cannot be told has none: the phone asks again.
  const members = await facts.membersOf(chatId).catch(() => [])
  return { id, chatId, askerId, members, identities }
}

/** Every address of everybody in a group. */
export function membersOf({ participants }: Pick<GroupMetadata, 'participants'>): string[] {
  return participants.flatMap(({ id, lid, phoneNumber }) =>
    [id, lid, phoneNumber].flatMap((jid) => (jid ? (normalizeJid(jid) ?? []) : [])),
  )
}
