import { proto } from '@whiskeysockets/baileys'
import { type AppStateCollection, appendPatch, collectionOf } from '../model/app-state.js'
import { announcePatch } from '../server/app-state.js'
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
  const missing = patchesSince(collection, since)
  return node('collection', versionOf(name, collection), missing.length > 0 ? missing : undefined)
}

const versionOf = (name: string, { version }: AppStateCollection) => ({
  name,
  version: String(version),
  has_more_patches: 'false',
})

function patchesSince({ patches }: AppStateCollection, version: number): BinaryNode[] {
  const missing = patches.slice(version).map((patch) => node('patch', {}, patch))
  return missing.length > 0 ? [node('patches', {}, missing)] : []
}

function acceptUpload(query: Query, name: string, since: number, upload: Buffer): BinaryNode {
  const { server, party, connection } = query
  const { appState } = party.account
  const collection = collectionOf(appState, name)
  if (since !== collection.version) {
    // With what the client has to know first: it applies that and tries again.
    const conflict = node('error', { code: '409', text: 'conflict' })
    const attributes = { ...versionOf(name, collection), type: 'error' }
    return node('collection', attributes, [conflict, ...patchesSince(collection, since)])
  }
  const refused = appendPatch(appState, name, proto.SyncdPatch.decode(upload))
  if (refused !== undefined) {
    server.log.recordViolation({ code: 'BAD_STANZA', message: `app state: ${refused}`, ...connection.subject })
    return node('collection', { name, type: 'error' }, [node('error', { code: '400', text: 'bad-request' })])
  }
  announcePatch(server, party.account, name, party.deviceId)
  return node('collection', { name, version: String(collection.version) })
}
