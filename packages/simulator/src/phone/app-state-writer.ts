import { type ChatModification, chatModificationToAppPatch, encodeSyncdPatch, proto } from '@whiskeysockets/baileys'
import { type AppStateCollections, appendPatch, collectionOf } from '../model/app-state.js'
import type { AccountState } from '../model/state.js'
import { announcePatch } from '../server/app-state.js'
import type { ServerContext } from '../server/server-context.js'
import type { MessageContent } from './message-content.js'

/** Writes to app state as the phone: archive, mute, pin a chat, the own name. Callers hold the phone's app-state lock. */
export async function writeAppState(
  server: ServerContext,
  account: AccountState,
  modification: ChatModification,
  chat: string,
): Promise<void> {
  const { appState } = account
  const create = chatModificationToAppPatch(modification, chat)
  const { hash, version, valueMacs } = collectionOf(appState, create.type)
  const indexValueMap = Object.fromEntries([...valueMacs].map(([index, valueMac]) => [index, { valueMac }]))
  const { patch } = await encodeSyncdPatch(create, keyIdOf(account), { hash, version, indexValueMap }, async () => ({
    keyData: appState.keyData,
  }))
  const refused = appendPatch(appState, create.type, proto.SyncdPatch.fromObject(patch))
  if (refused !== undefined) throw new Error(`The phone made ${refused}`)
  announcePatch(server, account, create.type, 0)
  server.changed()
}

const keyIdOf = (account: AccountState): string => account.appState.keyId.toString('base64')

/** The key for all of it, which a new companion gets before anything else. */
export const appStateKeyShare = ({ appState }: AccountState): MessageContent => keyShare([keyOf(appState)])

/** The answer to a companion that misses keys: a key that nobody has comes without its data. */
export const requestedKeys = ({ appState }: AccountState, ids: readonly Uint8Array[]): MessageContent =>
  keyShare(ids.map((keyId) => (appState.keyId.equals(keyId) ? keyOf(appState) : { keyId: { keyId } })))

const keyOf = ({ keyId, keyData, keyTimestamp }: AppStateCollections): proto.Message.IAppStateSyncKey => ({
  keyId: { keyId },
  keyData: {
    keyData,
    fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0] },
    timestamp: keyTimestamp,
  },
})

const keyShare = (keys: proto.Message.IAppStateSyncKey[]): MessageContent => ({
  protocolMessage: {
    type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
    appStateSyncKeyShare: { keys },
  },
})
