import { addressingOf, bareJid, isGroupJid, otherAddressing, parseJid, STATUS_JID } from '../../model/jid.js'
import type { AccountState } from '../../model/state.js'
import type { Party } from '../../model/world.js'
import { type BinaryNode, childBytes, childOf, childrenNamed, childrenOf, node } from '../../wire/node.js'
import type { ServerContext } from '../server-context.js'
import { routeToGroup } from './group-routing.js'
import { forwardedChildren, mayHand, messageAttributes, recipientsOf, routeRecord } from './routing-parts.js'
import { routeStatus } from './status-routing.js'

/** The error code of an ack, if the message is refused as a whole. */
export type RoutingError = { code: number; violation: 'BAD_STANZA' | 'DEVICE_IDENTITY_MISSING'; message: string }

/**
 * A message from one device to whomever it names. The sender has encrypted for each device by itself: the server copies
 * ciphertexts and says who they are from, in the addressing of the chat.
 */
export function routeMessage(server: ServerContext, sender: Party, message: BinaryNode): RoutingError | undefined {
  const { id, to } = message.attrs
  if (id === undefined || to === undefined)
    return { code: 400, violation: 'BAD_STANZA', message: 'message without id or to' }
  const refused = refusalOf(server, sender, message)
  if (refused) return refused

  if (message.attrs.category === 'peer') routeToOwnPhone(server, sender, message)
  else if (isGroupJid(to)) routeToGroup(server, sender, message)
  else if (to === STATUS_JID) routeStatus(server, sender, message)
  else routeToPeople(server, sender, message)
  return undefined
}

/** A first-contact ciphertext without the sender's device identity cannot be trusted by its receiver. */
function refusalOf(server: ServerContext, sender: Party, message: BinaryNode): RoutingError | undefined {
  const encs = encsOf(message)
  if (encs.some((enc) => enc.attrs.v !== '2')) return { code: 479, violation: 'BAD_STANZA', message: 'enc without v=2' }
  const device = server.world.deviceOf(sender)
  if (!device || !encs.some((enc) => enc.attrs.type === 'pkmsg')) return undefined
  if (childBytes(message, 'device-identity')?.equals(device.identity)) return undefined
  const text = 'a pkmsg without the device identity that was issued to its sender'
  return { code: 479, violation: 'DEVICE_IDENTITY_MISSING', message: text }
}

const encsOf = (message: BinaryNode): BinaryNode[] => [
  ...childrenNamed(message, 'enc'),
  ...childrenOf(childOf(message, 'participants')).flatMap((to) => childrenNamed(to, 'enc')),
]

/** Requests of a companion to its own phone: the one `enc` is not under `participants`. */
function routeToOwnPhone(server: ServerContext, sender: Party, message: BinaryNode): void {
  const { account } = sender
  const attributes = { ...messageAttributes(server, sender, message, 'pn'), category: 'peer' }
  server.deliver({ account, deviceId: 0 }, node('message', attributes, childrenNamed(message, 'enc')))
}

function routeToPeople(server: ServerContext, sender: Party, message: BinaryNode): void {
  const addressing = addressingOf(message.attrs.to)
  const record = routeRecord(sender.account, message.attrs.id ?? '')
  const target = server.world.accountOf(message.attrs.to)
  if (target && target !== sender.account) {
    if (target.blocked.has(sender.account.number)) return
    becomePeers(sender.account, target)
  }
  for (const { party, encs } of recipientsOf(server, message)) {
    if (!mayHand(record, party)) continue
    const own = party.account === sender.account
    const attributes = own
      ? { ...messageAttributes(server, sender, message, addressing), ...recipientAttributes(server, message) }
      : { ...messageAttributes(server, sender, message, addressing), ...senderAttributes(sender, addressing) }
    server.deliver(party, node('message', attributes, [...encs, ...forwardedChildren(message, encs)]))
  }
}

const senderAttributes = ({ account }: Party, addressing: 'pn' | 'lid') =>
  addressing === 'pn' ? { sender_lid: bareJid(account, 'lid') } : { sender_pn: bareJid(account) }

/** For the sender's own other devices: whom it was sent to, in both addressings. */
function recipientAttributes(server: ServerContext, message: BinaryNode): Record<string, string | undefined> {
  const chat = message.attrs.recipient ?? message.attrs.to
  const account = server.world.accountOf(chat)
  if (!account) return { recipient: bareOf(chat) }
  const addressing = addressingOf(chat)
  const other = bareJid(account, otherAddressing(addressing))
  return {
    recipient: bareJid(account, addressing),
    ...(addressing === 'pn' ? { peer_recipient_lid: other } : { peer_recipient_pn: other }),
  }
}

function bareOf(jid: string | undefined): string | undefined {
  const parsed = parseJid(jid)
  return parsed && `${parsed.user}@${parsed.server}`
}

function becomePeers(left: AccountState, right: AccountState): void {
  left.peers.add(right.number)
  right.peers.add(left.number)
}
