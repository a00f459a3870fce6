import { deviceJid } from '../../model/jid.js'
import type { AccountState, RouteRecord } from '../../model/state.js'
import { addressOf, type Party } from '../../model/world.js'
import { type BinaryNode, childOf, childrenNamed, childrenOf } from '../../wire/node.js'
import type { ServerContext } from '../server-context.js'

/** What of a client's message goes on to its receivers besides the ciphertext. */
const FORWARDED_CHILDREN = new Set(['meta', 'tctoken', 'reporting'])

/** A direct `enc` is an answer to a retry and for `to` alone: what Baileys lists beside it would arrive twice. */
export function recipientsOf(server: ServerContext, message: BinaryNode): { party: Party; encs: BinaryNode[] }[] {
  const direct = childrenNamed(message, 'enc').filter((enc) => enc.attrs.type !== 'skmsg')
  if (direct.length > 0) {
    const party = server.world.partyOf(message.attrs.participant ?? message.attrs.to)
    return party ? [{ party, encs: direct }] : []
  }
  return childrenNamed(childOf(message, 'participants'), 'to').flatMap((to) => {
    const party = server.world.partyOf(to.attrs.jid)
    return party ? [{ party, encs: childrenNamed(to, 'enc') }] : []
  })
}

/**
 * The same id again is the same message: a device gets it once more only if it asked for it. Clients repeat a frame
 * after a reconnect, and Baileys answers a phone's retry by sending to everyone again.
 */
export function mayHand(record: RouteRecord, party: Party): boolean {
  const address = addressOf(party)
  if (record.handedTo.has(address) && !record.retryFor.delete(address)) return false
  record.handedTo.add(address)
  return true
}

export function routeRecord(sender: AccountState, id: string): RouteRecord {
  const known = sender.routes.get(id)
  if (known) return known
  const record: RouteRecord = { handedTo: new Set(), retryFor: new Set(), deliveredBy: new Set() }
  sender.routes.set(id, record)
  return record
}

export function messageAttributes(
  server: ServerContext,
  sender: Party,
  message: BinaryNode,
  addressing: 'pn' | 'lid',
): Record<string, string | undefined> {
  const { id, type, edit } = message.attrs
  return {
    from: deviceJid(sender.account, sender.deviceId, addressing),
    id,
    type: type ?? 'text',
    edit,
    t: server.seconds(),
    notify: sender.account.name,
    addressing_mode: addressing,
  }
}

export const forwardedChildren = (message: BinaryNode, encs: BinaryNode[]): BinaryNode[] =>
  childrenOf(message).filter(
    ({ tag }) =>
      FORWARDED_CHILDREN.has(tag) || (tag === 'device-identity' && encs.some((enc) => enc.attrs.type === 'pkmsg')),
  )
