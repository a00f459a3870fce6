import { proto } from '@whiskeysockets/baileys'
import { appendPatch, collectionOf } from '../model/app-state.js'
import { bareJid } from '../model/jid.js'
import type { AccountState } from '../model/state.js'
import { partiesOf } from '../model/world.js'
import type { Server } from '../server/server.js'
import { type BinaryNode, childBytes, childrenNamed, node } from '../wire/node.js'
import { type Query, QueryError, type QueryTable } from './query.js'

/** `w:sync:app:state`: settings and chat states that all devices of an account share, as encrypted patches. */
export const appStateHandlers: QueryTable = {
  'w:sync:app:state/set/sync': (query) => [
    node(
      'sync',
      {},
      childrenNamed(query.child, 'collection').map((collection) => answer(query, collection)),
    ),
  ],
}

/** A bare collection means "up to date". Everything is given as patches, from version 1 on: no snapshots to download. */
function answer(query: Query, asked: BinaryNode): BinaryNode {
  const { name } = asked.attrs
  if (name === undefined) throw new QueryError(400, 'a collection without a name')
  const collection = collectionOf(query.party.account.appState, name)
  const since = Number(asked.attrs.version ?? 0)
  const upload = childBytes(asked, 'patch')
  if (upload) return acceptUpload(query, name, since, upload)
  const patches = collection.patches.slice(since).map((patch) => node('patch', {}, patch))
  const attributes = { name, version: String(collection.version), has_more_patches: 'false' }
  return node('collection', attributes, patches.length > 0 ? [node('patches', {}, patches)] : undefined)
}

function acceptUpload(query: Query, name: string, since: number, upload: Buffer): BinaryNode {
  const { server, party, connection } = query
  const { appState } = party.account
  if (since !== collectionOf(appState, name).version) {
    return node('collection', { name, type: 'error' }, [node('error', { code: '409', text: 'conflict' })])
  }
  const refused = appendPatch(appState, name, proto.SyncdPatch.decode(upload))
  if (refused !== undefined) {
    server.log.recordViolation({ code: 'BAD_STANZA', message: `app state: ${refused}`, ...connection.subject })
    return node('collection', { name, type: 'error' }, [node('error', { code: '400', text: 'bad-request' })])
  }
  announcePatch(server, party.account, name, party.deviceId)
  return node('collection', { name, version: String(collectionOf(appState, name).version) })
}

/** The other devices are told to come and fetch. */
export function announcePatch(server: Server, account: AccountState, name: string, writer: number): void {
  const collection = node('collection', { name, version: String(collectionOf(account.appState, name).version) })
  for (const party of partiesOf(account)) {
    if (party.deviceId === 0 || party.deviceId === writer) continue
    server.notify(party, 'server_sync', bareJid(account), [collection])
  }
}
