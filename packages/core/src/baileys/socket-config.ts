import {
  Browsers,
  type GroupMetadata,
  proto,
  type UserFacingSocketConfig,
  type WASocket,
} from '@whiskeysockets/baileys'
import { chatKindOf, normalizeJid } from '../types/jid.js'
import type { SessionSettings } from '../types/session.js'
import type { BaileysAuthState } from './auth-state.js'
import type { BaileysConnectorOptions } from './baileys-connector.js'
import { quietLogger } from './quiet-logger.js'
import type { AccountSignal } from './signal-engine.js'

export interface SocketConfigParts {
  options: BaileysConnectorOptions
  settings: SessionSettings
  auth: BaileysAuthState
  account: AccountSignal
  getMessage(id: string): Promise<Uint8Array | undefined>
  groupMetadata(groupId: string): Promise<GroupMetadata>
}

/** Everything Baileys is told, in one place. */
export function socketConfig({
  options,
  settings,
  auth,
  account,
  getMessage,
  groupMetadata,
}: SocketConfigParts): UserFacingSocketConfig {
  const { preload } = settings
  return {
    auth: { creds: auth.creds, keys: account.keys },
    makeSignalRepository: account.makeSignalRepository,
    logger: quietLogger(options.logger),
    ...(options.webSocketUrl ? { waWebSocketUrl: options.webSocketUrl } : {}),
    ...(options.version ? { version: options.version } : {}),
    ...(options.qrLifetimeMs ? { qrTimeout: options.qrLifetimeMs } : {}),
    connectTimeoutMs: options.connectTimeoutMs,
    keepAliveIntervalMs: options.keepAliveIntervalMs,
    browser: settings.deviceName ? [settings.deviceName, 'Chrome', '1.0'] : Browsers.macOS('Chrome'),
    markOnlineOnConnect: settings.markOnline === true,
    // What we send is stored before it is sent; Baileys' own copy of it would come back as an event, up to 30 s late.
    emitOwnEvents: false,
    // A failed commit ends the connection (see auth-state): trying again inside would hold the account's locks for 30 s.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
    syncFullHistory: false,
    shouldSyncHistoryMessage: ({ syncType }) =>
      preload?.type !== 'none' || syncType === proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP,
    shouldIgnoreJid: (jid) => settings.ignoreGroups === true && chatKindOf(normalizeJid(jid) ?? jid) === 'group',
    getMessage: async ({ id }) => {
      const raw = id ? await getMessage(id) : undefined
      return raw ? proto.Message.decode(raw) : undefined
    },
    cachedGroupMetadata: groupMetadata,
  }
}

/** What Baileys does not type: the parts of its socket that are reached into. All of them stand here. */
interface SocketInternals {
  ws: {
    /** The `ws` WebSocket under Baileys' client. */
    socket?: { terminate(): void } | null
    close(): Promise<void>
  }
  messageRetryManager?: { addRecentMessage(to: string, id: string, message: proto.IMessage): void } | null
}

/** How long a server may take to answer our closing frame. */
const CLOSE_TIMEOUT_MS = 1_000

/**
 * Changes a new socket in two places. Closing does not wait 30 s for a server that is silent, and messages are not kept a
 * second time in memory, each with a timer of five minutes: the cache of Baileys is looked up by a device JID, never matches
 * what was put in by chat, and the store answers instead (`getMessage`).
 */
export function adaptSocket(socket: WASocket): { terminate(): void } {
  const { ws, messageRetryManager } = socket as unknown as SocketInternals
  const terminate = () => ws.socket?.terminate()
  const close = ws.close.bind(ws)
  ws.close = async () => {
    const timer = setTimeout(terminate, CLOSE_TIMEOUT_MS)
    await close().finally(() => clearTimeout(timer))
  }
  if (messageRetryManager) messageRetryManager.addRecentMessage = () => undefined
  return { terminate }
}
