import { bareJid, deviceJid, STATUS_JID } from '../../model/jid.js'
import { addressOf, type Party } from '../../model/world.js'
import { childrenNamed, node } from '../../wire/node.js'
import type { ServerContext } from '../server-context.js'
import { forwardedChildren, mayHand, messageAttributes, recipientsOf, routeRecord } from './routing-parts.js'

/** A status goes to those whom its author names, each time anew, and to nobody who was blocked. */
export function routeStatus(server: ServerContext, sender: Party, message: Parameters<typeof recipientsOf>[1]): void {
  const { account, deviceId } = sender
  const record = routeRecord(account, message.attrs.id ?? '')
  const shared = childrenNamed(message, 'enc').filter(({ attrs }) => attrs.type === 'skmsg')
  for (const { party, encs } of recipientsOf(server, message)) {
    const isSender = addressOf(party) === addressOf(sender)
    if (isSender || party.account.blocked.has(account.number) || !mayHand(record, party)) continue
    const all = [...encs, ...shared]
    const attributes = {
      ...messageAttributes(server, sender, message, 'pn'),
      addressing_mode: undefined,
      from: STATUS_JID,
      participant: deviceJid(account, deviceId),
      participant_lid: bareJid(account, 'lid'),
    }
    server.deliver(party, node('message', attributes, [...all, ...forwardedChildren(message, all)]))
  }
}
