import {
  Browsers,
  type GroupMetadata,
  proto,
  type UserFacingSocketConfig,
  type WAMessageKey,
} from '@whiskeysockets/baileys'
import { chatKindOf, normalizeJid } from '../../records/jid.js'
import type { SessionSettings } from '../../types/session.js'
import type { WebVersion } from '../../types/web-version.js'
import type { BaileysConnectorOptions } from '../baileys-connector.js'
import type { BaileysAuthState } from '../credentials/auth-state.js'
import type { AccountSignal } from '../signal-engine.js'
import type { DeviceListCache } from './device-list-cache.js'
import { createProxyAgent } from './proxy-agent.js'
import { quietLogger } from './quiet-logger.js'

export interface SocketConfigParts {
  options: BaileysConnectorOptions
  settings: SessionSettings
  version: WebVersion | undefined
  auth: BaileysAuthState
  account: AccountSignal
  getMessage(key: WAMessageKey): Promise<Uint8Array | undefined>
  groupMetadata(groupId: string): Promise<GroupMetadata>
  deviceLists: DeviceListCache
  /** What another device of the account has done, as Baileys says it at trace level. */
  syncAction(fields: unknown): void
  /** A mistake of Baileys while it had a message in hand, whose id this is. */
  stumbled(messageId: string): void
}

/** Everything Baileys is told, in one place. */
export function socketConfig({
  options,
  settings,
  version,
  auth,
  account,
  getMessage,
  groupMetadata,
  deviceLists,
  syncAction,
  stumbled,
}: SocketConfigParts): UserFacingSocketConfig {
  const { preload, proxyUrl } = settings
  return {
    auth: { creds: auth.creds, keys: account.keys },
    makeSignalRepository: account.makeSignalRepository,
    logger: quietLogger(options.logger, {
      traced: (fields, message) => {
        if (message === 'processing sync action') syncAction(fields)
      },
      failed: (fields, message) => {
        const messageId = message === 'error in handling message' ? stumbledOver(fields) : undefined
        if (messageId) stumbled(messageId)
      },
    }),
    ...(options.webSocketUrl ? { waWebSocketUrl: options.webSocketUrl } : {}),
    ...(proxyUrl ? { agent: createProxyAgent(proxyUrl, options.proxyGuard) } : {}),
    ...(version ? { version: [...version] } : {}),
    ...(options.qrLifetimeMs ? { qrTimeout: options.qrLifetimeMs } : {}),
    // Our watchdog ends what does not open. With a time of its own Baileys would also guard every frame that it sends, by a
    // timer, two stack traces and an error that nobody sees: a tenth of the CPU per message.
    connectTimeoutMs: 0,
    // The connection is kept alive together with others (see KeepAlive): this is the longest that a timer of Node.js can be.
    keepAliveIntervalMs: 2 ** 31 - 1,
    browser: settings.deviceName ? [settings.deviceName, 'Chrome', '1.0'] : Browsers.macOS('Chrome'),
    markOnlineOnConnect: settings.markOnline === true,
    // What we send is stored before it is sent; Baileys' own copy of it would come back as an event, up to 30 s late.
    emitOwnEvents: false,
    // A failed commit ends the connection (see auth-state): trying again inside would hold the account's locks for 30 s.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
    syncFullHistory: false,
    shouldSyncHistoryMessage: ({ syncType }) =>
      preload?.type !== 'none' || syncType === proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP,
    shouldIgnoreJid: (jid) => isIgnored(jid, settings),
    getMessage: async (key) => {
      const raw = await getMessage(key)
      return raw ? proto.Message.decode(raw) : undefined
    },
    cachedGroupMetadata: groupMetadata,
    userDevicesCache: deviceLists,
  }
}

/** Whether what comes from there is wanted by nobody. */
export function isIgnored(jid: string, { ignoreGroups }: Pick<SessionSettings, 'ignoreGroups'>): boolean {
  return ignoreGroups === true && chatKindOf(normalizeJid(jid) ?? jid) === 'group'
}

/** What Baileys says of it: the error, and the stanza as XML. Whatever else ends its work comes again, as it was not acknowledged. */
function stumbledOver(fields: unknown): string | undefined {
  const { error, node } = fields as { error?: unknown; node?: unknown }
  if (!(error instanceof TypeError) || typeof node !== 'string') return undefined
  return /^<message\b[^>]*? id='([^']+)'/.exec(node)?.[1]
}
