import { addressingOf, bareJid, isGroupJid } from '../model/jid.js'
import type { AccountState } from '../model/state.js'
import { type Party, partiesOf } from '../model/world.js'
import { type BinaryNode, node } from '../wire/node.js'
import type { Connection } from './connection.js'
import type { ServerContext } from './server-context.js'

/** `presence` of a client: its name, whether it is there, or a wish to be told about somebody. */
export function onPresence(server: ServerContext, connection: Connection, party: Party, presence: BinaryNode): void {
  const { type, to } = presence.attrs
  if (type === 'available' || type === 'unavailable') {
    connection.available = type === 'available'
    tellWatchers(server, party.account)
  } else if (type === 'subscribe' && to !== undefined) {
    watch(server, party, to)
  } else if (type === 'unsubscribe') {
    const target = server.world.accountOf(to)
    if (target) server.presence.unwatch(target.number, party)
  }
}

function watch(server: ServerContext, watcher: Party, to: string): void {
  const target = server.world.accountOf(to)
  if (!target) return
  server.presence.watch(target.number, watcher)
  server.deliver(watcher, presenceNode(server, target))
}

export function tellWatchers(server: ServerContext, account: AccountState): void {
  for (const watcher of server.presence.watchersOf(account.number))
    server.deliver(watcher, presenceNode(server, account))
}

function presenceNode(server: ServerContext, account: AccountState): BinaryNode {
  const available =
    server.presence.isPhoneAvailable(account.number) ||
    server.connectionsOf(account).some((connection) => connection.available)
  const last = available ? {} : { last: server.seconds() }
  return node('presence', { from: bareJid(account), type: available ? 'available' : 'unavailable', ...last })
}

/** Typing goes to the devices that are there; it is never kept. */
export function routeChatState(server: ServerContext, sender: Party, chatState: BinaryNode): void {
  const { to } = chatState.attrs
  if (isGroupJid(to)) {
    routeGroupChatState(server, sender, chatState)
    return
  }
  const target = server.world.accountOf(to)
  if (!target || target === sender.account || target.blocked.has(sender.account.number)) return
  const forwarded = node('chatstate', { from: bareJid(sender.account, addressingOf(to)) }, chatState.content)
  for (const party of partiesOf(target)) server.deliver(party, forwarded)
}

function routeGroupChatState(server: ServerContext, sender: Party, chatState: BinaryNode): void {
  const group = server.world.group(chatState.attrs.to ?? '')
  if (!group?.participants.has(sender.account.number)) return
  const participant = bareJid(sender.account, group.addressing)
  const forwarded = node('chatstate', { from: group.jid, participant }, chatState.content)
  for (const number of group.participants.keys()) {
    const account = server.world.account(number)
    if (!account || account === sender.account) continue
    for (const party of partiesOf(account)) server.deliver(party, forwarded)
  }
}
