import { collectionOf } from '../model/app-state.js'
import { SERVER_JID } from '../model/jid.js'
import { type AccountState, holdsAppStateKey } from '../model/state.js'
import { partiesOf } from '../model/world.js'
import { node } from '../wire/node.js'
import type { ServerContext } from './server-context.js'

/** The other devices are told to come and fetch; those that have no key yet fetch everything once they have it. */
export function announcePatch(server: ServerContext, account: AccountState, name: string, writer: number): void {
  const collection = node('collection', { name, version: String(collectionOf(account.appState, name).version) })
  for (const party of partiesOf(account)) {
    const device = server.world.deviceOf(party)
    if (!device || party.deviceId === writer || !holdsAppStateKey(device)) continue
    server.notify(party, 'server_sync', SERVER_JID, [collection])
  }
}
