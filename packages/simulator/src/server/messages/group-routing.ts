import { bareJid, deviceJid } from '../../model/jid.js'
import type { GroupState } from '../../model/state.js'
import { addressOf, type Party, partiesOf } from '../../model/world.js'
import { type BinaryNode, childrenNamed, node } from '../../wire/node.js'
import type { ServerContext } from '../server-context.js'
import { forwardedChildren, mayHand, messageAttributes, recipientsOf, routeRecord } from './routing-parts.js'

/**
 * One sender-key ciphertext for all, and for those who do not hold the sender's key yet its distribution message. The
 * distribution must come first in the stanza.
 */
export function routeToGroup(server: ServerContext, sender: Party, message: BinaryNode): void {
  const group = server.world.group(message.attrs.to ?? '')
  if (!group?.participants.has(sender.account.number)) return
  const record = routeRecord(sender.account, message.attrs.id ?? '')
  const shared = childrenNamed(message, 'enc').filter((enc) => enc.attrs.type === 'skmsg')
  const individual = new Map(recipientsOf(server, message).map(({ party, encs }) => [addressOf(party), encs]))
  const receivers =
    shared.length > 0
      ? [...membersOf(server, group), ...overhearing(server, group)]
      : membersOf(server, group).filter((party) => individual.has(addressOf(party)))

  for (const party of receivers) {
    if (addressOf(party) === addressOf(sender) || !mayHand(record, party)) continue
    const encs = [...(individual.get(addressOf(party)) ?? []), ...shared]
    const attributes = {
      ...messageAttributes(server, sender, message, group.addressing),
      from: group.jid,
      ...participantAttributes(group, sender),
    }
    server.deliver(party, node('message', attributes, [...encs, ...forwardedChildren(message, encs)]))
  }
}

const membersOf = (server: ServerContext, group: GroupState): Party[] =>
  [...group.participants.keys()].flatMap((number) => {
    const account = server.world.account(number)
    return account ? partiesOf(account) : []
  })

/** A server that is not to be trusted may hand on what it likes: encryption has to keep it from those who have left. */
const overhearing = (server: ServerContext, { overhearing = new Set(), participants }: GroupState): Party[] =>
  [...overhearing].flatMap((number) => {
    const account = server.world.account(number)
    return account && !participants.has(number) ? [{ account, deviceId: 0 }] : []
  })

function participantAttributes(group: GroupState, { account, deviceId }: Party) {
  const participant = deviceJid(account, deviceId, group.addressing)
  return group.addressing === 'lid'
    ? { participant, participant_pn: bareJid(account) }
    : { participant, participant_lid: bareJid(account, 'lid') }
}
