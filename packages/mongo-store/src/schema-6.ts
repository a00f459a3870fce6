import type { Collections } from './collections.js'

/** Who may be a person, by the end of the id. */
const PERSON = /@(?:s\.whatsapp\.net|lid|c\.us|hosted|hosted\.lid)$/

/** From schema 5 to 6: chats with bots and with people of other networks were taken for chats with people. Can be carried out again. */
export async function correctChatKinds({ chats }: Collections): Promise<void> {
  await chats.updateMany({ kind: 'individual', id: { $not: PERSON } }, { $set: { kind: 'other' } })
}
